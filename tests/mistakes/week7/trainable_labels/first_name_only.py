# task: trainable_labels
# status: failed
# words: "only the first name of the path"
# not: "swapped", "beginnings"
# points: 0


def trainable_labels(params, frozen):
    return {
        name: jax.tree.map(lambda array: "frozen" if name in frozen else "trainable", layer)
        for name, layer in params.items()
    }
