# task: train_transfer
# status: failed
# words: "these are not the parameters of the model"


def train_transfer(backbone, images, labels, key):
    return lib.TransferHead(hidden=64).init(key, jnp.zeros((1, 5, 5, 128)))["params"]
