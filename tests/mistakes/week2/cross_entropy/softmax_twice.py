# task: cross_entropy
# status: failed
# words: "you applied softmax twice"
# points: 0


def cross_entropy(logits, labels):
    probabilities = jax.nn.softmax(logits)
    log_probabilities = jax.nn.log_softmax(probabilities)
    return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))  # <-
