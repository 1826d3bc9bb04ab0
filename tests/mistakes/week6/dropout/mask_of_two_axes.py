# task: dropout
# status: error
# words: "shapes"


def dropout(x, rate, key, train):
    kept = jax.random.bernoulli(key, 1 - rate, x.shape[:2])
    return jnp.where(kept, x / (1 - rate), 0) if train else x
