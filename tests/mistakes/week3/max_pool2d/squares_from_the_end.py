# task: max_pool2d
# status: failed
# words: "start from the end"
# not: "first pixel"


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[-height * size :, -width * size :].reshape(height, size, width, size)
    return jnp.asarray(squares.max(axis=(1, 3)))
