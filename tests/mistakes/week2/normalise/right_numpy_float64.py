# task: normalise
# status: passed


def normalise(images):
    return np.asarray(images) / 255.0
