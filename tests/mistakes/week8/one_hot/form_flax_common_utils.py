# task: one_hot
# status: failed
# words: "onehot is the answer itself"
# points: 0


def one_hot(labels, classes):
    from flax.training import common_utils

    return common_utils.onehot(labels, classes)
