# task: two_draws
# status: failed
# words: "you used one key twice", "split"
# points: 0


def two_draws(key, n):
    return jax.random.normal(key, (n,)), jax.random.normal(key, (n,))  # <-
