# task: cross_entropy
# status: error
# words: "max(axis=1) dropped the axis", "keepdims=True", "(n, 1)"
# not: "one-hot", "labels"
# points: 0


def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1)  # <-
    log_probabilities = shifted - jnp.log(jnp.exp(shifted).sum(axis=1))
    return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(axis=-1))
