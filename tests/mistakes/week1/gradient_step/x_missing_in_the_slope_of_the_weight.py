# task: gradient_step
# status: failed
# words: "lacks the factor x"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    slope = 2 * jnp.mean(weight * x + bias - y)
    return weight - learning_rate * slope, bias - learning_rate * slope  # <-
