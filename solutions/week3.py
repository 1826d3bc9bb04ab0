"""Week 3: convolutions look at neighbours, pooling keeps what matters."""

# %% [markdown]
# # Week 3: slide a small window over a picture
#
# A dense layer connects every pixel to every neuron. A convolution looks through a small window of
# three by three pixels and slides it over the picture. What it learns in one corner, it knows
# everywhere. Read `exercises/week3.md`, next to this file.
#
#     python -m grader week3
#     python -m grader hint week3

# %%
import math
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

import lib

# %% [markdown]
# ## Task 1: `convolve2d`
#
# Lay the kernel on the top left corner of the picture, multiply each of its numbers by the pixel
# below it, and add up the products: that is the first output pixel. Move one pixel to the right,
# and so on. There is no output where the kernel would stick out, so the picture gets smaller
# ("VALID"). Do *not* flip the kernel. (Mathematicians call this cross-correlation; in deep learning
# everyone says convolution.)


# %%
def convolve2d(image: np.ndarray, kernel: np.ndarray) -> jax.Array:
    """Slides a kernel over a grey picture, only where it fits, without clipping.

    Args:
      image: (height, width), uint8 or float32. Compute in float32.
      kernel: (kernel height, kernel width), float32, not larger than the image; not always square.

    Returns:
      (height − kernel height + 1, width − kernel width + 1), float32. Element [i, j] is the sum of
      image[i : i + kernel height, j : j + kernel width] times kernel. It may be negative, or
      above 255.

    Example:
      convolve2d(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1.0, -1.0]])) is
      [[−1, −1], [−1, −1]], shape (2, 2).

    Loops over the *kernel* are fast: nine shifted copies of the picture, each times one number.
    Loops over the *picture* are slow.
    """
    image = jnp.asarray(image, jnp.float32)
    height = image.shape[0] - kernel.shape[0] + 1
    width = image.shape[1] - kernel.shape[1] + 1
    result = jnp.zeros((height, width), jnp.float32)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            result = result + image[i : i + height, j : j + width] * kernel[i, j]
    return result


VERTICAL_LINES = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)

if __name__ == "__main__":
    print(convolve2d(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1.0, -1.0]])), "all -1")
    picture = lib.grey_picture()
    filtered = np.clip(convolve2d(picture, VERTICAL_LINES), 0, 255).astype(np.uint8)
    row = lib.plots.picture_row({"picture": picture, "vertical lines": filtered})
    lib.plots.show(row, "figures/vertical-lines.png")

# %% [markdown]
# ## Task 2: `max_pool2d`
#
# Cut the picture into small squares and keep the largest value of each. The picture shrinks, but
# keeps whatever a filter found in a square.


# %%
def max_pool2d(image: np.ndarray, size: int) -> jax.Array:
    """Keeps the largest value of each size × size square.

    Args:
      image: (height, width), float32; may be negative.
      size: edge of a square in pixels, 1 ≤ size ≤ height and width.

    Returns:
      (height // size, width // size), float32. Drop rows and columns at the end that do not fill a
      square.

    Example:
      max_pool2d(np.array([[1, 2, 9], [4, 3, 9]]), 2) is [[4]]: the third column fills no square.
    """
    image = jnp.asarray(image)
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[: height * size, : width * size].reshape(height, size, width, size)
    return squares.max(axis=(1, 3))


if __name__ == "__main__":
    print(max_pool2d(np.array([[1.0, 2.0, 9.0], [4.0, 3.0, 9.0]]), 2), "should be [[4.]]")

# %% [markdown]
# ## Task 3: `conv_output_size`
#
# How large is the picture after a convolution? "VALID": the kernel stays inside. "SAME": a border
# of zeros, just wide enough to keep the size at stride 1. The *stride* is how far the window moves
# each time; with stride 2 only every second position counts.


