# task: one_hot
# status: failed
# words: "too far to the left", "class 0 has none"
# points: 0


def one_hot(labels, classes):
    return (labels[:, None] == jnp.arange(1, classes + 1)).astype(jnp.float32)  # <-
