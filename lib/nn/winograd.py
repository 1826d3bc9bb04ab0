"""3×3 convolution with fewer multiplications: Winograd's F(2×2, 3×3), forward and backward.

By the definition, a 2×2 tile of outputs takes 36 products. Winograd's algorithm takes 16, one for
each of the tile's 4×4 inputs, after transforms that add and subtract. In one dimension, inputs
d0…d3 and weights k0…k2 give two outputs with four products:

    m0 = (d0 - d2) k0               m1 = (d1 + d2) (k0 + k1 + k2) / 2
    m3 = (d1 - d3) k2               m2 = (d2 - d1) (k0 - k1 + k2) / 2
    y0 = m0 + m1 + m2               y1 = m1 - m2 - m3

In two dimensions the transforms run over columns, then rows. With channels, each product becomes a
matrix product, (tiles × channels) · (channels × features), and the transformed inputs take less
than half the memory of 3×3 patches. Rounding errors are about the same as for the definition.

A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
"""

import functools

import jax
import jax.numpy as jnp
from jax import lax

from lib.nn.transposed import transposed


def _inputs(d):
    return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]


def _weights(k):
    even, odd = (k[0] + k[2]) / 2, k[1] / 2
    return [k[0], even + odd, even - odd, k[2]]


def _outputs(m):
    return [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]


def _weights_back(u):
    even, odd = (u[1] + u[2]) / 2, (u[1] - u[2]) / 2
    return [u[0] + even, odd, even + u[3]]


def _outputs_back(y):
    return [y[0], y[0] + y[1], y[0] - y[1], -y[1]]


def _twice(transform, grid):
    """Transforms the columns of a grid of arrays (a list of rows), then its rows."""
    columns = [transform(column) for column in zip(*grid, strict=True)]
    return [transform(row) for row in zip(*columns, strict=True)]


def _products(lefts, rights, precision):
    return [
        [
            jnp.dot(left, right, precision=precision)
            for left, right in zip(*rows, strict=True)
        ]
        for rows in zip(lefts, rights, strict=True)
    ]  # fmt: skip


def _cells(x):
    """Splits images with even edges into a 2×2 grid of every other pixel in each direction."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // 2, 2, width // 2, 2, channels)
    return [[x[:, :, i, :, j] for j in range(2)] for i in range(2)]


def _join(grid):
    """Joins a 2×2 grid of (batch, h, w, channels) to (batch, 2h, 2w, channels)."""
    x = jnp.stack([jnp.stack(row, axis=3) for row in grid], axis=2)
    batch, height, _, width, _, channels = x.shape
    return x.reshape(batch, 2 * height, 2 * width, channels)


def _pad(x, height, width):
    return jnp.pad(x, ((0, 0), (0, height - x.shape[1]), (0, width - x.shape[2]), (0, 0)))


def _rows(grid):
    """Reshapes arrays of (…, channels) to matrices (tiles, channels)."""
    return [[x.reshape(-1, x.shape[-1]) for x in row] for row in grid]


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def winograd_convolution(
    x: jax.Array, kernel: jax.Array, precision: lax.PrecisionLike = None
) -> jax.Array:
    """Slides 3×3 kernels over images, one pixel at a time, without padding.

    Args:
      x: images, (batch, height, width, channels), float32, height and width 3 or more.
      kernel: (3, 3, channels, features), float32.
      precision: precision of the matrix products, as in `jax.lax.dot`.

    Returns:
      (batch, height - 2, width - 2, features), float32.
    """
    return _forward(x, kernel, precision)[0]


def _transformed(x):
    """Returns the 4×4 grid of transformed inputs, each (tiles, channels)."""
    _, height, width, _ = x.shape
    down, across = (height - 1) // 2, (width - 1) // 2  # tiles
    cells = _cells(_pad(x, 2 * down + 2, 2 * across + 2))
    # Input i of a tile is in cell i of the tile's pair of rows, or, from 2 on, in the next pair.
    tiles = [
        [cells[i % 2][j % 2][:, i // 2 : i // 2 + down, j // 2 : j // 2 + across] for j in range(4)]
        for i in range(4)
    ]
    return _rows(_twice(_inputs, tiles))


def _forward(x, kernel, precision):
    batch, height, width, _ = x.shape
    down, across = (height - 1) // 2, (width - 1) // 2
    inputs = _transformed(x)
    weights = _twice(_weights, [[kernel[i, j] for j in range(3)] for i in range(3)])
    outputs = _twice(_outputs, _products(inputs, weights, precision))
    y = _join([[cell.reshape(batch, down, across, -1) for cell in row] for row in outputs])
    return y[:, : height - 2, : width - 2], (kernel, inputs)


def _backward(precision, residuals, dy):
    kernel, inputs = residuals
    # The images' gradient is also a convolution: of dy with a border, by the rotated kernel.
    border = jnp.pad(dy, ((0, 0), (2, 2), (2, 2), (0, 0)))
    turned = kernel[::-1, ::-1].swapaxes(2, 3)
    return _forward(border, turned, precision)[0], _kernel_gradient(inputs, dy, precision)


def _kernel_gradient(inputs, dy, precision):
    """The forward pass in reverse, with features as rows.

    The tiles are transposed before the transforms, so that the transforms read neighbours.
    """
    height, width = dy.shape[1:3]
    dy = _pad(dy, (height + 1) // 2 * 2, (width + 1) // 2 * 2)
    cells = [[transposed(cell) for cell in row] for row in _rows(_cells(dy))]
    d_weights = _products(_twice(_outputs_back, cells), inputs, precision)
    d_kernel = jnp.stack([jnp.stack(row) for row in _twice(_weights_back, d_weights)])
    return d_kernel.swapaxes(2, 3)


def winograd_kernel_gradient(
    x: jax.Array, dy: jax.Array, precision: lax.PrecisionLike = None
) -> jax.Array:
    """Returns the gradient of a loss with respect to the kernel of a 3×3 convolution.

    Args:
      x: images, (batch, height, width, channels), float32, height and width 3 or more.
      dy: gradient with respect to the output, (batch, height - 2, width - 2, features), float32.
      precision: precision of the matrix products, as in `jax.lax.dot`.

    Returns:
      (3, 3, channels, features), float32.
    """
    return _kernel_gradient(_transformed(x), dy, precision)


winograd_convolution.defvjp(_forward, _backward)
