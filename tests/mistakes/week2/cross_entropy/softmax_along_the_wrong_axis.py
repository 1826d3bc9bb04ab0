# task: cross_entropy
# status: failed
# words: "wrong axis", "each row"
# points: 0


def cross_entropy(logits, labels):
    log_probabilities = jax.nn.log_softmax(logits, axis=0)
    return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))  # <-
