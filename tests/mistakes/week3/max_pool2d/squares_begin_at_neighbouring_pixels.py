# task: max_pool2d
# status: failed
# words: "your squares overlap", "row i · size"
# points: 0


def max_pool2d(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return jnp.array(
        [[image[i : i + size, j : j + size].max() for j in range(columns)] for i in range(rows)]
    )
