# task: count_trainable
# status: failed
# words: "these are the bytes"
# not: "too large"
# points: 0


def count_trainable(params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))
    arrays = jax.tree.leaves(params)
    return sum(a.nbytes for a, label in zip(arrays, labels) if label == "trainable")
