# task: train_line
# status: failed
# words: "last loss alone", "list"
# points: 1.5


def train_line(x, y, learning_rate, epochs):
    weight, bias, step = jnp.float32(0), jnp.float32(0), jax.jit(gradient_step)
    for _ in range(epochs):
        loss = float(jnp.mean((weight * x + bias - y) ** 2))
        weight, bias = step(weight, bias, x, y, learning_rate)
    return float(weight), float(bias), loss  # <-
