# task: confusion_matrix
# status: passed


def confusion_matrix(labels, predicted, classes):
    rows, columns = (jnp.arange(classes)[:, None] == each for each in (labels, predicted))
    return rows.astype(int) @ columns.astype(int).T
