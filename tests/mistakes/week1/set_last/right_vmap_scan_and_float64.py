# task: set_last
# status: passed


def set_last(values, new):
    return jnp.where(jnp.arange(values.size) == values.size - 1, new, values)
