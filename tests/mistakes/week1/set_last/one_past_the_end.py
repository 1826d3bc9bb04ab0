# task: set_last
# status: failed


def set_last(values, new):
    return values.at[len(values)].set(new)
