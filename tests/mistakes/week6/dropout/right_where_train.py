# task: dropout
# status: passed


def dropout(x, rate, key, train):
    dropped = jax.random.choice(key, 2, x.shape, p=jnp.array([1 - rate, rate])) == 1
    return jnp.where(train, jnp.where(dropped, 0, x) / (1 - rate), x)
