# task: sigmoid_cross_entropy
# status: failed
# words: "sum", "mean"


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    return -jnp.sum(jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x)))
