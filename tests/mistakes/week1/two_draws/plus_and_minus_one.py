# task: two_draws
# status: failed
# words: "not their distribution"
# points: 0


def two_draws(key, n):
    first_key, second_key = jax.random.split(key)
    return jnp.sign(jax.random.normal(first_key, (n,))), jax.random.normal(second_key, (n,))  # <-
