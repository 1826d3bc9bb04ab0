# task: confusion_matrix
# status: failed
# words: "counts every example"
# points: 0


def confusion_matrix(labels, predicted, classes):
    return jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].set(1)
