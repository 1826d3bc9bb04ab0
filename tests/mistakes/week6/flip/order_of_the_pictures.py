# task: flip
# status: failed
# words: "reversed the order of the pictures"


def flip(images):
    return images[::-1]
