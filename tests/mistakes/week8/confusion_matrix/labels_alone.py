# task: confusion_matrix
# status: failed
# words: "counts of the labels alone"
# points: 0


def confusion_matrix(labels, predicted, classes):
    return jnp.bincount(labels, length=classes)
