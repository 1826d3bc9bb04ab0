# task: dropout
# status: failed
# words: "that was done in training"
# points: 2


def dropout(x, rate, key, train):
    if not train:
        return x * (1 - rate)
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0.0)
