# task: count_trainable
# status: failed
# words: "number of arrays"


def count_trainable(params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))
    return labels.count("trainable")
