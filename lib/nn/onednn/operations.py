"""Convolution with oneDNN as JAX operations, with their gradients.

Inside `vmap` they run one by one. Only reverse-mode derivatives are available.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero

from lib.nn.onednn import call, computing

Pads = tuple[tuple[int, int], tuple[int, int]]
# Part of the names that compiled programs call, including saved programs. Increase it with every
# change to the meaning of a call.
VERSION = 1
CALLS = (
    computing.forward,
    computing.picture_gradient,
    computing.kernel_gradient,
    computing.pooled,
    computing.pooled_gradient,
)


def _name(compute):
    return f"flaxlings.onednn.{compute.__name__}.{VERSION}"


for _compute in CALLS:
    call.register(_name(_compute), _compute)


def _call(compute, results, *arrays, strides=(1, 1), pads: Pads, window=0):
    numbers = np.array([*strides, *pads[0], *pads[1], window], np.int64)
    return call.call(_name(compute), results, *arrays, numbers=numbers)


def _like(array):
    return jax.ShapeDtypeStruct(array.shape, array.dtype)


def _output(x, kernel, strides, pads):
    edges = (
        (n + sum(pad) - k) // stride + 1
        for n, k, stride, pad in zip(x.shape[1:3], kernel.shape[:2], strides, pads, strict=True)
    )
    return jax.ShapeDtypeStruct((len(x), *edges, kernel.shape[3]), x.dtype)


def _sums(batch, *shape):
    """One sum for each core of this process, even a busy one, so that the bits are the same."""
    return jax.ShapeDtypeStruct((min(batch, computing.cores()), *shape), jnp.float32)


def forward(x: jax.Array, kernel: jax.Array, strides: tuple[int, int], pads: Pads) -> jax.Array:
    """Convolves.

    Args:
      x: images, (batch, height, width, channels), float32.
      kernel: (kernel height, kernel width, channels, features), float32.
      strides: steps down and across.
      pads: ((top, bottom), (left, right)) of zeros, none negative.

    Returns:
      (batch, out height, out width, features), float32.
    """
    output = _output(x, kernel, strides, pads)
    return _call(computing.forward, output, x, kernel, strides=strides, pads=pads)


def picture_gradient(
    x: jax.Array, kernel: jax.Array, dy: jax.Array, strides: tuple[int, int], pads: Pads
) -> jax.Array:
    """Returns the gradient of a loss with respect to the images of a convolution.

    Args:
      x: as for `forward`; only its shape matters.
      kernel: as for `forward`.
      dy: gradient with respect to the output.
      strides: as for `forward`.
      pads: as for `forward`.

    Returns:
      As x.
    """
    return _call(computing.picture_gradient, _like(x), kernel, dy, strides=strides, pads=pads)


def kernel_gradient(
    x: jax.Array, kernel: jax.Array, dy: jax.Array, strides: tuple[int, int], pads: Pads
) -> jax.Array:
    """Returns the gradient of a loss with respect to the kernel of a convolution.

    Args:
      x: as for `forward`.
      kernel: as for `forward`; only its shape matters.
      dy: gradient with respect to the output.
      strides: as for `forward`.
      pads: as for `forward`.

    Returns:
      As kernel.
    """
    sums = _sums(len(x), *kernel.shape)
    return _call(computing.kernel_gradient, sums, x, dy, strides=strides, pads=pads).sum(axis=0)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def conv_pool_relu(
    x: jax.Array, kernel: jax.Array, bias: jax.Array, pads: Pads, window: int
) -> jax.Array:
    """Convolution with stride 1, bias, the largest value of each block and ReLU.

    If values of a block tie, bias included, the first of them, row by row, gets the gradient.

    Args:
      x: images, (batch, height, width, channels), float32.
      kernel: (kernel height, kernel width, channels, features), float32.
      bias: (features,), float32.
      pads: ((top, bottom), (left, right)) of zeros, none negative.
      window: edge of a block in pixels.

    Returns:
      (batch, out height // window, out width // window, features), float32.
    """
    return _pooled(x, kernel, bias, pads, window)[0]


def _pooled(x, kernel, bias, pads, window):
    batch, height, width, features = _output(x, kernel, (1, 1), pads).shape
    shape = batch, height // window, width // window, features
    results = jax.ShapeDtypeStruct(shape, x.dtype), jax.ShapeDtypeStruct(shape, jnp.uint8)
    return _call(computing.pooled, results, x, kernel, bias, pads=pads, window=window)


def _pooled_forward(x, kernel, bias, pads, window):
    y, places = _pooled(x.value, kernel.value, bias.value, pads, window)
    # The input's gradient costs as much as the kernel's, and the first layer does not need it.
    wanted = () if x.perturbed else None
    return y, (x.value, kernel.value, y, places, wanted)


def _pooled_backward(pads, window, residuals, dy):
    x, kernel, y, places, wanted = residuals
    if isinstance(dy, SymbolicZero):
        dy = jnp.zeros_like(y)
    results = [_sums(len(x), *kernel.shape), _sums(len(x), kernel.shape[3])]
    if wanted is not None:
        results.append(_like(x))
    d_kernel, d_bias, *dx = _call(
        computing.pooled_gradient, results, x, kernel, y, places, dy, pads=pads, window=window
    )
    return (dx[0] if dx else None), d_kernel.sum(axis=0), d_bias.sum(axis=0)


conv_pool_relu.defvjp(_pooled_forward, _pooled_backward, symbolic_zeros=True)
