# task: dropout
# status: passed


def dropout(x, rate, key, train):
    if train:
        return x * (jax.random.uniform(key, x.shape) >= rate) / (1 - rate)
    return x
