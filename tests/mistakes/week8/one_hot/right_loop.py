# task: one_hot
# status: passed


def one_hot(labels, classes):
    rows = np.zeros((len(labels), classes), np.float32)
    for row, label in enumerate(labels):
        rows[row, int(label)] = 1
    return rows
