# task: mean_squared_error
# status: passed


@jax.jit
def mean_squared_error(predictions, targets):
    error = predictions.reshape(-1) - targets.reshape(-1)
    print("the error is", error)
    jax.debug.print("and its values are {}", error)
    return jnp.mean(jnp.square(error))
