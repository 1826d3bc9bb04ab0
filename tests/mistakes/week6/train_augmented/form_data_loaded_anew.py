# task: train_augmented
# status: failed
# words: "lib.load"


def train_augmented(images, labels, key):
    return lib.load("cats_and_dogs", train_size=1_000).train
