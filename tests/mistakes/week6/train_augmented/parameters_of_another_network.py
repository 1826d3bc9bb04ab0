# task: train_augmented
# status: failed
# words: "not the parameters of the model"


def train_augmented(images, labels, key):
    return lib.flowers_baseline().init(key, images[:1] / np.float32(255))["params"]
