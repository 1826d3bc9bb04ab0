# task: confusion_matrix
# status: passed


def confusion_matrix(labels, predicted, classes):
    table = np.zeros((classes, classes), int)
    for label, answer in zip(labels, predicted):
        table[label, answer] += 1
    return table
