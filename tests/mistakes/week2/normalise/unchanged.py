# task: normalise
# status: failed
# words: "as before"
# points: 0


def normalise(images):
    return images  # <-
