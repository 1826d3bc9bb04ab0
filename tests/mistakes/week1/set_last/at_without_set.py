# task: set_last
# status: failed
# words: "not an array yet", ".set(new)"
# not: "_IndexUpdateRef"
# points: 0


def set_last(values, new):
    return values.at[-1]  # <-
