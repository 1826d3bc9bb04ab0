"""Layers as Flax modules, one per row of a summary, with a convolution that is fast on CPU."""

from collections.abc import Callable

import jax
from flax import linen as nn

from lib.nn.conv_pool import conv_pool_relu
from lib.nn.convolution import conv2d as conv2d
from lib.nn.convolution import conv_general_dilated
from lib.nn.pooling import avg_pool as avg_pool
from lib.nn.pooling import max_pool as max_pool

Activation = Callable[[jax.Array], jax.Array]


class Conv(nn.Conv):
    """A convolution: `features` kernels slide over the picture, each for one output channel.

    `flax.linen.Conv` with three different defaults: 3×3 kernels, no padding (VALID), and this
    library's convolution, which is several times faster than stock XLA in a training loop on CPU.

    Input (batch, height, width, channels), output (batch, out height, out width, features).
    Params: kernel (height, width, channels, features), bias (features,).
    """

    kernel_size: tuple[int, int] = (3, 3)
    padding: str = "VALID"
    conv_general_dilated: Callable = conv_general_dilated
    activation: Activation | None = None

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns the convolved images, after `activation` if there is one."""
        outputs = super().__call__(inputs)
        return outputs if self.activation is None else self.activation(outputs)

    def relu_and_pool(self, inputs: jax.Array, window: int = 2) -> jax.Array:
        """Convolves with stride 1, keeps the maximum of each window and applies ReLU, in one step.

        For training; the layer must already have parameters. See `lib.nn.conv_pool`.

        Args:
          inputs: images, (batch, height, width, channels).
          window: edge of a window in pixels; windows do not overlap.

        Returns:
          (batch, out height // window, out width // window, features).
        """
        kernel, bias = (self.get_variable("params", name) for name in ("kernel", "bias"))
        return conv_pool_relu(inputs, kernel, bias, self.padding, window)


class Dense(nn.Dense):
    """A fully connected layer: `features` weighted sums of all inputs, each plus a bias.

    `flax.linen.Dense` with an optional activation function. Input (batch, inputs), output
    (batch, features). Params: kernel (inputs, features), bias (features,).
    """

    activation: Activation | None = None

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns the weighted sums, after `activation` if there is one."""
        outputs = super().__call__(inputs)
        return outputs if self.activation is None else self.activation(outputs)


class Dropout(nn.Dropout):
    """Sets values to 0 at random in training: `flax.linen.Dropout`, with the same bits.

    It draws its random numbers along one axis, for any shape: XLA takes longer to compile a draw
    along four axes. Input and output of any shape; no params.
    """

    def __call__(
        self, inputs: jax.Array, deterministic: bool | None = None, rng: jax.Array | None = None
    ) -> jax.Array:
        """Returns the inputs; in training, some are 0 and the others divided by 1 − rate."""
        if self.broadcast_dims:
            return super().__call__(inputs, deterministic, rng)
        return super().__call__(inputs.reshape(-1), deterministic, rng).reshape(inputs.shape)


class Flatten(nn.Module):
    """Turns each picture into one row: (batch, …) to (batch, product of the other axes)."""

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns (batch, product of the other axes)."""
        return inputs.reshape(inputs.shape[0], -1)


class MaxPool(nn.Module):
    """Keeps the largest value of each window; see `max_pool`."""

    window: int = 2
    strides: int | None = None

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns the pooled images."""
        return max_pool(inputs, self.window, self.strides)


class AvgPool(nn.Module):
    """Takes the mean of each window; see `avg_pool`."""

    window: int = 2
    strides: int | None = None

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns the pooled images."""
        return avg_pool(inputs, self.window, self.strides)


def conv_relu_pool(conv: Conv, pool: MaxPool, x: jax.Array, *, train: bool) -> jax.Array:
    """A convolution with ReLU, then its pooling; in training, computed in one step.

    Args:
      conv: the convolution, with stride 1 and ReLU as its activation.
      pool: the pooling, with windows that do not overlap.
      x: images, (batch, height, width, channels).
      train: whether the model is training.

    Returns:
      (batch, out height // window, out width // window, features).
    """
    if train and not conv.is_initializing():
        return conv.relu_and_pool(x, pool.window)
    return pool(conv(x))
