# task: fit_line
# status: failed
# words: "still the initial parameters"
# points: 0


def fit_line(x, y, key):
    return nn.Dense(1).init(key, x.reshape(-1, 1))["params"]  # <-
