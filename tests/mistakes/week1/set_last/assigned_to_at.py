# task: set_last
# status: error
# words: "you cannot assign to x.at", "x = x.at[index].set(value)"
# points: 0


def set_last(values, new):
    values.at[-1] = new  # <-
    return values
