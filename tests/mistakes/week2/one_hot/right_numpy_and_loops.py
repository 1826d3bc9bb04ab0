# task: one_hot
# status: passed


def one_hot(labels, classes):
    rows = np.zeros((len(labels), classes))
    for row, label in enumerate(labels):
        rows[row, int(label)] = 1
    return rows
