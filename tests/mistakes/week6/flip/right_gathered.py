# task: flip
# status: passed


def flip(images):
    width = images.shape[2]
    return jnp.take(images, width - 1 - jnp.arange(width), axis=2)
