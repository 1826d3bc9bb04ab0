# task: sigmoid_cross_entropy
# status: failed
# words: "only the examples with label 1"


def sigmoid_cross_entropy(logits, labels):
    return -jnp.mean(labels * jax.nn.log_sigmoid(logits.reshape(-1)))
