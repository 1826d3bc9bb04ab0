# task: train_line
# status: failed
# words: "one loss", "loop ended"
# points: 0


def train_line(x, y, learning_rate, epochs):
    weight, bias, losses = jnp.float32(0), jnp.float32(0), []
    for _ in range(epochs):
        losses.append(float(mean_squared_error(weight * x + bias, y)))
        weight, bias = gradient_step(weight, bias, x, y, learning_rate)
        return float(weight), float(bias), losses  # <-
