# task: cross_entropy
# status: passed


def cross_entropy(logits, labels):
    true = jnp.take_along_axis(logits, labels[:, None], axis=-1)[:, 0]
    return jnp.mean(jax.scipy.special.logsumexp(logits, axis=-1) - true)
