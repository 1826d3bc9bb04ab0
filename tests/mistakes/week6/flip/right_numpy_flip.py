# task: flip
# status: passed


def flip(images):
    return np.flip(np.asarray(images), axis=2)
