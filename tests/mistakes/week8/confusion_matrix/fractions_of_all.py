# task: confusion_matrix
# status: failed
# words: "fractions of all examples"
# points: 0


def confusion_matrix(labels, predicted, classes):
    counts = jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].add(1)
    return counts / len(labels)
