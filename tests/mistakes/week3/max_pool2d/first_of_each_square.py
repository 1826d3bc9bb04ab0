# task: max_pool2d
# status: failed
# words: "first pixel of each square"
# not: "mean"


def max_pool2d(image, size):
    return jnp.asarray(image[::size, ::size])
