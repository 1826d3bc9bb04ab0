# task: confusion_matrix
# status: failed
# words: "only the right answers"
# points: 0


def confusion_matrix(labels, predicted, classes):
    counts = jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].add(1)
    return jnp.diag(jnp.diag(counts))
