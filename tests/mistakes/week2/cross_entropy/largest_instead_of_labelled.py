# task: cross_entropy
# status: failed


def cross_entropy(logits, labels):
    return -jnp.mean(jax.nn.log_softmax(logits).max(axis=-1))
