# task: train_line
# status: failed
# words: "after each step", "before its step"
# points: 1.5


def train_line(x, y, learning_rate, epochs):
    weight, bias, losses = jnp.float32(0), jnp.float32(0), []
    for _ in range(epochs):
        weight, bias = gradient_step(weight, bias, x, y, learning_rate)
        losses.append(float(mean_squared_error(weight * x + bias, y)))
    return float(weight), float(bias), losses  # <-
