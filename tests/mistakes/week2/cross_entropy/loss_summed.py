# task: cross_entropy
# status: failed
# words: "sum", "mean"
# points: 0


def cross_entropy(logits, labels):
    log_probabilities = jax.nn.log_softmax(logits)
    return -(one_hot(labels, logits.shape[-1]) * log_probabilities).sum()  # <-
