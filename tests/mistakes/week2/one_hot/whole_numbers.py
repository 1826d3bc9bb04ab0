# task: one_hot
# status: failed
# words: "these are integers, but should be floats", ".astype(jnp.float32)", "/ keeps fractions"
# points: 0


def one_hot(labels, classes):
    return (labels[:, None] == jnp.arange(classes)).astype(jnp.int32)  # <-
