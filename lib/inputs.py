"""What a model sees of a picture: numbers from 0 to 1."""

import jax
import jax.numpy as jnp
import numpy as np


def as_input(images: jax.Array | np.ndarray) -> jax.Array:
    """Turns stored pictures into what a model takes.

    Pictures are kept as uint8, a quarter of the memory of float32, and are converted batch by batch
    inside the compiled step.

    Args:
      images: uint8 in 0…255, any shape; or floating point, or other integers.

    Returns:
      The same shape: uint8 divided by 255 as float32, other integers as float32, floats unchanged.
    """
    images = jnp.asarray(images)
    if images.dtype == jnp.uint8:
        return images.astype(jnp.float32) / 255
    if jnp.issubdtype(images.dtype, jnp.floating):
        return images
    return images.astype(jnp.float32)
