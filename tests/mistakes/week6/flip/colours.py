# task: flip
# status: failed
# words: "colours have changed places"


def flip(images):
    return images[..., ::-1]
