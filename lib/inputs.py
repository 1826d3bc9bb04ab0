"""Turning pictures into a model's inputs: numbers from 0 to 1."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

_LOOKED_AT = 8
"""Pictures whose range of values is checked."""


def as_input(images: jax.Array | np.ndarray) -> jax.Array:
    """Converts stored pictures to a model's inputs.

    Pictures are stored as uint8, which takes a quarter of the memory of float32, and converted
    batch by batch inside the compiled step.

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


def warn_of_range(images: Any) -> None:
    """Warns of pictures with values from 0 to 255, if a network expects 0 to 1.

    Only the first pictures are checked: it warns if none of their values is below 0, and some are
    above 2. Standardised pictures have both signs, so they cause no warning. Arrays without a
    channel axis must also have only whole numbers, with a largest value of 128 to 255.

    Args:
      images: (n, height, width, 1, 3 or 4), or (n, height, width), both 8 or more; anything else is
        not checked.
    """
    shape = getattr(images, "shape", ())
    grey = len(shape) == 3 and min(shape[1:]) >= 8  # or a sequence of vectors
    if not grey and (len(shape) != 4 or shape[-1] not in (1, 3, 4)) or images.dtype == jnp.uint8:
        return
    if isinstance(images, Tracer) or not getattr(images, "is_fully_addressable", True):
        return
    some = np.asarray(images[:_LOOKED_AT])
    if some.dtype.kind not in "fiu" or not some.size:
        return
    if grey and ((some != some.round()).any() or not 128 <= some.max() <= 255):
        return
    if some.min() >= 0 and some.max() > 2:
        warnings.warn(
            f"The pictures have values up to {some.max():g}, but a network expects 0 to 1: divide "
            "them by 255, or pass them as uint8, which the library divides by 255.",
            stacklevel=4,
        )
