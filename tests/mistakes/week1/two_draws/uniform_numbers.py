# task: two_draws
# status: failed
# words: "between 0 and 1", "uniform"
# points: 0


def two_draws(key, n):
    first_key, second_key = jax.random.split(key)
    return jax.random.uniform(first_key, (n,)), jax.random.uniform(second_key, (n,))  # <-
