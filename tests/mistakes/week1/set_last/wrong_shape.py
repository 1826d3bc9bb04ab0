# task: set_last
# status: failed
# words: "(6, 1) is not (6,)", "extra axis of length 1"
# points: 0


def set_last(values, new):
    return values.at[-1].set(new).reshape(-1, 1)  # <-
