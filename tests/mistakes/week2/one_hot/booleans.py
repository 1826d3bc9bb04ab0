# task: one_hot
# status: failed
# words: "bool", "float", "astype"


def one_hot(labels, classes):
    return labels[:, None] == jnp.arange(classes)  # <-
