# task: set_last
# status: failed
# words: "nothing has changed", "keep it"


def set_last(values, new):
    values.at[-1].set(new)
    return values  # <-
