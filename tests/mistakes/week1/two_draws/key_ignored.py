# task: two_draws
# status: failed
# words: "another key", "same numbers", "passed in"
# points: 0


def two_draws(key, n):
    first, second = jax.random.split(jax.random.key(0))
    return jax.random.normal(first, (n,)), jax.random.normal(second, (n,))  # <-
