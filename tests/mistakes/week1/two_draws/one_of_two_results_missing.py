# task: two_draws
# status: failed
# words: "two arrays", "return first, second"


def two_draws(key, n):
    return jax.random.normal(key, (n,))  # <-
