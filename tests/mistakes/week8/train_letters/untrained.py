# task: train_letters
# status: failed
# words: "hardly better than guessing"
# points: 0


def train_letters(images, labels, key):
    return lib.sign_letters().init(key, jnp.zeros((1, 28, 28, 1)))["params"]
