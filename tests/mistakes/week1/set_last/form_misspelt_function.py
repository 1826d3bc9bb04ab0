# task: set_last
# status: failed
# words: "no set_last in week1.py", "is it set_lst"
# points: 0


def set_lst(values, new):  # <-
    return values.at[-1].set(new)
