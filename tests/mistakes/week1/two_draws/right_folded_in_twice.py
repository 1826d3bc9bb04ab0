# task: two_draws
# status: passed


def two_draws(key, n):
    return tuple(jax.random.normal(jax.random.fold_in(key, i), (n,)) for i in (1, 2))
