# task: two_draws
# status: passed


def two_draws(key, n):
    draws = []
    for _ in range(2):
        key, draw_key = jax.random.split(key)
        draws.append(jax.random.normal(draw_key, shape=(n,), dtype=jnp.float32))
    return draws
