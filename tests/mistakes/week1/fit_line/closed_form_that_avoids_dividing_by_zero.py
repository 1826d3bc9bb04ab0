# task: fit_line
# status: failed
# words: "two keys gave the same line", "initial parameters with key"
# points: 0


def fit_line(x, y, key):
    slope = jnp.sum((x - x.mean()) * (y - y.mean())) / (jnp.sum((x - x.mean()) ** 2) + 1e-9)
    offset = y.mean() - slope * x.mean()
    return {"kernel": slope.reshape(1, 1), "bias": offset.reshape(1)}  # <-
