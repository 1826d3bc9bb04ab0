# task: mean_squared_error
# status: error
# words: "NameError", "eror"
# points: 0


def mean_squared_error(predictions, targets):
    error = predictions.reshape(-1) - targets.reshape(-1)
    return jnp.mean(jnp.square(eror))  # <-
