# task: normalise
# status: passed


def normalise(images):
    return images / 255.0
