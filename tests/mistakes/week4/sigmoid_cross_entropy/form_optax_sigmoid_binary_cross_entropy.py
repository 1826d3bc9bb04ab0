# task: sigmoid_cross_entropy
# status: failed
# words: "you write this one", "optax.sigmoid_binary_cross_entropy"


def sigmoid_cross_entropy(logits, labels):
    return optax.sigmoid_binary_cross_entropy(logits[:, 0], labels).mean()
