# task: set_last
# status: passed


def set_last(values, new, loud=False):
    return values.at[-1].set(new)
