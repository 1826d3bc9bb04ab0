# task: confusion_matrix
# status: passed


def confusion_matrix(labels, predicted, classes):
    places = np.asarray(labels) * classes + np.asarray(predicted)
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)
