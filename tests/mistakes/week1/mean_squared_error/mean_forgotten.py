# task: mean_squared_error
# status: failed
# words: "one for each example", "mean is missing"
# points: 0


def mean_squared_error(predictions, targets):
    return (predictions.reshape(-1) - targets.reshape(-1)) ** 2  # <-
