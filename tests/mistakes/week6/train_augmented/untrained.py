# task: train_augmented
# status: failed
# words: "too low", "guessing"


def train_augmented(images, labels, key):
    return lib.cats_and_dogs().init(key, images[:1] / np.float32(255))["params"]
