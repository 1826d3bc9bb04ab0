# task: sigmoid_cross_entropy
# status: failed
# words: "mean over the examples is missing"


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    return -jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x))
