# task: one_hot
# status: failed
# words: "these are True and False, but should be floats", ".astype(jnp.float32)"
# not: "fractions"
# points: 0


def one_hot(labels, classes):
    return labels[:, None] == jnp.arange(classes)  # <-
