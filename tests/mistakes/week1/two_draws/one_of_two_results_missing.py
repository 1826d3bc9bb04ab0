# task: two_draws
# status: failed
# words: "two arrays", "return first, second"
# points: 0


def two_draws(key, n):
    return jax.random.normal(key, (n,))  # <-