# %%
def conv_output_size(n: int, kernel: int, stride: int = 1, padding: str = "VALID") -> int:
    """Size of a convolution's output along one axis.

    Args:
      n: size of the input along that axis, n ≥ kernel.
      kernel: size of the kernel along that axis.
      stride: how far the window moves each time, 1 or more.
      padding: "VALID" (no border) or "SAME" (zeros around).

    Returns:
      An int. VALID: the number of positions where the kernel fits, taking every stride-th. SAME: n
      divided by stride, rounded up.

    Example:
      conv_output_size(28, 3) is 26; conv_output_size(28, 3, padding="SAME") is 28;
      conv_output_size(7, 3, stride=2) is 3. For pooling, use a 2 × 2 window with stride 2.
    """
    if padding == "SAME":
        return math.ceil(n / stride)
    return (n - kernel) // stride + 1


if __name__ == "__main__":
    size = 28
    for layer, kernel, stride in (("conv", 3, 1), ("pool", 2, 2), ("conv", 3, 1), ("pool", 2, 2)):
        size = conv_output_size(size, kernel, stride)
        print(f"after the {layer}: {size} × {size}")

# %% [markdown]
# ## Task 4: count parameters
#
# Each filter of a convolution looks at *all* channels of its input through its window, so it has
# kernel · kernel · in_channels weights and one bias. A neuron of a dense layer has one weight per
# input and one bias.


# %%
def conv_params(in_channels: int, out_channels: int, kernel: int) -> int:
    """Counts the parameters of a convolution.

    Args:
      in_channels: channels of its input.
      out_channels: number of its filters, and so of the channels of its output.
      kernel: edge of the square window.

    Returns:
      All weights and biases, an int. conv_params(1, 64, 3) is 640.
    """
    return (kernel * kernel * in_channels + 1) * out_channels


def dense_params(inputs: int, outputs: int) -> int:
    """Counts the parameters of a dense layer.

    Args:
      inputs: how many numbers go in.
      outputs: how many neurons it has.

    Returns:
      All weights and biases, an int. dense_params(784, 512) is 401,920.
    """
    return (inputs + 1) * outputs


def cnn_params(size: int, filters: Sequence[int], hidden: int, classes: int) -> int:
    """Counts the parameters of a convolutional network for square grey pictures.

    Args:
      size: edge of the picture in pixels; it has one channel.
      filters: number of filters of each convolution, in order. Each has a 3 × 3 kernel, VALID,
        stride 1. 2 × 2 pooling follows it and drops an odd edge.
      hidden: neurons of the dense layer after flattening.
      classes: neurons of the last dense layer.

    Returns:
      The parameters of all layers together, an int. cnn_params(28, (64, 64), 128, 10) is 243,786.
    """
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size = conv_output_size(size, 3) // 2
        channels = count
    return total + dense_params(size * size * channels, hidden) + dense_params(hidden, classes)


if __name__ == "__main__":
    print(conv_params(1, 64, 3), "should be 640")
    print(dense_params(784, 512), "should be 401920")
    print(cnn_params(28, (64, 64), 128, 10), "should be 243786")

# %% [markdown]
# ## Task 5: `fashion_cnn`
#
# `lib.Conv(64, activation=nn.relu)` is a convolution with 64 filters of 3 × 3, VALID;
# `lib.MaxPool()` pools 2 × 2. They compute the same as `nn.Conv` and `nn.max_pool`, only faster on
# a CPU.


# %%
def fashion_cnn() -> nn.Module:
    """Builds the convolutional network: Conv 64, pool, Conv 64, pool, Dense 128, Dense 10.

    Returns:
      A Flax module that takes float32 images (n, 28, 28, 1) and returns logits (n, 10): 3 × 3
      kernels, VALID, ReLU after each convolution, 2 × 2 max-pooling after that, then flatten, a
      dense layer of 128 with ReLU, and one of 10 without activation. It has 243,786 parameters.
    """
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )


if __name__ == "__main__":
    print(lib.summary(fashion_cnn(), (1, 28, 28, 1)))

# %% [markdown]
# ## Task 6: `layer_activations`
#
# What does each layer turn a picture into? Flax can keep the output of every layer:
# `model.apply({"params": params}, images, capture_intermediates=True)` returns two things, the
# output and a dict. Its "intermediates" hold one entry per layer, a dict with a tuple under
# "__call__". One more entry, "__call__", belongs to the entire model: leave it out. Print the dict
# once and look. A tuple holds a layer's output before and after its activation function, or only
# one output if there is no activation function: the activation of a layer is the *last* element.


