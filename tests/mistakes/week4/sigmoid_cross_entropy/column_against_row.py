# task: sigmoid_cross_entropy
# status: failed
# words: "(n, n)", "reshape"


def sigmoid_cross_entropy(logits, labels):
    p = jax.nn.sigmoid(logits)
    return -jnp.mean(labels * jnp.log(p) + (1 - labels) * jnp.log(1 - p))
