# task: set_last
# status: failed
# words: "nothing has changed", "beyond the end", "without an error"
# points: 0


def set_last(values, new):
    return values.at[len(values)].set(new)  # <-
