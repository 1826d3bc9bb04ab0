# task: set_last
# status: failed


def set_last(values, new):
    return jnp.where(values == values[-1], new, 0.0)
