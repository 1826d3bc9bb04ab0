# task: dropout
# status: failed
# words: "divided the values you kept by the rate"


def dropout(x, rate, key, train):
    if not train or rate == 0:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / rate, 0.0)
