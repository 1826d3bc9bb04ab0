# task: normalise
# status: failed


def normalise(images):
    images = jnp.asarray(images, jnp.float32)
    return images / images.max()
