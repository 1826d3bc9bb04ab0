# task: set_last
# status: failed
# words: "every element was replaced"
# points: 0


def set_last(values, new):
    return values.at[:].set(new)  # <-
