# task: set_last
# status: failed
# words: "you replaced every element"
# points: 0


def set_last(values, new):
    return values.at[:].set(new)  # <-
