# task: two_draws
# status: passed


def two_draws(key, n):
    keys = jax.random.split(key)
    first, second = jax.vmap(lambda key: jax.random.normal(key, (n,)))(keys)
    return [first, second]
