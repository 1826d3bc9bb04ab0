"""Pooling that is fast on CPU: blocks by reshape where windows do not overlap.

The gradient of XLA's windowed maximum (select-and-scatter) is slow on CPU. Windows that touch
without overlapping need no window scan: reshape, then reduce. Where several pixels of a block
tie for the largest value, the first of them, row by row, gets the gradient, as in stock XLA.
"""

import functools

import jax
import jax.numpy as jnp
from flax import linen as nn
from jax import lax


def _check(x: jax.Array, window: int, strides: int) -> None:
    if x.ndim != 4:
        raise ValueError(
            f"Pooling takes images (batch, height, width, channels); it got an array of shape "
            f"{x.shape}."
        )
    if window < 1 or strides < 1:
        raise ValueError(
            f"Window and strides count pixels, from 1 upwards; got {window} and {strides}."
        )
    if window > min(x.shape[1:3]):
        raise ValueError(
            f"A {window}×{window} window does not fit into pictures of "
            f"{x.shape[1]}×{x.shape[2]} pixels."
        )


def blocks(x: jax.Array, window: int) -> jax.Array:
    """Cuts images into window×window blocks; rows and columns that fill no block are dropped.

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
    """The pixels of each block, one place of the block at a time."""
    x = blocks(x, window)
    return [x[:, :, i, :, j] for i in range(window) for j in range(window)]


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _block_max(x, window):
    return functools.reduce(lax.max, _cells(x, window))


def _block_max_forward(x, window):
    y = _block_max(x, window)
    return y, (x, y)


def _block_max_backward(window, residuals, dy):
    x, y = residuals
    batch, rows, columns, channels = y.shape
    cells = _cells(x, window)
    winner = jnp.full(y.shape, len(cells) - 1, jnp.int32)
    for place in reversed(range(len(cells) - 1)):
        winner = jnp.where(cells[place] == y, place, winner)
    shape = (batch, rows, window, columns, window, channels)
    down, across = (lax.broadcasted_iota(jnp.int32, shape, axis) for axis in (2, 4))
    is_winner = down * window + across == winner[:, :, None, :, None]
    dx = jnp.where(is_winner, dy[:, :, None, :, None], jnp.zeros((), dy.dtype))
    height, width = rows * window, columns * window
    dx = dx.reshape(batch, height, width, channels)
    rest = ((0, 0), (0, x.shape[1] - height), (0, x.shape[2] - width), (0, 0))
    return (jnp.pad(dx, rest),)


_block_max.defvjp(_block_max_forward, _block_max_backward)


# Called outside a compiled function, this is one compilation instead of one per operation.
_max_of_blocks = jax.jit(_block_max, static_argnums=1, inline=True)


def max_pool(x: jax.Array, window: int = 2, strides: int | None = None) -> jax.Array:
    """Keeps the largest value of each window.

    Args:
      x: images, (batch, height, width, channels), any real dtype.
      window: edge of the square window in pixels.
      strides: steps down and across in pixels; None means the window's edge, so that windows touch.

    Returns:
      (batch, out height, out width, channels), dtype of x; out = (n - window) // strides + 1.

    Raises:
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
      ValueError: if the window does not fit into the pictures.
    """
    strides = window if strides is None else strides
    _check(x, window, strides)
    if strides != window:
        return nn.avg_pool(x, (window, window), (strides, strides))
    return jnp.mean(blocks(x, window), axis=(2, 4))
