# task: sigmoid_cross_entropy
# status: failed
# words: "labels are the wrong way round"
# not: "sign"
# points: 0


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    each = -jax.nn.log_sigmoid(jnp.where(labels == 0, x, -x))
    return jnp.mean(each)
