# task: set_last
# status: error
# words: "TypeError", "do not change", ".at[", ".set("
# points: 0


def set_last(values, new):
    values[-1] = new  # <-
    return values
