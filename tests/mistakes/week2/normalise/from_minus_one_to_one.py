# task: normalise
# status: failed


def normalise(images):
    return jnp.asarray(images, jnp.float32) / 127.5 - 1
