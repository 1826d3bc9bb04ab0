# task: confusion_matrix
# status: failed
# words: "each example counts twice"
# points: 0


def confusion_matrix(labels, predicted, classes):
    counts = jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].add(1)
    return counts + counts.T
