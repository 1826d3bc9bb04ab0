# task: confusion_matrix
# status: failed
# words: "transposed"
# points: 0


def confusion_matrix(labels, predicted, classes):
    return jnp.zeros((classes, classes), jnp.int32).at[predicted, labels].add(1)
