# task: mean_squared_error
# status: error
# words: "shapes", ".shape"
# points: 0


def mean_squared_error(predictions, targets):
    return jnp.mean((predictions[:-1] - targets) ** 2)  # <-
