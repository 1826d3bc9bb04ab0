# task: two_draws
# status: failed


def two_draws(key, n):
    numbers = np.random.default_rng()
    return tuple(jnp.array(numbers.normal(size=n), jnp.float32) for _ in range(2))
