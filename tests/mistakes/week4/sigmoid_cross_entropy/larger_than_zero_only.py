# task: sigmoid_cross_entropy
# status: failed
# words: "max(0, x) instead of log(1 + exp(x))"
# not: "sum"
# points: 0


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    each = jnp.maximum(0, -jnp.where(labels == 1, x, -x))
    return jnp.mean(each)
