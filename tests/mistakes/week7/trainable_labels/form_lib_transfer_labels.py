# task: trainable_labels
# status: failed
# words: "you write this one", "lib.transfer.labels"


def trainable_labels(params, frozen):
    return lib.transfer.labels(params, frozen)
