# task: confusion_matrix
# status: failed
# words: "needs its row and its column"
# points: 1


def confusion_matrix(labels, predicted, classes):
    names = np.unique(np.concatenate([labels, predicted]))
    return np.array([[np.sum((labels == i) & (predicted == j)) for j in names] for i in names])
