# task: one_hot
# status: failed
# words: "in the first row"
# points: 0


def one_hot(labels, classes):
    return jnp.zeros((len(labels), classes)).at[0, labels].set(1.0)  # <-
