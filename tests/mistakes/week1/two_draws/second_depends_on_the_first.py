# task: two_draws
# status: failed
# words: "depends on the first", "correlation is 0."
# points: 0


def two_draws(key, n):
    first_key, second_key = jax.random.split(key)
    first = jax.random.normal(first_key, (n,))
    return first, 0.6 * first + 0.8 * jax.random.normal(second_key, (n,))  # <-
