# task: dropout
# status: failed
# words: "not scaled"


def dropout(x, rate, key, train):
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x, 0) if train else x
