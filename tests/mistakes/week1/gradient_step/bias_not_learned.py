# task: gradient_step
# status: failed
# words: "only the weight has moved"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    error = weight * x + bias - y
    return weight - 2 * learning_rate * (error * x).mean(), bias  # <-
