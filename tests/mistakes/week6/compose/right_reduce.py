# task: compose
# status: passed


def compose(*matrices):
    import functools

    return functools.reduce(jnp.matmul, matrices)
