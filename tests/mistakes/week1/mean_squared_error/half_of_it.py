# task: mean_squared_error
# status: failed
# words: "half", "l2_loss"
# points: 0


def mean_squared_error(predictions, targets):
    return optax.l2_loss(predictions.reshape(-1), targets.reshape(-1)).mean()  # <-
