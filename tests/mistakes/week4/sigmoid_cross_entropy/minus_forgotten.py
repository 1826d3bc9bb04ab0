# task: sigmoid_cross_entropy
# status: failed
# words: "wrong sign"
# not: "way round"
# points: 0


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    each = -jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x))
    return -jnp.mean(each)
