# task: set_last
# status: failed
# words: "last but one", "-1"
# points: 0


def set_last(values, new):
    return values.at[-2].set(new)  # <-
