# task: unchanged
# status: failed
# words: "has changed"


def unchanged(before, after, frozen):
    return True
