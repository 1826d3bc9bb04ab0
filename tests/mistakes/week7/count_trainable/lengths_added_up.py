# task: count_trainable
# status: failed
# words: "adds up first axes"
# not: "biases"
# points: 0


def count_trainable(params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))
    arrays = jax.tree.leaves(params)
    return sum(len(a) for a, label in zip(arrays, labels) if label == "trainable")
