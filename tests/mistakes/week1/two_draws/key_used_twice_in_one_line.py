# task: two_draws
# status: failed
# words: "key is used twice in this line", "first_key, second_key = jax.random.split(key)"
# not: "after line", "key, other"
# points: 0


def two_draws(key, n):
    first, second = jax.random.normal(key, (n,)), jax.random.normal(key, (n,))  # <-
    return first, second
