# task: mean_squared_error
# status: passed


def mean_squared_error(predictions, targets):
    error = jnp.ravel(predictions) - jnp.ravel(targets)
    return jnp.einsum("i,i->", error, error) / error.size
