# task: train_line
# status: failed
# words: "(x, y, learning_rate, epochs)", "(x, y, rate, epochs)", "keep the names"
# points: 0


def train_line(x, y, rate, epochs):  # <-
    return 0.0, 0.0, [0.0] * epochs
