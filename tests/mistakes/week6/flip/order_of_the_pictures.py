# task: flip
# status: failed
# words: "order of the pictures"


def flip(images):
    return images[::-1]
