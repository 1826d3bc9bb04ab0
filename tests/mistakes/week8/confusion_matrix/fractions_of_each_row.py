# task: confusion_matrix
# status: failed
# words: "fractions of each row"
# points: 0


def confusion_matrix(labels, predicted, classes):
    table = jnp.zeros((classes, classes)).at[labels, predicted].add(1)
    return table / table.sum(axis=1, keepdims=True)
