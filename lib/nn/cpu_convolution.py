"""Convolution that is fast on CPU, forward and backward, inside loops and outside.

XLA on CPU has several ways to convolve, but chooses slow ones for training: a library call that
takes several times as long as XLA's older kernel, and, inside a loop body, no fast path at all for
the weight gradient (https://github.com/jax-ml/jax/issues/12868). An epoch of training runs exactly
there. This module expresses each of the three computations in XLA's fastest form, chosen by shape;
`python -m benchmarks.convolution` measures them all.

If oneDNN's library is installed (`lib.nn.onednn`), it computes all three for float32, with these
exceptions: Winograd's algorithm on small pictures with many channels, small pictures with few
channels, few tiny pictures, the kernel's gradient on tiny pictures, and a batch of one picture.
For these, and on other processors:

- Forward: XLA's own kernel (`_direct`), with pairs of the output's columns if there are few
  channels; Winograd's algorithm (`lib.nn.winograd`) for small pictures with many channels; k×k
  patches as rows and one matrix product (im2col) for the rest.
- The weight gradient: Winograd's algorithm if there are many channels; otherwise a matrix product
  of patches and the output's gradient, also with pairs of columns if there are few channels.
- The gradient of the picture: another convolution, or for small pictures one product for each
  position in the kernel, shifted and added.

Two things differ from the stock convolution on CPU: there are only reverse-mode derivatives
(`grad`, `vjp`, not `jvp`), and an infinite pixel also turns neighbouring outputs into NaN where it
is multiplied by zero.
"""

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from lib.nn import onednn
from lib.nn.transposed import transposed
from lib.nn.winograd import winograd_convolution, winograd_kernel_gradient

Padding = str | Sequence[tuple[int, int]]
NHWC = ("NHWC", "HWIO", "NHWC")
# Winograd's transforms pay off from about this many channels and features, and between these
# lengths of the output's shorter edge; for the kernel's gradient, at all lengths from the first.
# On smaller pictures they make an entire step up to 6 % faster, but it compiles a second longer.
WINOGRAD_CHANNELS = 16
WINOGRAD_EDGES = (9, 16)
# With fewer channels, columns are computed in pairs from this edge of the output. From there oneDNN
# is even faster, but not below.
PAIRS_CHANNELS = 8
PAIRS_EDGE = 48
# Up to this edge of the output, the picture's gradient is computed by shifting and adding.
SHIFTS_EDGE = 12
# With fewer output positions in a batch, oneDNN spends more on reordering the kernel than it saves.
ONEDNN_PLACES = 500
# A convolution's output, or its gradient, is processed in parts of about the first number of bytes,
# if it has more than the second number in total.
PART_BYTES = 5_000_000
WHOLE_BYTES = 20_000_000


