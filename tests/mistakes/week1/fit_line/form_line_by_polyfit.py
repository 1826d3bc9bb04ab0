# task: fit_line
# status: failed
# words: "does not allow", "numpy.polyfit"
# points: 0


def fit_line(x, y, key):
    slope, offset = np.polyfit(x, y, 1)  # <-
    return {"kernel": np.full((1, 1), slope), "bias": np.full(1, offset)}
