# task: flip
# status: failed
# words: "flip"


def flip(images):
    return images / 255
