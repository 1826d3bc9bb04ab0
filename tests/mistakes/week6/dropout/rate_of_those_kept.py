# task: dropout
# status: failed
# words: "the wrong way round"


def dropout(x, rate, key, train):
    kept = jax.random.bernoulli(key, rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0) if train else x
