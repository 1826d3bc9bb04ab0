# task: mean_squared_error
# status: failed


def mean_squared_error(predictions, targets):
    return jnp.mean(jnp.abs(predictions.reshape(-1) - targets.reshape(-1)))
