# task: flip
# status: failed
# words: "swapped the colour channels"


def flip(images):
    return images[..., ::-1]
