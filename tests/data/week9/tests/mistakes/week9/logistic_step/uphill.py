# task: logistic_step
# status: failed
# words: "uphill", "subtract"
# points: 0


def logistic_step(weights, bias, rows, labels, rate):
    errors = (jax.nn.sigmoid(rows @ weights + bias) - labels) / len(labels)
    return weights + rate * (rows.T @ errors), bias + rate * errors.sum()  # <-
