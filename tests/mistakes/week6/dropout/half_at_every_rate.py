# task: dropout
# status: failed
# words: "you dropped half of them"
# not: "wrong way round"


def dropout(x, rate, key, train):
    if not train or rate == 0:
        return x
    kept = jax.random.bernoulli(key, 0.5, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)
