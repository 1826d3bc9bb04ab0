# task: train_line
# status: failed
# words: "100 epochs", "use epochs"
# points: 0


def train_line(x, y, learning_rate, epochs):
    weight, bias, losses, step = jnp.float32(0), jnp.float32(0), [], jax.jit(gradient_step)
    for _ in range(100):
        losses.append(float(jnp.mean((weight * x + bias - y) ** 2)))
        weight, bias = step(weight, bias, x, y, learning_rate)
    return float(weight), float(bias), losses  # <-
