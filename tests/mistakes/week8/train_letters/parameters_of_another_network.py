# task: train_letters
# status: failed
# words: "not the parameters of the model"
# points: 0


def train_letters(images, labels, key):
    return lib.sign_letters(24).init(key, jnp.zeros((1, 28, 28, 1)))["params"]
