# task: set_last
# status: failed
# words: "nothing has changed", "keep it"
# points: 0


def set_last(values, new):
    values.at[-1].set(new)
    return values  # <-
