"""Week 4: photographs come in colour, in folders, and in every size."""

# %% [markdown]
# # Week 4: load and classify real-world images
#
# Until now every picture was grey, 28 × 28 pixels, and ready in an array. Photographs are files in
# folders. They have colours and many sizes, and now and then one of them is broken.
# Read `exercises/week4.md`, next to this file.
#
#     python -m grader week4
#     python -m grader hint week4

# %%
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from PIL import Image

import lib

# %% [markdown]
# ## Task 1: `convolve_rgb`
#
# A colour picture is three grey ones on top of each other: red, green, blue. Its kernel has one
# slice for each. Each slice slides over its own channel, and you *add up* the three results: one
# kernel makes one output picture. Sixteen kernels make sixteen pictures, however many channels the
# input has.


# %%
def convolve_rgb(image: np.ndarray, kernels: np.ndarray) -> jax.Array:
    """Slides several kernels over a picture with channels, only where they fit, without clipping.

    Args:
      image: (height, width, channels), uint8 or float32: three channels in a colour picture, more
        after the first layer of a network. Compute in float32.
      kernels: (kernel height, kernel width, channels, filters), float32, not larger than the image;
        not always square.

    Returns:
      (height − kernel height + 1, width − kernel width + 1, filters), float32. Element [i, j, f] is
      the sum of image[i : i + kernel height, j : j + kernel width, :] times kernels[:, :, :, f],
      over all channels. It may be negative, or above 255. Do not flip the kernels.

    Example:
      A picture of one pixel, [[[1, 2, 3]]], and two kernels of one pixel, [[[[1, 0], [1, 0],
      [1, 2]]]], give [[[6, 6]]].

    Loops over the kernel's pixels are fast. For each pixel, one matrix product covers all channels
    and filters: (height, width, channels) @ (channels, filters).

    Not allowed in this task: `lib.conv2d`, `lib.Conv`, `jax.lax.conv`, `jax.numpy.convolve`,
    `jax.numpy.correlate`, `numpy.convolve`, `numpy.polymul`, `jax.numpy.polymul`,
    `numpy.correlate`; anything of `lib.nn.convolution`, `lib.nn.cpu_convolution`,
    `lib.nn.conv_pool`, `lib.nn.winograd`, `lib.nn.onednn`, `jax.scipy.signal`, `numpy.polynomial`,
    `scipy.signal` or `scipy.ndimage`; names that begin with `lib.nn.layers.conv_`, `jax.lax.conv_`
    or `flax.linen.Conv`.
    """
    raise NotImplementedError("Write convolve_rgb.")


if __name__ == "__main__":
    pixel = np.array([[[1, 2, 3]]], np.uint8)
    print(convolve_rgb(pixel, np.array([[[[1.0, 0], [1, 0], [1, 2]]]])), "should be [[[6. 6.]]]")

# %% [markdown]
# ## Task 2: `labels_from_folders`
#
# You would not write a list of labels for thousands of photographs. You put them into folders:
# `train/horses/horse01-0.png` is a horse, because it is in the folder `horses`. The classes are
# numbered in the order of their names.


