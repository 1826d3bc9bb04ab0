# task: flip
# status: failed
# words: "nothing has changed"
# points: 0


def flip(images):
    return images
