# task: trainable_labels
# status: failed
# words: "must look like params", "in the place of each array"


def trainable_labels(params, frozen):
    return {name: "frozen" if name in frozen else "trainable" for name in params}
