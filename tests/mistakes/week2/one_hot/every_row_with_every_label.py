# task: one_hot
# status: failed
# words: "every row has the ones of all labels", "jnp.arange(n), labels"
# points: 0


def one_hot(labels, classes):
    return jnp.zeros((len(labels), classes)).at[:, labels].set(1.0)  # <-
