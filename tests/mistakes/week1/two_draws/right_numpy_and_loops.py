# task: two_draws
# status: passed


def two_draws(key, n):
    return jax.random.normal(key, (2, n))
