"""Convolution: this library's forms on CPU, the stock one on GPU and TPU."""

import functools

import jax
import jax.numpy as jnp
from jax import lax

from lib.nn.cpu_convolution import NHWC, Padding, convolution_on_cpu, explicit_padding


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
    """Replaces `jax.lax.conv_general_dilated` in the field of that name of `nn.Conv`.

    Plain two-dimensional NHWC convolutions run in this library's forms on CPU. Everything else
    (dilation, groups, other layouts) and every other platform uses the stock convolution.

    Args: as `jax.lax.conv_general_dilated`.

    Returns:
      as `jax.lax.conv_general_dilated`, equal up to rounding.

    Raises:
      ValueError: if the kernel of a plain convolution is larger than the padded picture.
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
    if any(n + sum(p) < k for n, p, k in zip(lhs.shape[1:3], pads, rhs.shape[:2], strict=True)):
        raise ValueError(
            f"A {rhs.shape[0]}×{rhs.shape[1]} kernel does not fit into pictures of "
            f"{lhs.shape[1]}×{lhs.shape[2]} pixels with padding {padding!r}. Pictures are "
            "(batch, height, width, channels), even grey ones."
        )
    ours = functools.partial(convolution_on_cpu, strides=strides, pads=pads, precision=precision)
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
            f"The images have {x.shape[3]} channels, but the kernel is for {kernel.shape[2]}: "
            "the two must agree."
        )
    return conv_general_dilated(x, kernel, strides, padding, dimension_numbers=NHWC)
