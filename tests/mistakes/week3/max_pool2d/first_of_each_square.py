# task: max_pool2d
# status: failed


def max_pool2d(image, size):
    return jnp.asarray(image[::size, ::size])
