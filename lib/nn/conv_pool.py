"""A convolution, its pooling and its ReLU in one step, a few pictures at a time.

The output of a convolution for a batch of large pictures is larger than any cache. It would be
written to memory and read again for the pooling, and once more in the backward pass. For a few
pictures at a time it stays in the cache, and only the pooled values are written to memory.
"""

import functools

import jax
import jax.numpy as jnp
from jax import lax

from lib.nn import onednn
from lib.nn.convolution import conv2d
from lib.nn.cpu_convolution import Padding, explicit_padding, images_per_part, pools_by_onednn
from lib.nn.pooling import max_and_argmax, max_pool, to_argmax


def conv_pool_relu(
    x: jax.Array,
    kernel: jax.Array,
    bias: jax.Array,
    padding: Padding = "VALID",
    window: int = 2,
) -> jax.Array:
    """Convolution, the largest value of each block, bias and ReLU.

    Bias and ReLU keep the order of values, so the result equals a convolution with bias and ReLU,
    followed by the pooling. But with 2×2 blocks they process only a quarter of the values, forward
    and backward.

    Args:
      x: images, (batch, height, width, channels), floating point.
      kernel: (kernel height, kernel width, channels, features), dtype of x.
      bias: (features,), dtype of x.
      padding: the padding of the convolution, as in `conv2d`.
      window: edge of a block in pixels.

    Returns:
      (batch, out height // window, out width // window, features), dtype of x.

    Raises:
      ValueError: if shapes do not fit.
    """
    convolve = functools.partial(conv2d, padding=padding)

    def whole(x, kernel, bias):
        return jax.nn.relu(max_pool(convolve(x, kernel), window) + bias)

    output = jax.eval_shape(convolve, x, kernel)
    pads = explicit_padding(x.shape[1:3], kernel.shape[:2], (1, 1), padding)
    size = images_per_part(output)
    if pools_by_onednn(x, kernel, pads, window):
        on_cpu = functools.partial(onednn.conv_pool_relu, pads=pads, window=window)
    elif size == len(x):
        return whole(x, kernel, bias)
    else:
        on_cpu = functools.partial(_by_parts, convolve=convolve, window=window, size=size)
    return lax.platform_dependent(x, kernel, bias, cpu=on_cpu, default=whole)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4, 5))
def _by_parts(x, kernel, bias, convolve, window, size):
    return _forward(x, kernel, bias, convolve, window, size)[0]


def _forward(x, kernel, bias, convolve, window, size):
    def forward(part):
        largest, argmax = max_and_argmax(convolve(part, kernel), window)
        return jax.nn.relu(largest + bias), argmax

    y, argmax = lax.map(forward, _parts(x, size))
    y = y.reshape(len(x), *y.shape[2:])
    return y, (x, kernel, y, argmax)


def _backward(convolve, window, size, residuals, dy):
    x, kernel, y, argmax = residuals

    def backward(totals, part):
        x, y, argmax, dy = part
        dy = jnp.where(y > 0, dy, 0)
        output, pull_back = jax.vjp(convolve, x, kernel)
        dx, d_kernel = pull_back(_padded(to_argmax(dy, argmax, window), output.shape))
        shares = d_kernel, dy.sum(axis=(0, 1, 2))
        return jax.tree.map(jnp.add, totals, shares), dx

    zeros = jnp.zeros_like(kernel), jnp.zeros(kernel.shape[-1:], dy.dtype)
    parts = _parts(x, size), _parts(y, size), argmax, _parts(dy, size)
    (d_kernel, d_bias), dx = lax.scan(backward, zeros, parts)
    return dx.reshape(x.shape), d_kernel, d_bias


_by_parts.defvjp(_forward, _backward)


def _parts(x, size):
    return x.reshape(-1, size, *x.shape[1:])


def _padded(x, shape):
    """Adds the rows and columns that did not fill a block."""
    return jnp.pad(x, [(0, new - old) for old, new in zip(x.shape, shape, strict=True)])
