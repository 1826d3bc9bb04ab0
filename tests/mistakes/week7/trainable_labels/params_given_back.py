# task: trainable_labels
# status: failed
# words: "there is no label at", "two strings"
# points: 0


def trainable_labels(params, frozen):
    return params
