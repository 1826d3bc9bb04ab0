# task: train_transfer
# status: failed
# words: "these are not the parameters of the model"
# points: 0


def train_transfer(backbone, images, labels, key):
    return backbone
