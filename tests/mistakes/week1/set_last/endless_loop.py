# task: set_last
# status: timeout
# words: "10 s of CPU time", "loop never end"
# points: 0


def set_last(values, new):
    while values[-1] != -1:  # <-
        pass
    return values
