# task: dropout
# status: failed
# words: "train=False"


def dropout(x, rate, key, train):
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0)
