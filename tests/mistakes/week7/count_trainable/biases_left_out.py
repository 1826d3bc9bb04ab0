# task: count_trainable
# status: failed
# words: "biases are missing"
# not: "first axes", "number of arrays"
# points: 0


def count_trainable(params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))
    arrays = jax.tree.leaves(params)
    return sum(a.size for a, label in zip(arrays, labels) if label == "trainable" and a.ndim > 1)
