# task: max_pool2d
# status: failed
# words: "2 × 2", "`size`"
# not: "pad them"


def max_pool2d(image, size):
    height, width = image.shape[0] // 2, image.shape[1] // 2
    squares = image[: height * 2, : width * 2].reshape(height, 2, width, 2)
    return jnp.asarray(squares.max(axis=(1, 3)))
