# task: normalise
# status: failed
# words: "should be float"
# points: 0


def normalise(images):
    return images  # <-
