# task: flip
# status: failed
# words: "you swapped top and bottom"


def flip(images):
    return images[:, ::-1]
