# task: sample
# status: failed
# words: "blend the four"


def sample(image, matrix, fill_mode):
    height, width, _ = image.shape
    i, j = jnp.indices((height, width))

    row = jnp.round(matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2]).astype(int)
    column = jnp.round(matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2]).astype(int)
    return image[jnp.clip(row, 0, height - 1), jnp.clip(column, 0, width - 1)]
