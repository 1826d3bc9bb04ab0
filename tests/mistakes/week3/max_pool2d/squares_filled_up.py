# task: max_pool2d
# status: failed
# words: "do not fill a square", "do not pad them"
# not: "overlap"
# points: 1


def max_pool2d(image, size):
    rest = [(0, -n % size) for n in image.shape]
    image = np.pad(image, rest, constant_values=-np.inf)
    height, width = image.shape[0] // size, image.shape[1] // size
    return jnp.asarray(image.reshape(height, size, width, size).max(axis=(1, 3)))
