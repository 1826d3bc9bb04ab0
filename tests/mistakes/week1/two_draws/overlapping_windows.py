# task: two_draws
# status: failed


def two_draws(key, n):
    numbers = jax.random.normal(key, (n + 1,))
    return numbers[:-1], numbers[1:]
