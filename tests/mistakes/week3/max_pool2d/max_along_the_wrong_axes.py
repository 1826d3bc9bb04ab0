# task: max_pool2d
# status: failed
# words: "wrong rows or columns", "reshape"
# points: 0


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[: height * size, : width * size].reshape(size, height, size, width)
    return squares.max(axis=(0, 2))  # <-
