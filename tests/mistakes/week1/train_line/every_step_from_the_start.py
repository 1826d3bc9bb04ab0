# task: train_line
# status: failed
# words: "the result of the first step", "where the last one ended"
# points: 0


def train_line(x, y, learning_rate, epochs):
    start, losses = (jnp.float32(0), jnp.float32(0)), []
    for _ in range(epochs):
        losses.append(float(mean_squared_error(start[0] * x + start[1], y)))
        weight, bias = gradient_step(*start, x, y, learning_rate)
    return float(weight), float(bias), losses  # <-
