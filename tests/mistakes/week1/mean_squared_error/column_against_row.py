# task: mean_squared_error
# status: failed
# words: "every prediction was paired with every target", "(n, n)", "same shape"
# points: 1


def mean_squared_error(predictions, targets):
    return jnp.mean((predictions - targets) ** 2)  # <-
