# task: unchanged
# status: failed
# words: "false every time"
# points: 0


def unchanged(before, after, frozen):
    return False
