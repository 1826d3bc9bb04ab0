# task: cross_entropy
# status: failed
# words: "most likely class", "true one"
# points: 0


def cross_entropy(logits, labels):
    return -jnp.mean(jax.nn.log_softmax(logits).max(axis=-1))  # <-
