# task: replace_head
# status: failed
# words: "still has the old kernel"
# not: "instead"
# points: 0


def replace_head(params, head, classes, key):
    return params
