# task: max_pool2d
# status: failed
# words: "rows only", "columns too"
# not: "overlap"
# points: 0


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    image = jnp.asarray(image)[: height * size, : width * size]
    return image.reshape(height, size, width * size).max(axis=1)
