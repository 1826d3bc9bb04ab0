# task: cross_entropy
# status: failed
# words: "wrong sign"
# points: 0


def cross_entropy(logits, labels):
    return jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1))  # <-
