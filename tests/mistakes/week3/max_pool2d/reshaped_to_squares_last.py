# task: max_pool2d
# status: failed
# words: "axes are in the wrong order", "(h // size, size, w // size, size)"
# points: 0


def max_pool2d(image, size):
    h, w = image.shape[0] // size * size, image.shape[1] // size * size
    squares = image[:h, :w].reshape(h // size, w // size, size, size)
    return squares.max(axis=(2, 3))  # <-
