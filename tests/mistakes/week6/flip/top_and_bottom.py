# task: flip
# status: failed
# words: "top and bottom"


def flip(images):
    return images[:, ::-1]
