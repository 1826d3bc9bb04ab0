# task: trainable_labels
# status: failed
# words: "every label is \"trainable\""
# not: "swapped"
# points: 0


def trainable_labels(params, frozen):
    return jax.tree.map(lambda array: "frozen" if array in frozen else "trainable", params)
