# task: dropout
# status: failed
# words: "another key dropped the same"


def dropout(x, rate, key, train):
    kept = jax.random.bernoulli(jax.random.key(0), 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0) if train else x
