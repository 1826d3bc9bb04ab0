# task: count_trainable
# status: failed
# words: "counted the frozen ones; count the others"


def count_trainable(params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))
    arrays = jax.tree.leaves(params)
    return sum(a.size for a, kind in zip(arrays, labels) if kind == "frozen")
