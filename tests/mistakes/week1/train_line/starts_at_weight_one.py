# task: train_line
# status: failed
# words: "starts at weight 0 and bias 0"
# points: 0


def train_line(x, y, learning_rate, epochs):
    weight, bias, losses = 1.0, 0.0, []
    for _ in range(epochs):
        error = weight * x + bias - y
        losses.append(float((error**2).mean()))
        weight = weight - 2 * learning_rate * float((error * x).mean())
        bias = bias - 2 * learning_rate * float(error.mean())
    return weight, bias, losses  # <-
