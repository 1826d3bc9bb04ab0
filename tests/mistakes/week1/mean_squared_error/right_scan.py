# task: mean_squared_error
# status: passed


def mean_squared_error(predictions, targets):
    pairs = predictions.reshape(-1), targets.reshape(-1)
    add = lambda total, pair: (total + jnp.square(pair[0] - pair[1]), None)
    return jax.lax.scan(add, jnp.float32(0), pairs)[0] / targets.size
