# task: set_last
# status: failed
# words: "twice", "delete the stub"
# points: 0


def set_last(values, new):
    return values.at[-1].set(new)


def set_last(values, new):  # <-
    raise NotImplementedError("Write set_last.")