def explicit_padding(
    size: Sequence[int], kernel: Sequence[int], strides: Sequence[int], padding: Padding
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Turns "VALID" or "SAME" into rows and columns to add before and after.

    Args:
      size: height and width of the picture.
      kernel: height and width of the kernel.
      strides: steps down and across.
      padding: "VALID", "SAME", or pairs (before, after) for height and width.

    Returns:
      ((top, bottom), (left, right)), all in pixels.
    """
    if isinstance(padding, str):
        padding = lax.padtype_to_pads(size, kernel, strides, padding.upper())
    (top, bottom), (left, right) = padding
    return (int(top), int(bottom)), (int(left), int(right))


def patches(x: jax.Array, kernel: tuple[int, int], strides: tuple[int, int]) -> jax.Array:
    """Puts the k×k input pixels of every output pixel along the last axis.

    Args:
      x: images, (batch, height, width, channels), already padded.
      kernel: height and width of the kernel.
      strides: steps down and across.

    Returns:
      (batch, out height, out width, kernel height * kernel width * channels), dtype of x.
    """
    height = (x.shape[1] - kernel[0]) // strides[0] + 1
    width = (x.shape[2] - kernel[1]) // strides[1] + 1
    return jnp.concatenate(
        [
            x[
                :,
                row : row + (height - 1) * strides[0] + 1 : strides[0],
                column : column + (width - 1) * strides[1] + 1 : strides[1],
            ]
            for row in range(kernel[0])
            for column in range(kernel[1])
        ],
        axis=-1,
    )


def _direct(x, kernel, precision, across=1):
    """XLA's own kernel; `across` is its stride along the width.

    XLA uses its slower library only if the output is not higher than the input
    (https://github.com/openxla/xla, `IsConvolutionOpSupportedByYnn`). This function adds rows of
    zeros below the picture, and drops their output: the returned rows do not depend on them.
    """
    rows = x.shape[1] - kernel.shape[0] + 1
    below = max(0, x.shape[1] + 1 - rows)
    y = lax.conv_general_dilated(
        x, kernel, (1, across), ((0, below), (0, 0)), dimension_numbers=NHWC, precision=precision
    )
    return y[:, :rows]


def _in_pairs(x, kernel, precision):
    """Two columns of the output at once: twice the features, with a kernel one column wider.

    With a kernel of three columns, a quarter of the products are with zero; but if there are few
    channels, products of twice the width are faster by more than that.
    """
    width = x.shape[2] - kernel.shape[1] + 1
    odd = width % 2
    x = jnp.pad(x, ((0, 0), (0, 0), (0, odd), (0, 0)))
    left, right = (jnp.pad(kernel, ((0, 0), pads, (0, 0), (0, 0))) for pads in ((0, 1), (1, 0)))
    y = _direct(x, jnp.concatenate([left, right], axis=3), precision, across=2)
    y = y.reshape(*y.shape[:2], width + odd, kernel.shape[3])
    return y[:, :, :width]


def _plain(x, kernel, strides):
    """Whether it is not just a matrix product, has stride 1, and is in float32."""
    # Winograd's sums would lose too many digits in narrower types.
    return strides == (1, 1) and kernel.shape[:2] != (1, 1) and x.dtype == jnp.float32


def _suits_winograd(x, kernel, strides):
    return (
        _plain(x, kernel, strides)
        and kernel.shape[:2] == (3, 3)
        and min(kernel.shape[2:]) >= WINOGRAD_CHANNELS
        and min(x.shape[1:3]) - 2 >= WINOGRAD_EDGES[0]
    )


def _suits_pairs(x, kernel, strides):
    edge = min(n - k + 1 for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True))
    return _plain(x, kernel, strides) and kernel.shape[2] < PAIRS_CHANNELS and edge >= PAIRS_EDGE


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _convolution(x, kernel, strides, precision):
    if _suits_pairs(x, kernel, strides):
        return _in_pairs(x, kernel, precision)
    if _plain(x, kernel, strides) and kernel.shape[2] >= PAIRS_CHANNELS:
        return _direct(x, kernel, precision)
    matrix = kernel.reshape(-1, kernel.shape[3])
    return jnp.dot(patches(x, kernel.shape[:2], strides), matrix, precision=precision)


def _forward(x, kernel, strides, precision):
    return _convolution(x, kernel, strides, precision), (x, kernel)


def _backward(strides, precision, residuals, dy):
    x, kernel = residuals
    if _suits_winograd(x, kernel, strides):
        gradient = functools.partial(winograd_kernel_gradient, precision=precision)
    elif _suits_pairs(x, kernel, strides):
        gradient = functools.partial(_kernel_gradient_in_pairs, kernel.shape, precision)
    else:
        gradient = functools.partial(_kernel_gradient, kernel.shape, strides, precision)
    return _input_gradient(x, kernel, strides, precision, dy), _in_parts(gradient, x, dy)


def images_per_part(output: jax.Array | jax.ShapeDtypeStruct) -> int:
    """The number of pictures to process at a time, so that they stay in cache.

    Args:
      output: the convolution's output for the batch, (batch, height, width, features).

    Returns:
      A divisor of the batch; all of it if it is small enough.
    """
    batch, nbytes = len(output), output.size * output.dtype.itemsize
    if nbytes <= WHOLE_BYTES:
        return batch
    most = max(2, PART_BYTES * batch // nbytes)
    return max(n for n in range(1, batch + 1) if batch % n == 0 and n <= most)


def _in_parts(gradient, x, dy):
    """Sums the kernel's gradient over parts of the batch, each small enough to stay in cache."""
    size = images_per_part(dy)
    if size == len(dy):
        return gradient(x, dy)

    def add(total, part):
        return total + gradient(*part), None

    parts = [array.reshape(-1, size, *array.shape[1:]) for array in (x, dy)]
    zero = jax.eval_shape(gradient, *(part[0] for part in parts))
    return lax.scan(add, jnp.zeros(zero.shape, zero.dtype), tuple(parts))[0]


def _kernel_gradient(shape, strides, precision, x, dy):
    """The product of the patches and the output's gradient."""
    rows = patches(x, shape[:2], strides)
    rows = rows.reshape(-1, rows.shape[-1])
    flat = dy.reshape(-1, dy.shape[-1])
    narrow, wide = sorted((rows.shape[1], flat.shape[1]))
    if 2 * narrow > wide:
        # Transposing would cost about as much as the product.
        d_matrix = lax.dot_general(flat, rows, (((0,), (0,)), ((), ())), precision=precision).T
    elif rows.shape[1] < flat.shape[1]:
        d_matrix = jnp.dot(transposed(rows), flat, precision=precision)
    else:
        d_matrix = jnp.dot(transposed(flat), rows, precision=precision).T
    return d_matrix.reshape(shape)


def _kernel_gradient_in_pairs(shape, precision, x, dy):
    """The products of the patches of two outputs with the gradients of both."""
    k_h, k_w, channels, features = shape
    odd = dy.shape[2] % 2
    x, dy = (jnp.pad(array, ((0, 0), (0, 0), (0, odd), (0, 0))) for array in (x, dy))
    # The barrier makes XLA compute the patches once, not again in each part of the product.
    rows = lax.optimization_barrier(patches(x, (k_h, k_w + 1), (1, 2)))
    pairs = dy.reshape(-1, 2 * features)
    both = lax.dot_general(
        rows.reshape(pairs.shape[0], -1), pairs, (((0,), (0,)), ((), ())), precision=precision
    ).reshape(k_h, k_w + 1, channels, 2, features)
    return both[:, :k_w, :, 0] + both[:, 1:, :, 1]


def _input_gradient(x, kernel, strides, precision, dy):
    k_h, k_w = kernel.shape[:2]
    if strides == (1, 1) and min(dy.shape[1:3]) > SHIFTS_EDGE and dy.dtype == jnp.float32:
        border = ((k_h - 1, k_h - 1), (k_w - 1, k_w - 1))
        flipped = kernel[::-1, ::-1].swapaxes(2, 3)
        return lax.conv_general_dilated(
            dy, flipped, (1, 1), border, dimension_numbers=NHWC, precision=precision
        )
    height, width = x.shape[1:3]
    zero = jnp.zeros((), dy.dtype)
    shares = []
    for row in range(k_h):
        for column in range(k_w):
            share = jnp.dot(dy, kernel[row, column].T, precision=precision)
            below = height - 1 - row - (dy.shape[1] - 1) * strides[0]
            right = width - 1 - column - (dy.shape[2] - 1) * strides[1]
            edges = (row, below, strides[0] - 1), (column, right, strides[1] - 1)
            shares.append(lax.pad(share, zero, ((0, 0, 0), *edges, (0, 0, 0))))
    return sum(shares)


_convolution.defvjp(_forward, _backward)


# Outside a compiled function, this compiles once instead of once per operation.
@functools.partial(jax.jit, static_argnames=("strides", "pads", "precision"), inline=True)
def _by_xla(x, kernel, *, strides, pads, precision):
    by_winograd = _winograd_edge(x, kernel, strides, pads) <= WINOGRAD_EDGES[1]
    x = _padded(x, pads)
    if by_winograd:
        return winograd_convolution(x, kernel, precision)
    return _convolution(x, kernel, strides, precision)


def _padded(x, pads):
    if not any(p for pair in pads for p in pair):
        return x
    zero = jnp.zeros((), x.dtype)
    return lax.pad(x, zero, ((0, 0, 0), (*pads[0], 0), (*pads[1], 0), (0, 0, 0)))


def _winograd_edge(x, kernel, strides, pads):
    """The output's shorter edge if Winograd's algorithm is suitable, else infinity."""
    edges = [n + sum(pair) for n, pair in zip(x.shape[1:3], pads, strict=True)]
    padded = jax.ShapeDtypeStruct((len(x), *edges, x.shape[3]), x.dtype)
    return min(edges) - 2 if _suits_winograd(padded, kernel, strides) else math.inf


def convolution_on_cpu(x, kernel, *, strides, pads, precision):
    """The convolution in the fastest form for CPUs, with padding."""
    if _suits_onednn(x, kernel, strides, pads):
        return _with_onednn(x, kernel, strides, pads, precision)
    return _by_xla(x, kernel, strides=strides, pads=pads, precision=precision)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _with_onednn(x, kernel, strides, pads, precision):
    return onednn.forward(x, kernel, strides, pads)


def _forward_with_onednn(x, kernel, strides, pads, precision):
    return _with_onednn(x, kernel, strides, pads, precision), (x, kernel)


def _backward_by_onednn(strides, pads, precision, residuals, dy):
    x, kernel = residuals
    if min(dy.shape[1:3]) < WINOGRAD_EDGES[0]:
        padded = _padded(x, pads)
        d_kernel = _kernel_gradient(kernel.shape, strides, precision, padded, dy)
    else:
        d_kernel = onednn.kernel_gradient(x, kernel, dy, strides, pads)
    return onednn.picture_gradient(x, kernel, dy, strides, pads), d_kernel


_with_onednn.defvjp(_forward_with_onednn, _backward_by_onednn)


def _suits_onednn(x, kernel, strides, pads):
    edges = [
        (n + sum(pair) - k) // stride + 1
        for n, pair, k, stride in zip(x.shape[1:3], pads, kernel.shape[:2], strides, strict=True)
    ]
    return (
        x.dtype == jnp.float32
        and len(x) * math.prod(edges) >= ONEDNN_PLACES
        and _winograd_edge(x, kernel, strides, pads) > WINOGRAD_EDGES[1]
        and (x.shape[3] >= PAIRS_CHANNELS or min(edges) >= PAIRS_EDGE)
        and len(x) > 1  # it divides a batch, not a picture, among the cores
        and all(0 <= p < k for k, pair in zip(kernel.shape[:2], pads, strict=True) for p in pair)
        and onednn.is_used()
    )


def pools_by_onednn(
    x: jax.Array, kernel: jax.Array, pads: tuple[tuple[int, int], tuple[int, int]], window: int
) -> bool:
    """Whether to use oneDNN for a convolution with stride 1 and its pooling in one step.

    Args:
      x: images, (batch, height, width, channels).
      kernel: (kernel height, kernel width, channels, features).
      pads: ((top, bottom), (left, right)), in pixels.
      window: edge of a block in pixels.
    """
    return window <= onednn.LARGEST_WINDOW and _suits_onednn(x, kernel, (1, 1), pads)
