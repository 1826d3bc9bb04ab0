# task: gradient_step
# status: failed


def gradient_step(weight, bias, x, y, learning_rate):
    error = weight * x + bias - y
    weight = weight - 2 * learning_rate * (error * x).mean()
    return bias - 2 * learning_rate * error.mean(), weight
