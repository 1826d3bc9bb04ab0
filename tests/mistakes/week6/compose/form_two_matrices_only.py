# task: compose
# status: failed
# words: "compose"


def compose(first, second):
    return first @ second
