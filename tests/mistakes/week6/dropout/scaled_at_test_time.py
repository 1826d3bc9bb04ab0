# task: dropout
# status: failed
# words: "training has done that already"
# points: 2


def dropout(x, rate, key, train):
    if not train:
        return x * (1 - rate)
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0.0)
