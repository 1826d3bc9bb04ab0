# task: set_last
# status: failed
# words: ".set() instead of .add()"
# points: 0


def set_last(values, new):
    return values.at[-1].add(new)  # <-
