# task: two_draws
# status: failed
# words: "both arrays hold the same numbers", "its own"
# not: "twice"
# points: 0


def two_draws(key, n):
    key, other = jax.random.split(key)
    first = jax.random.normal(other, (n,))
    return first, jnp.array(first)  # <-
