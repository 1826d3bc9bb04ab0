# task: cross_entropy
# status: failed
# words: "runs over the classes too"
# points: 0


def cross_entropy(logits, labels):
    return -(one_hot(labels, logits.shape[-1]) * jax.nn.log_softmax(logits)).mean()  # <-