# %%
def labels_from_folders(paths: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Finds the classes and labels of pictures from their folders.

    Args:
      paths: such as "train/horses/a.png", with "/" between the parts. The class of a picture is the
        name of the folder that holds it, the second to last part.

    Returns:
      The labels, one for each path in the order of `paths`: an integer array, (n,), each an index
      into the class names; and the class names, a sorted list of str, with each name once.

    Example:
      labels_from_folders(["a/humans/1.png", "a/horses/1.png", "a/humans/2.png"]) is
      array([1, 0, 1]) and ["horses", "humans"].
    """
    raise NotImplementedError("Write labels_from_folders.")


if __name__ == "__main__":
    print(labels_from_folders(["a/humans/1.png", "a/horses/1.png", "a/humans/2.png"]))

# %% [markdown]
# ## Task 3: `load_pictures`
#
# A network needs one array, so all pictures must become the same size. Pillow opens nearly any
# picture file: `Image.open(path)`. But pictures are not all red, green and blue. Some are grey,
# some have a palette, some are transparent. `image.convert("RGB")` makes them all alike. Convert
# *before* you resize, because the entries of a palette cannot be blended.
#
# In every large collection some files are broken. A single one must not end the entire run, but do
# not hide it either: say which files are broken.


# %%
def load_pictures(folder: str, edge: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Loads a folder that holds a folder of pictures for each class.

    Args:
      folder: holds only folders, one for each class; these hold only files.
      edge: height and width that the pictures must have, in pixels.

    Returns:
      The pictures, (n, edge, edge, 3), uint8: each opened with Pillow, converted with
      `.convert("RGB")`, then resized with `.resize((edge, edge), Image.Resampling.BILINEAR)`, which
      may stretch it. First all pictures of the first class, then of the second, and so on; within a
      class, in the order of the file names. (One grey level more or less does not matter.)
      Their labels, (n,), integers: classes are numbered in the order of the folders' names.
      The files you left out, a sorted list of str such as "horses/broken.png": those that are empty
      or that Pillow cannot read to the end. A folder keeps its number even when no picture in it
      can be read.

    The pictures stay uint8: `lib.fit` divides by 255 batch by batch, and uint8 takes a quarter of
    the memory of float32.

    Not allowed in this task: `lib.load_folder`, `lib.load`; anything of `lib.data`.
    """
    raise NotImplementedError("Write load_pictures.")


# Write some pictures into a folder first, in a terminal:
#     python -m lib.data write happy_or_sad figures/faces
if __name__ == "__main__" and Path("figures/faces/train").exists():
    images, labels, left_out = load_pictures("figures/faces/train", 75)
    print(images.shape, images.dtype, labels[:5], "left out:", left_out)

# %% [markdown]
# ## Task 4: `steps_per_epoch`
#
# An epoch goes through all pictures once, a batch at a time. If they do not fill the last batch, it
# is smaller, but it is still a step.


# %%
def steps_per_epoch(examples: int, batch_size: int) -> int:
    """Counts the training steps in one epoch.

    Args:
      examples: number of examples, 1 or more.
      batch_size: examples per step, 1 or more.

    Returns:
      An int. The last batch may be smaller, but it counts.

    Example:
      steps_per_epoch(256, 32) is 8, and steps_per_epoch(257, 32) is 9.
    """
    raise NotImplementedError("Write steps_per_epoch.")


if __name__ == "__main__":
    print(steps_per_epoch(1_027, 128), "steps for 1,027 horses and humans in batches of 128")

# %% [markdown]
# ## Task 5: `horse_or_human_net`
#
# Two classes need only one output: the larger it is, the more likely is class 1, the human. The
# pictures have 300 × 300 pixels, and nearly all of the 40 million parameters come after the
# flattening. You need not train that: `lib.summary` counts them without computing anything.


# %%
def horse_or_human_net() -> nn.Module:
    """Builds the network for horses and humans: Conv 16, 32, 64, each with pooling, Dense 512, 1.

    Returns:
      A Flax module that takes float32 images (n, height, width, 3) and returns logits (n, 1): 3 × 3
      kernels, VALID, ReLU after each convolution, 2 × 2 max-pooling after that, then flatten, a
      dense layer of 512 with ReLU, and one of 1 without activation: the sigmoid is in the loss.
      It has 40,165,409 parameters for pictures of 300 × 300. It must work for pictures of any size
      from 22 × 22, so leave the size after flattening to `lib.Flatten`.

    Not allowed in this task: `lib.horse_or_human`, `lib.ConvClassifier`, `lib.happy_or_sad`,
    `lib.cats_and_dogs`, `lib.flowers_baseline`, `lib.rock_paper_scissors`.
    """
    raise NotImplementedError("Write horse_or_human_net.")


if __name__ == "__main__":
    print(lib.summary(horse_or_human_net(), (1, 300, 300, 3)))

# %% [markdown]
# ## Task 6: `sigmoid_cross_entropy`
#
# The sigmoid squeezes one number into 0…1: σ(x) = 1 / (1 + exp(−x)), the probability of class 1.
# Class 0 gets the rest, 1 − σ(x), which is σ(−x). The loss is minus the logarithm of the
# probability of the *right* class. Mind the shapes: logits are (n, 1), labels are (n,).


# %%
def sigmoid_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Computes the binary cross-entropy of logits, averaged over the examples.

    Args:
      logits: (n, 1), float32, any real number: you apply the sigmoid in here.
      labels: (n,), integers, 0 or 1.

    Returns:
      A single number, float32: the mean over the examples of −log(σ(logit)) where the label is 1
      and −log(1 − σ(logit)) where it is 0. Logits such as 1000 or −1000 must not give infinity or
      NaN.

    You may use anything in `jax.nn`.

    Not allowed in this task: `lib.sigmoid_cross_entropy`, `lib.softmax_cross_entropy`,
    `lib.categorical_cross_entropy`, `optax.safe_softmax_cross_entropy`; anything of `optax.losses`;
    names that begin with `optax.sigmoid_` or `optax.softmax_cross_entropy`.
    """
    raise NotImplementedError("Write sigmoid_cross_entropy.")


if __name__ == "__main__":
    print(sigmoid_cross_entropy(jnp.array([[0.0]]), jnp.array([1])), "should be 0.6931: log 2")
    print(sigmoid_cross_entropy(jnp.array([[1000.0]]), jnp.array([0])), "should be 1000")

# %% [markdown]
# ## Task 7: `train_happy_or_sad`
#
# Eighty faces, happy or sad, are few, so a network soon knows them all. Train until it does, then
# stop. You know the callback from week 2; here you use `lib.StopWhen`. The network is ready too:
# `lib.happy_or_sad()`, Conv 16, 32, 32, Dense 512, Dense 1.
#
# Two things are new: the loss, `lib.create_state(..., loss=lib.sigmoid_cross_entropy)`, which is
# yours from task 6 without the mean, and RMSprop, an optimizer like Adam but older.


# %%
def train_happy_or_sad(
    images: np.ndarray, labels: np.ndarray, key: jax.Array
) -> tuple[Mapping, list[float]]:
    """Trains `lib.happy_or_sad()` until it knows all the faces, then stops.

    Args:
      images: (n, edge, edge, 3), uint8, eighty of them or some more.
      labels: (n,), integers: 0 is happy, 1 is sad.
      key: a random key. Split it: one part for the initial parameters, one for shuffling.

    Returns:
      The trained params (`state.params`), and a list with the training accuracy of each epoch
      (`history["accuracy"]`). Stop after the first epoch above 0.999, or after 40 epochs if there
      is none.

    RMSprop with a learning rate of 0.001 and batches of 10 needs about ten epochs. What counts is
    when training stopped, that the network knows these faces, and that it does well on faces it
    has never seen. Learn only from the images given.

    Not allowed in this task: `lib.load`, `lib.draw`; anything of `lib.data`.
    """
    raise NotImplementedError("Write train_happy_or_sad.")


if __name__ == "__main__":
    faces = lib.load("happy_or_sad", test_size=100, edge=75)
    params, accuracies = train_happy_or_sad(*faces.train, jax.random.key(0))
    print(f"{len(accuracies)} epochs, the last with accuracy {accuracies[-1]:.4f}")

# %% [markdown]
# ## Task 8: `classify_picture`
#
# Now use it: one picture in, one name out. Three things are easy to forget. The network learned
# from values between 0 and 1, so divide by 255. It expects a batch, so make one with a single
# picture. And it returns a logit, so take the sigmoid to get a probability.


# %%
def classify_picture(
    model: nn.Module, params: Mapping, picture: np.ndarray, class_names: Sequence[str]
) -> tuple[str, float]:
    """Says which of two classes a picture belongs to.

    Args:
      model: a Flax module that takes float32 images in 0…1, (n, height, width, 3), and returns
        logits (n, 1).
      params: its parameters.
      picture: (height, width, 3), uint8.
      class_names: the names of class 0 and class 1.

    Returns:
      The name of the class, and the probability of class 1 (not of the class named), a float. Above
      0.5 the name is that of class 1, otherwise that of class 0.
    """
    raise NotImplementedError("Write classify_picture.")


if __name__ == "__main__":
    for picture, label in zip(*faces.test, strict=True):
        name, probability = classify_picture(lib.happy_or_sad(), params, picture, faces.class_names)
        if name != faces.class_names[label]:
            print(f"{faces.class_names[label]}, mistaken for {name} ({probability:.2f})")
