# task: two_draws
# status: failed


def two_draws(key, n):
    first_key, second_key = jax.random.split(key)
    return jax.random.uniform(first_key, (n,)), jax.random.uniform(second_key, (n,))
