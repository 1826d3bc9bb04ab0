"""Convolution that is fast on CPU, in both directions, because it is made of matrix products.

XLA's own convolution on CPU loses its fast path for the weight gradient inside a loop body
(https://github.com/jax-ml/jax/issues/12868), which is exactly where an epoch of training runs.
Here the picture's k×k patches are laid out as rows (im2col) and one matrix product does the rest;
both gradients are matrix products too. 3×3 kernels between many channels take fewer products still
(`lib.winograd`). On GPU and TPU the stock convolution is used, so that their libraries see the
pattern they are built for.
"""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from lib.transposed import transposed
from lib.winograd import winograd_convolution

Padding = str | Sequence[tuple[int, int]]

NHWC = ("NHWC", "HWIO", "NHWC")

# Winograd's transforms pay from about this many channels and features, and outputs along an edge.
WINOGRAD_CHANNELS = 16
WINOGRAD_EDGE = 4


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
    """Lays the k×k surroundings of every output pixel out along the last axis.

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


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _patch_convolution(x, kernel, strides, precision):
    return _forward(x, kernel, strides, precision)[0]


def _forward(x, kernel, strides, precision):
    rows = patches(x, kernel.shape[:2], strides)
    matrix = kernel.reshape(-1, kernel.shape[-1])
    return jnp.dot(rows, matrix, precision=precision), (x, kernel)


def _backward(strides, precision, residuals, dy):
    x, kernel = residuals
    rows = patches(x, kernel.shape[:2], strides)
    rows = rows.reshape(-1, rows.shape[-1])
    flat = dy.reshape(-1, dy.shape[-1])
    if rows.shape[1] < flat.shape[1]:
        d_matrix = jnp.dot(transposed(rows), flat, precision=precision)
    else:
        d_matrix = jnp.dot(transposed(flat), rows, precision=precision).T
    return _input_gradient(x, kernel, strides, precision, dy), d_matrix.reshape(kernel.shape)


def _input_gradient(x, kernel, strides, precision, dy):
    """The transposed convolution: dy spread by the strides, convolved with the flipped kernel."""
    k_h, k_w = kernel.shape[:2]
    height, width = x.shape[1:3]
    spread = lax.pad(
        dy,
        jnp.zeros((), dy.dtype),
        (
            (0, 0, 0),
            (k_h - 1, height - 1 - (dy.shape[1] - 1) * strides[0], strides[0] - 1),
            (k_w - 1, width - 1 - (dy.shape[2] - 1) * strides[1], strides[1] - 1),
            (0, 0, 0),
        ),
    )
    flipped = kernel[::-1, ::-1].swapaxes(2, 3)
    rows = patches(spread, (k_h, k_w), (1, 1))
    return jnp.dot(rows, flipped.reshape(-1, flipped.shape[-1]), precision=precision)


_patch_convolution.defvjp(_forward, _backward)


def _suits_winograd(x, kernel, strides):
    return (
        kernel.shape[:2] == (3, 3)
        and strides == (1, 1)
        and x.dtype == jnp.float32  # the transforms' sums cost narrower types too many digits
        and min(kernel.shape[2:]) >= WINOGRAD_CHANNELS
        and min(x.shape[1:3]) - 2 >= WINOGRAD_EDGE
    )


# Called outside a compiled function, this is one compilation instead of one per operation.
@functools.partial(jax.jit, static_argnames=("strides", "pads", "precision"), inline=True)
def _products(x, kernel, *, strides, pads, precision):
    """The convolution as matrix products, by the way that suits the shapes."""
    if any(p for pair in pads for p in pair):
        x = lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), (*pads[0], 0), (*pads[1], 0), (0, 0, 0)))
    if _suits_winograd(x, kernel, strides):
        return winograd_convolution(x, kernel, precision)
    return _patch_convolution(x, kernel, strides, precision)


def conv_general_dilated(
    lhs,
    rhs,
    window_strides,
    padding,
    lhs_dilation=None,
    rhs_dilation=None,
    dimension_numbers=None,
    feature_group_count=1,
    batch_group_count=1,
    precision=None,
    preferred_element_type=None,
    out_sharding=None,
):
    """Stands in for `jax.lax.conv_general_dilated`, in the hook of that name of `nn.Conv`.

    Plain two-dimensional NHWC convolutions run as matrix products on CPU. Everything else
    (dilation, groups, other layouts) and every other platform goes to the stock convolution.

    Args: as `jax.lax.conv_general_dilated`.

    Returns:
      as `jax.lax.conv_general_dilated`, equal up to rounding.
    """
    stock = functools.partial(
        lax.conv_general_dilated,
        window_strides=window_strides,
        padding=padding,
        lhs_dilation=lhs_dilation,
        rhs_dilation=rhs_dilation,
        dimension_numbers=dimension_numbers,
        feature_group_count=feature_group_count,
        batch_group_count=batch_group_count,
        precision=precision,
        preferred_element_type=preferred_element_type,
    )
    plain = (
        lhs.ndim == 4
        and lax.conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
        == lax.conv_dimension_numbers(lhs.shape, rhs.shape, NHWC)
        and all(d == 1 for d in (*(lhs_dilation or ()), *(rhs_dilation or ())))
        and feature_group_count == batch_group_count == 1
        and lhs.dtype == rhs.dtype
        and preferred_element_type in (None, lhs.dtype)
        and out_sharding is None
        and jnp.issubdtype(lhs.dtype, jnp.floating)
    )
    if not plain:
        return (
            stock(lhs, rhs) if out_sharding is None else stock(lhs, rhs, out_sharding=out_sharding)
        )

    strides = (int(window_strides[0]), int(window_strides[1]))
    pads = explicit_padding(lhs.shape[1:3], rhs.shape[:2], strides, padding)
    ours = functools.partial(_products, strides=strides, pads=pads, precision=precision)
    return lax.platform_dependent(lhs, rhs, cpu=ours, default=stock)


def conv2d(
    x: jax.Array,
    kernel: jax.Array,
    strides: tuple[int, int] = (1, 1),
    padding: Padding = "VALID",
) -> jax.Array:
    """Slides a kernel over images: cross-correlation, which deep learning calls convolution.

    Args:
      x: images, (batch, height, width, channels), floating point.
      kernel: (kernel height, kernel width, channels, features), dtype of x.
      strides: steps down and across, in pixels.
      padding: "VALID" (no border), "SAME" (output as large as the input at stride 1), or
        ((top, bottom), (left, right)) in pixels.

    Returns:
      (batch, out height, out width, features), dtype of x. Without padding,
      out = (n - k) // stride + 1.

    Raises:
      ValueError: if shapes do not fit, or the kernel is larger than the padded picture.
    """
    if x.ndim != 4 or kernel.ndim != 4:
        raise ValueError(
            f"conv2d takes images (batch, height, width, channels) and a kernel (height, width, "
            f"channels, features); it got {x.shape} and {kernel.shape}."
        )
    if x.shape[3] != kernel.shape[2]:
        raise ValueError(
            f"The images have {x.shape[3]} channels and the kernel is made for {kernel.shape[2]}: "
            "the two must agree."
        )
    pads = explicit_padding(x.shape[1:3], kernel.shape[:2], strides, padding)
    if any(n + sum(p) < k for n, p, k in zip(x.shape[1:3], pads, kernel.shape[:2], strict=True)):
        raise ValueError(
            f"A {kernel.shape[0]}×{kernel.shape[1]} kernel does not fit into pictures of "
            f"{x.shape[1]}×{x.shape[2]} pixels with padding {padding!r}."
        )
    return conv_general_dilated(x, kernel, strides, pads, dimension_numbers=NHWC)
