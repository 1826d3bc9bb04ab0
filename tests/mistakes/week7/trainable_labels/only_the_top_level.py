# task: trainable_labels
# status: failed
# words: "must look like params", "replace each array by a label"


def trainable_labels(params, frozen):
    return {name: "frozen" if name in frozen else "trainable" for name in params}
