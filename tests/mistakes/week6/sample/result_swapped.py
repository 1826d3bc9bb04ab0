# task: sample
# status: failed
# words: "took the first number for the column"
# points: 0


def sample(image, matrix, fill_mode):
    height, width, _ = image.shape
    places = jnp.stack([*jnp.indices((height, width)), jnp.ones((height, width))], axis=-1)
    column, row, _ = jnp.moveaxis(places @ matrix.T, -1, 0)
    top, left = jnp.floor(row).astype(int), jnp.floor(column).astype(int)
    down, right = (row - top)[..., None], (column - left)[..., None]

    def colour(i, j):
        found = image[_inside(i, height, fill_mode), _inside(j, width, fill_mode)]
        there = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        return jnp.where(there[..., None] | (fill_mode != "constant"), found, 0.0)

    above = (1 - right) * colour(top, left) + right * colour(top, left + 1)
    below = (1 - right) * colour(top + 1, left) + right * colour(top + 1, left + 1)
    return (1 - down) * above + down * below
