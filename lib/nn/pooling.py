"""Pooling that is fast on CPU: a reshape into blocks if windows do not overlap.

The gradient of XLA's windowed maximum (select-and-scatter) is slow on CPU. Windows that do not
overlap need no window scan: reshape, then reduce. If several pixels of a block have the largest
value, the first of them, row by row, gets the gradient, as in stock XLA.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jax import lax


def _check(x: jax.Array, window: int, strides: int) -> None:
    if x.ndim != 4:
        raise ValueError(
            f"Pooling takes images (batch, height, width, channels); it got an array of shape "
            f"{x.shape}."
        )
    for size in (window, strides):
        if not isinstance(size, int | np.integer):
            raise TypeError(f"Window and strides are whole numbers, as in MaxPool(2); got {size}.")
    if window < 1 or strides < 1:
        raise ValueError(f"Window and strides must be 1 pixel or more; got {window} and {strides}.")
    if window > min(x.shape[1:3]):
        raise ValueError(
            f"A {window}×{window} window does not fit into pictures of "
            f"{x.shape[1]}×{x.shape[2]} pixels."
        )


def blocks(x: jax.Array, window: int) -> jax.Array:
    """Cuts images into window×window blocks; drops rows and columns that do not fill a block.

    Args:
      x: images, (batch, height, width, channels).
      window: edge of a block in pixels.

    Returns:
      (batch, height // window, window, width // window, window, channels).
    """
    batch, height, width, channels = x.shape
    rows, columns = height // window, width // window
    x = x[:, : rows * window, : columns * window]
    return x.reshape(batch, rows, window, columns, window, channels)


def _cells(x, window):
    """The pixels of all blocks, one array for each position in a block."""
    x = blocks(x, window)
    return [x[:, :, i, :, j] for i in range(window) for j in range(window)]


def max_and_argmax(x: jax.Array, window: int) -> tuple[jax.Array, jax.Array]:
    """Finds the largest value of each block, and its position in the block.

    Args:
      x: images, (batch, height, width, channels); pixels that do not fill a block are ignored.
      window: edge of a block in pixels.

    Returns:
      The values, (batch, height // window, width // window, channels), dtype of x; and the numbers
      of their positions, row by row, with the same shape, in the smallest integer type.
    """
    cells = _cells(x, window)
    y = functools.reduce(lax.max, cells)
    argmax = jnp.full(y.shape, len(cells) - 1, _places(window).dtype)
    for place in reversed(range(len(cells) - 1)):
        argmax = jnp.where(cells[place] == y, place, argmax)
    return y, argmax


def to_argmax(values: jax.Array, argmax: jax.Array, window: int) -> jax.Array:
    """Puts each value at the position of its block's largest value, among zeros.

    Args:
      values: (batch, rows, columns, channels).
      argmax: positions from `max_and_argmax`, with the same shape.
      window: edge of a block in pixels.

    Returns:
      (batch, rows * window, columns * window, channels), dtype of values.
    """
    batch, rows, columns, channels = values.shape
    is_argmax = argmax[:, :, None, :, None] == _places(window)
    x = jnp.where(is_argmax, values[:, :, None, :, None], jnp.zeros((), values.dtype))
    return x.reshape(batch, rows * window, columns * window, channels)


def _places(window):
    """The number of each position in a block, for comparison with the argmax."""
    dtype = np.min_scalar_type(window * window - 1)
    return np.arange(window * window, dtype=dtype).reshape(1, 1, window, 1, window, 1)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _block_max(x, window):
    return functools.reduce(lax.max, _cells(x, window))


# The gradient needs only the argmax of a block, one byte instead of a pixel.
_block_max.defvjp(max_and_argmax, lambda window, argmax, dy: (to_argmax(dy, argmax, window),))


# Outside a compiled function, this compiles once instead of once per operation.
@functools.partial(jax.jit, static_argnums=1, inline=True)
def _max_of_blocks(x, window):
    height, width = (n // window * window for n in x.shape[1:3])
    return _block_max(x[:, :height, :width], window)


def max_pool(x: jax.Array, window: int = 2, strides: int | None = None) -> jax.Array:
    """Keeps the largest value of each window.

    Args:
      x: images, (batch, height, width, channels), any real dtype.
      window: edge of the square window in pixels.
      strides: steps down and across in pixels; None means the window's edge: windows that touch.

    Returns:
      (batch, out height, out width, channels), dtype of x; out = (n - window) // strides + 1.

    Raises:
      TypeError: if window or strides are not whole numbers.
      ValueError: if the window does not fit into the pictures.
    """
    strides = window if strides is None else strides
    _check(x, window, strides)
    if strides != window:
        return nn.max_pool(x, (window, window), (strides, strides))
    return lax.platform_dependent(
        x,
        cpu=lambda x: _max_of_blocks(x, window),
        default=lambda x: nn.max_pool(x, (window, window), (window, window)),
    )


def avg_pool(x: jax.Array, window: int = 2, strides: int | None = None) -> jax.Array:
    """Takes the mean of each window.

    Args:
      x: images, (batch, height, width, channels), floating point.
      window: edge of the square window in pixels.
      strides: steps down and across in pixels; None means the window's edge.

    Returns:
      (batch, out height, out width, channels), dtype of x; out = (n - window) // strides + 1.

    Raises:
      TypeError: if window or strides are not whole numbers.
      ValueError: if the window does not fit into the pictures.
    """
    strides = window if strides is None else strides
    _check(x, window, strides)
    if strides != window:
        return nn.avg_pool(x, (window, window), (strides, strides))
    return jnp.mean(blocks(x, window), axis=(2, 4))
