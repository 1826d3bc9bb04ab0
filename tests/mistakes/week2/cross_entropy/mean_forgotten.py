# task: cross_entropy
# status: failed
# words: "losses of the individual examples", "take their mean"
# points: 0


def cross_entropy(logits, labels):
    return -(one_hot(labels, logits.shape[-1]) * jax.nn.log_softmax(logits)).sum(-1)  # <-
