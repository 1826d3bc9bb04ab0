# task: flip
# status: passed


def flip(images):
    return jnp.fliplr(images.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
