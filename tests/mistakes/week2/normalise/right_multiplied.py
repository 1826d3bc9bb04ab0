# task: normalise
# status: passed


@jax.jit
def normalise(images):
    return jnp.float32(1 / 255) * images
