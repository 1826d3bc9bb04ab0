# task: two_draws
# status: failed
# words: "split from it", "you used `key` twice", "first_key, second_key"
# points: 0


def two_draws(key, n):
    _, other = jax.random.split(key)
    return jax.random.normal(key, (n,)), jax.random.normal(other, (n,))  # <-
