# task: two_draws
# status: failed
# words: "split from it", "you used `key` twice"
# points: 0


def two_draws(key, n):
    second = jax.random.normal(jax.random.fold_in(key, 1), (n,))
    return jax.random.normal(key, (n,)), second  # <-
