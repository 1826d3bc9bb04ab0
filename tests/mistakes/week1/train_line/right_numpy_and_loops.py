# task: train_line
# status: passed


def train_line(x, y, learning_rate, epochs):
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    weight, bias, losses = 0.0, 0.0, []
    for _ in range(epochs):
        error = weight * x + bias - y
        losses.append(np.mean(error**2))
        weight -= learning_rate * 2 * np.mean(error * x)
        bias -= learning_rate * 2 * np.mean(error)
    return weight, bias, np.array(losses)
