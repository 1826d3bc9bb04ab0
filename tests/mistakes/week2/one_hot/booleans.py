# task: one_hot
# status: failed
# words: "bool", "float", "astype"
# points: 0


def one_hot(labels, classes):
    return labels[:, None] == jnp.arange(classes)  # <-
