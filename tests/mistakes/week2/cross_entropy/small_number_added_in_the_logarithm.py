# task: cross_entropy
# status: failed


def cross_entropy(logits, labels):
    probabilities = jax.nn.softmax(logits)[jnp.arange(len(labels)), labels]
    return -jnp.mean(jnp.log(probabilities + 1e-7))
