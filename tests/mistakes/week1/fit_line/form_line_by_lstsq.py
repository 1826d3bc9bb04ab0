# task: fit_line
# status: failed


def fit_line(x, y, key):
    table = jnp.stack([x, jnp.ones_like(x)], axis=1)
    slope, offset = jnp.linalg.lstsq(table, y)[0]
    return {"kernel": slope.reshape(1, 1), "bias": offset.reshape(1)}
