# task: mean_squared_error
# status: error
# words: "TracerBoolConversionError", "jnp.where"
# points: 1.5


def mean_squared_error(predictions, targets):
    error = predictions.reshape(-1) - targets.reshape(-1)
    if jnp.all(error == 0):  # <-
        return jnp.float32(0)
    return jnp.mean(error**2)
