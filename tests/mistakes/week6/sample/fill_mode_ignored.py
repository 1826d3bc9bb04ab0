# task: sample
# status: failed
# words: "looks like 'nearest', but fill_mode is 'constant'"


def sample(image, matrix, fill_mode):
    return _other_sample(image, matrix, "nearest")


def _other_sample(image, matrix, fill_mode):
    height, width, _ = image.shape
    i, j = jnp.indices((height, width))
    row = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2]
    column = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2]
    top, left = jnp.floor(row).astype(int), jnp.floor(column).astype(int)
    down, right = (row - top)[..., None], (column - left)[..., None]
    at = lambda i, j: image[jnp.clip(i, 0, height - 1), jnp.clip(j, 0, width - 1)]
    above = (1 - right) * at(top, left) + right * at(top, left + 1)
    below = (1 - right) * at(top + 1, left) + right * at(top + 1, left + 1)
    return (1 - down) * above + down * below
