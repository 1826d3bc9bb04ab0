# task: cross_entropy
# status: failed
# words: "sigmoids", "softmax divides by the sum"
# points: 0


def cross_entropy(logits, labels):
    right = one_hot(labels, logits.shape[-1])
    each = right * jax.nn.log_sigmoid(logits) + (1 - right) * jax.nn.log_sigmoid(-logits)
    return -each.sum(axis=-1).mean()  # <-
