# task: set_last
# status: failed


def set_last(values, new):
    return jnp.append(values, new)
