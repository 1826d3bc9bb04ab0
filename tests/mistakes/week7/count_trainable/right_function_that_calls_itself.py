# task: count_trainable
# status: passed


def count_trainable(params, frozen):
    def count(tree, labels):
        if isinstance(tree, dict):
            return sum(count(tree[name], labels[name]) for name in tree)
        return tree.size * (labels == "trainable")

    return count(params, trainable_labels(params, frozen))
