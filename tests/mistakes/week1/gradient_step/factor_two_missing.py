# task: gradient_step
# status: failed
# words: "half of what it should be", "factor 2"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    error = weight * x + bias - y
    return weight - learning_rate * (error * x).mean(), bias - learning_rate * error.mean()  # <-
