# task: train_line
# status: failed


def train_line(x, y, learning_rate, epochs):
    weight, bias, losses = 0.0, 0.0, []
    for _ in range(epochs - 1):
        error = weight * x + bias - y
        losses.append(float((error**2).mean()))
        weight = weight - 2 * learning_rate * float((error * x).mean())
        bias = bias - 2 * learning_rate * float(error.mean())
    return weight, bias, losses
