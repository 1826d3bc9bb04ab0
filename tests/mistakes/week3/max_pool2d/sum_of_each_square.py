# task: max_pool2d
# status: failed
# words: "sum of each square"
# not: "mean of each"
# points: 0


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[: height * size, : width * size].reshape(height, size, width, size)
    return jnp.asarray(squares.sum(axis=(1, 3)))
