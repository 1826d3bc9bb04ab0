# task: replace_head
# status: passed


def replace_head(params, head, classes, key):
    new = dict(params)
    shape = (len(params[head]["kernel"]), classes)
    deviation = shape[0] ** -0.5
    wide = 3**0.5 * deviation
    kernel = jax.random.uniform(key, shape, minval=-wide, maxval=wide)
    new[head] = {"bias": np.zeros(classes, np.float32), "kernel": np.asarray(kernel)}
    return new