# %%
def layer_activations(
    model: nn.Module, params: Mapping, images: jax.Array
) -> Mapping[str, jax.Array]:
    """Runs a model and keeps the output of each of its layers.

    Args:
      model: a Flax module whose layers have names, such as "conv1", "pool1", … "logits".
      params: its parameters.
      images: one batch, (n, height, width, channels), float32.

    Returns:
      A dict from the name of each layer to its output for the batch, after the activation function.
      It has entries for the layers only, none for the entire model.
    """
    _, kept = model.apply(
        {"params": params}, images, capture_intermediates=True, mutable=["intermediates"]
    )
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][-1] for name in layers if name != "__call__"}


if __name__ == "__main__":
    fashion = lib.load("fashion_mnist", train_size=6_000, test_size=2_000)
    model = lib.fashion_cnn()
    images = fashion.test.images[:2] / np.float32(255)
    params = model.init(jax.random.key(0), images)["params"]
    for name, output in layer_activations(model, params, images).items():
        print(f"{name:8} {output.shape}")

# %% [markdown]
# ## Task 7: `activation_to_image`
#
# A picture has a fixed range of values, an activation has none. So centre the activation, give it
# a fixed spread, and shift it to the middle of the grey values.


# %%
def activation_to_image(activation: jax.Array) -> np.ndarray:
    """Turns one channel of an activation into a grey picture.

    Args:
      activation: (height, width), float32.

    Returns:
      (height, width), uint8: subtract the mean; divide by the standard deviation (skip this if it
      is 0); multiply by 64; add 128; clip to 0…255; convert to uint8 (truncate or round the
      fraction, as you like).
    """
    centred = activation - activation.mean()
    std = activation.std()
    scaled = centred / jnp.where(std > 0, std, 1) * 64 + 128
    return np.asarray(jnp.clip(scaled, 0, 255)).astype(np.uint8)


if __name__ == "__main__":
    first = layer_activations(model, params, images)["conv1"][0]
    pictures = {f"filter {i}": activation_to_image(first[:, :, i]) for i in range(4)}
    lib.plots.show(lib.plots.picture_row(pictures, note=fashion), "figures/activations.png")

# %% [markdown]
# ## Task 8: `train_cnn`
#
# Now train it, and beat the dense network of week 2 on the same pictures. You know the pieces:
# `lib.create_state`, `optax.adam`, `lib.fit`. A convolution takes much more time than a dense
# layer, so a few epochs have to be enough.
#
# One thing is new. With a constant learning rate the last steps are as large as the first, so where
# training ends is partly luck. Let the rate *fall to 0* during training, and the last steps settle.
# Pass `optax.linear_schedule(0.002, 0.0, steps)` instead of the number; `steps` is the number of
# steps in all epochs together.


# %%
def train_cnn(images: np.ndarray, labels: np.ndarray, key: jax.Array) -> dict:
    """Trains `fashion_cnn` on pictures of clothes.

    Args:
      images: (n, 28, 28, 1), uint8.
      labels: (n,), integers 0 to 9; the grader numbers the classes differently in each run.
      key: a random key. Split it: one part for the initial parameters, one for shuffling.

    Returns:
      The trained params (`state.params`).

    What counts is the accuracy on pictures that the network has never seen: it must be higher than
    that of a dense network trained on the same pictures. Three epochs in batches of 32 are enough
    with Adam and a learning rate that falls from 0.002 to 0. So are five epochs at a constant rate
    of 0.001, but their result varies more from run to run. Learn only from the images given.
    """
    params_key, fit_key = jax.random.split(key)
    epochs, batch_size = 3, 32
    steps = epochs * math.ceil(len(images) / batch_size)
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, steps))
    state = lib.create_state(fashion_cnn(), optimizer, images, params_key)
    state, _ = lib.fit(state, images, labels, epochs=epochs, batch_size=batch_size, key=fit_key)
    return state.params


if __name__ == "__main__":
    params = train_cnn(*fashion.train, jax.random.key(0))
    images, labels = fashion.test.images[:500], fashion.test.labels[:500]
    logits = fashion_cnn().apply({"params": params}, images / np.float32(255))
    right = np.mean(np.argmax(logits, axis=-1) == labels)
    print(f"accuracy on pictures it has not seen: {right:.3f}")
