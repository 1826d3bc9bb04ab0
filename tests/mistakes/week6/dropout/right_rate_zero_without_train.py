# task: dropout
# status: passed


def dropout(x, rate, key, train):
    rate = rate if train else 0.0
    chance = jax.random.uniform(key, x.shape)
    return jnp.where(chance < rate, 0.0, x) / (1 - rate)
