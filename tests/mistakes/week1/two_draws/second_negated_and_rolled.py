# task: two_draws
# status: failed


def two_draws(key, n):
    first = jax.random.normal(key, (n,))
    return first, jnp.roll(-first, 1)
