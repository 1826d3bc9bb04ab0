# task: train_cnn
# status: failed


def train_cnn(images, labels, key):
    return fashion_cnn().init(key, jnp.zeros((1, 28, 28, 1)))["params"]
