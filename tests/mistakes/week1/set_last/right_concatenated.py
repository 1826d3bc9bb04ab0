# task: set_last
# status: passed


def set_last(values, new):
    return jnp.concatenate([values[:-1], jnp.array([new])])
