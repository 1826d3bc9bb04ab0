# task: confusion_matrix
# status: failed
# words: "one row and one column too many"
# points: 0


def confusion_matrix(labels, predicted, classes):
    counts = jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].add(1)
    return jnp.pad(counts, (0, 1))
