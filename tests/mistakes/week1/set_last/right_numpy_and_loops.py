# task: set_last
# status: passed


def set_last(values, new):
    other = np.array(values)
    other[-1] = new
    return other
