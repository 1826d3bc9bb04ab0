# task: fit_line
# status: failed
# words: "through the origin"
# points: 0


def fit_line(x, y, key):
    slope = (x * y).sum() / (x * x).sum()
    return {"kernel": slope.reshape(1, 1), "bias": jnp.zeros(1)}  # <-
