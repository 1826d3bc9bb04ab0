"""Week 6: augmentation turns one picture into many; dropout keeps neurons independent."""

# %% [markdown]
# # Week 6: augmentation and dropout
#
# Last week's network memorised its own pictures and recognised new ones much less well. More
# pictures would help, but there are none, so you make them: a cat that is rotated, shifted or
# mirrored is still a cat. Read `exercises/week6.md`, next to this file.
#
#     python -m grader week6
#     python -m grader hint week6

# %%
import math
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lib

# %% [markdown]
# ## Task 1: `flip`
#
# The simplest change is to swap left and right. Pixels keep their colours and swap positions. (Top
# and bottom are another matter: you meet few cats standing on their heads.)


# %%
def flip(images: jax.Array) -> jax.Array:
    """Mirrors pictures: left and right change places.

    Args:
      images: (n, height, width, channels).

    Returns:
      The same shape and dtype. Column 0 moves to the last column, and so on.
    """
    return images[:, :, ::-1]


if __name__ == "__main__":
    pets = lib.load("cats_and_dogs", train_size=8, test_size=1, edge=64)
    both = np.concatenate([pets.train.images[:4], flip(pets.train.images[:4])])
    lib.plots.show(lib.plots.image_grid(both, columns=4, note=pets), "figures/flipped.png")

# %% [markdown]
# ## Task 2: `rotation_about_centre`
#
# A 3 × 3 matrix can rotate, shift or zoom a picture. For each position in the *new* picture, it
# gives the position in the *old* picture that the colour comes from. A position is
# (row, column, 1): row 0 is at the top, column 0 is on the left, and the 1 lets a matrix shift
# things too.
#
# A rotation by the angle `a` fetches the colour of (row, column) from
# (cos a · row + sin a · column, −sin a · row + cos a · column).
# This rotates about the position (0, 0), the pixel in the corner. To rotate about the centre, shift
# the centre there, rotate, and shift it back. The centre of 5 pixels is at 2; of 4, at 1.5.


# %%
def rotation_about_centre(degrees: float, height: int, width: int) -> jax.Array:
    """Returns the matrix that rotates a picture counterclockwise about its centre.

    Args:
      degrees: the angle. Sine and cosine take radians: `jnp.deg2rad` converts.
      height: the number of rows of the picture.
      width: the number of columns of the picture.

    Returns:
      (3, 3), float: multiplied by a position (row, column, 1) in the new picture, it gives the
      position in the old one. The centre, ((height − 1) / 2, (width − 1) / 2), does not move.

    Example:
      rotation_about_centre(90, 3, 3) is [[0, 1, 0], [−1, 0, 2], [0, 0, 1]]: the pixel on the right,
      (1, 2), comes from (2, 1), at the bottom.
    """
    angle = jnp.deg2rad(degrees)
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    row, column = (height - 1) / 2, (width - 1) / 2
    return jnp.array(
        [
            [cosine, sine, row - cosine * row - sine * column],
            [-sine, cosine, column + sine * row - cosine * column],
            [0.0, 0.0, 1.0],
        ]
    )


if __name__ == "__main__":
    print(np.round(rotation_about_centre(90, 3, 3), 3))

# %% [markdown]
# ## Task 3: `compose`
#
# To rotate, then shift, then zoom, you need three matrices, and their product does all three at
# once. That saves more than time. Each time you sample a picture it loses a little sharpness; with
# one matrix you sample it once.


# %%
def compose(*matrices: jax.Array) -> jax.Array:
    """Combines several matrices into one.

    Args:
      matrices: one or more, each (3, 3), from positions in the new picture to positions in the old
        one.

    Returns:
      (3, 3), float. Sampling a picture with it has the same effect as sampling with the first
      matrix, then sampling the result with the second, and so on (but loses less sharpness).

    A position in the final picture goes through the *last* matrix first. The product therefore has
    the matrices in the order of the arguments.
    """
    result = jnp.eye(3)
    for matrix in matrices:
        result = result @ matrix
    return result


if __name__ == "__main__":
    half = rotation_about_centre(45, 3, 3)
    print(np.round(compose(half, half), 3), "as above")

# %% [markdown]
# ## Task 4: `sample`
#
# Now apply the matrix to a picture. Where does each pixel of the new picture come from? Usually
# from a position between four pixels. Blend all four; the nearer one is, the more it counts. At row
# 2.25, row 2 has weight 0.75 and row 3 has weight 0.25. Columns work the same way.
#
# What if the position is outside the picture? A *fill mode* says which pixel to use. Here are four
# pixels, `a b c d`, and what each mode puts next to them:
#
#     nearest    a a a a | a b c d | d d d d     the outermost pixel, again and again
#     constant   0 0 0 0 | a b c d | 0 0 0 0     black
#     reflect    d c b a | a b c d | d c b a     a mirror at the edge
#     wrap       a b c d | a b c d | a b c d     from the beginning again
#
# All of this is arithmetic with row and column numbers. You need no loop over the pixels: with
# integer arrays `rows` and `columns`, `image[rows, columns]` looks up all of them at once.


# %%
def sample(image: jax.Array, matrix: jax.Array, fill_mode: str) -> jax.Array:
    """Makes the new picture: looks up each pixel's colour at its position in the old one.

    Args:
      image: (height, width, channels), float32.
      matrix: (3, 3), float32: multiplied by a position (row, column, 1) in the new picture, it
        gives the position in the old one, usually between pixels.
      fill_mode: "nearest", "constant", "reflect" or "wrap". It says which pixel to use at a whole
        row and column number outside the picture, as shown above. Far outside, the pattern
        continues. With "constant" all of them are 0.

    Returns:
      (height, width, channels), float32: the bilinear blend of the four pixels around each
      position. Look up each of the four separately, using the fill mode for those outside the
      picture.
    """
    height, width, _ = image.shape
    places = jnp.stack([*jnp.indices((height, width)), jnp.ones((height, width))], axis=-1)
    row, column, _ = jnp.moveaxis(places @ matrix.T, -1, 0)
    top, left = jnp.floor(row).astype(int), jnp.floor(column).astype(int)

    def colour(i, j):
        found = image[_inside(i, height, fill_mode), _inside(j, width, fill_mode)]
        if fill_mode != "constant":
            return found
        there = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        return jnp.where(there[..., None], found, 0.0)

    down, right = (row - top)[..., None], (column - left)[..., None]
    above = (1 - right) * colour(top, left) + right * colour(top, left + 1)
    below = (1 - right) * colour(top + 1, left) + right * colour(top + 1, left + 1)
    return (1 - down) * above + down * below


def _inside(index, size, fill_mode):
    if fill_mode == "wrap":
        return index % size
    if fill_mode == "reflect":
        index = index % (2 * size)
        return jnp.minimum(index, 2 * size - 1 - index)
    return jnp.clip(index, 0, size - 1)


if __name__ == "__main__":
    picture = pets.train.images[0] / np.float32(255)
    turn = rotation_about_centre(30, *picture.shape[:2])
    modes = ("nearest", "constant", "reflect", "wrap")
    turned = np.stack([np.asarray(sample(picture, turn, mode)) for mode in modes])
    lib.plots.show(
        lib.plots.image_grid(turned, range(4), modes, columns=4, note=pets),
        "figures/fill-modes.png",
    )

# %% [markdown]
# ## Task 5: `draw_augmentation`
#
# How far do you rotate each picture? Draw the angle at random, from a key. A key that you use twice
# gives the same numbers twice: each picture rotated far to the left would also be shifted far up.
# Split the key, one part for each kind of number.


# %%
def draw_augmentation(
    key: jax.Array, count: int, rotation: float, shift: float, zoom: float
) -> Mapping[str, jax.Array]:
    """Draws how to change each picture of a batch.

    Args:
      key: a random key.
      count: the number of pictures.
      rotation: the largest angle in degrees.
      shift: the largest shift, as a fraction of the picture.
      zoom: how far a zoom factor may be from 1.

    Returns:
      A dict of arrays, each (count,). Five are float, with every value in the range equally likely:
      "rotation" in −rotation … rotation, "row_shift" and "column_shift" in −shift … shift,
      "row_zoom" and "column_zoom" in 1 − zoom … 1 + zoom. "flip" is bool, True for half of the
      pictures on average. Each picture has its own numbers, and all six are independent of one
      another. The same key gives the same numbers; another key gives different ones.
    """
    keys = jax.random.split(key, 6)

    def uniform(key, least, largest):
        return jax.random.uniform(key, (count,), minval=least, maxval=largest)

    return {
        "rotation": uniform(keys[0], -rotation, rotation),
        "row_shift": uniform(keys[1], -shift, shift),
        "column_shift": uniform(keys[2], -shift, shift),
        "row_zoom": uniform(keys[3], 1 - zoom, 1 + zoom),
        "column_zoom": uniform(keys[4], 1 - zoom, 1 + zoom),
        "flip": jax.random.bernoulli(keys[5], 0.5, (count,)),
    }


if __name__ == "__main__":
    drawn = draw_augmentation(jax.random.key(1), 8, rotation=40, shift=0.2, zoom=0.2)
    for name, values in drawn.items():
        print(f"{name:13}", np.round(values, 2))
    changed = []
    for i in range(8):
        # A zoom is a matrix, and so is a shift. The zoom acts about the centre.
        turn = rotation_about_centre(drawn["rotation"][i], 64, 64)
        down, across = drawn["row_zoom"][i], drawn["column_zoom"][i]
        offset = 31.5 * (1 - down), 31.5 * (1 - across)
        stretch = jnp.array([[down, 0, offset[0]], [0, across, offset[1]], [0, 0, 1]])
        rows, columns = 64 * drawn["row_shift"][i], 64 * drawn["column_shift"][i]
        move = jnp.array([[1, 0, rows], [0, 1, columns], [0, 0, 1]])
        new = sample(picture, compose(turn, move, stretch), "nearest")
        changed.append(np.asarray(flip(new[None])[0] if drawn["flip"][i] else new))
    lib.plots.show(lib.plots.image_grid(np.stack(changed), columns=4, note=pets), "figures/one.png")

# %% [markdown]
# ## Task 6: `dropout`
#
# The second technique is dropout. Each training step sets a random part of the values in front of
# the dense layers to 0. No neuron can rely on a single other one, so the network must know
# everything in several ways. The remaining values are scaled up, which keeps their sum the same on
# average. At test time nothing is dropped and nothing is scaled.


# %%
def dropout(x: jax.Array, rate: float, key: jax.Array, train: bool) -> jax.Array:
    """Sets values to 0 at random during training, and changes nothing at test time.

    Args:
      x: any shape, float32.
      rate: the probability that a value is dropped, 0 ≤ rate < 1.
      key: a random key.
      train: whether this is training.

    Returns:
      The shape of x, float32. In training, each value independently becomes 0 with probability
      `rate`, and is divided by 1 − rate otherwise. At test time, x unchanged. The same key drops
      the same values.
    """
    if not train:
        return x
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)


if __name__ == "__main__":
    print(dropout(jnp.ones(10), 0.5, jax.random.key(0), train=True), "zeros and twos")
    print(dropout(jnp.ones(10), 0.5, jax.random.key(0), train=False), "all ones")

# %% [markdown]
# ## Task 7: `train_augmented`
#
# Now use both techniques on last week's network, and beat it on the same few pictures. The library
# has them ready, compiled and many times faster than a loop over pictures. For instance,
# `lib.Augment(rotation=…, zoom=…, horizontal_flip=True, brightness=…)` is a function of a key and a
# batch of pictures. Pass it to `lib.create_state(…, augment=…)`, and each training step draws new
# changes for its pictures. `lib.evaluate` and `lib.predict` never change a picture.
#
# `lib.cats_and_dogs(dropout=0.3)` adds the dropout. Training takes longer now, because there is
# more to learn: let the learning rate fall to 0 at the end. With so few pictures, the network is
# slow to start learning, with some keys slower than with others. Four things help:
#
# - Pixels are never negative, so the first layer mostly sees how bright they are. Set its bias to
#   cancel the mean colour before training begins.
# - Begin with unchanged pictures, `lib.fit(…, augment=False)`, until `lib.StopWhen` finds that the
#   network has memorised most of them. Then continue with changed pictures:
#   `lib.create_state(…, variables={"params": state.params})` starts the learning rate again from
#   the top. With the same network, optimizer and augmentation, nothing compiles a second time.
# - In the last few epochs the steps are small. Use unchanged pictures again for these, because new
#   pictures will be unchanged too.
# - `optax.nadam`, which is Adam with Nesterov's momentum, starts learning sooner.


# %%
def train_augmented(images: np.ndarray, labels: np.ndarray, key: jax.Array) -> dict:
    """Trains the network of week 5 with augmentation and dropout.

    Args:
      images: (n, 46, 46, 3), uint8.
      labels: (n,), integers: 0 a cat, 1 a dog.
      key: a random key. Split it: one part for the initial parameters, one for training.

    Returns:
      The trained params (`state.params`) of `lib.cats_and_dogs()`; dropout has no parameters.

    Two things count: the accuracy on pictures the network has never seen, and how far the accuracy
    on the unchanged pictures in `images` is above it. Without augmentation and dropout that gap is
    wide. Learn only from `images`, with at most 16 KiB of numbers and strings in the code.
    """
    params_key, first_key, second_key = jax.random.split(key, 3)
    epochs, batch_size = 28, 10
    steps = epochs * math.ceil(len(images) / batch_size)
    network = lib.cats_and_dogs(dropout=0.3)
    optimizer = optax.nadam(optax.cosine_decay_schedule(0.001, steps))
    augment = lib.Augment(
        rotation=15,
        width_shift=0.1,
        height_shift=0.1,
        zoom=0.15,
        horizontal_flip=True,
        brightness=(0.7, 1.3),
    )

    def begin(variables=None):
        return lib.create_state(
            network, optimizer, images, params_key, augment=augment, variables=variables
        )

    def fit(state, epochs, key, **options):
        return lib.fit(
            state, images, labels, epochs=epochs, batch_size=batch_size, key=key, **options
        )[0]

    state = begin()
    state = state.replace(params=_without_mean_colour(state.params, images))
    stop = lib.StopWhen("accuracy", above=0.9)
    state = fit(state, 60, first_key, augment=False, callbacks=[stop])
    state = begin({"params": state.params})
    state = fit(state, epochs - 4, second_key)
    state = fit(state, epochs, second_key, initial_epoch=epochs - 4, augment=False)
    return state.params


def _without_mean_colour(params, images):
    """Sets the first bias so that a picture of the mean colour gives 0 in the first layer."""
    colour = images.mean(axis=(0, 1, 2)) / np.float32(255)
    kernel = params["conv1"]["kernel"]
    return {**params, "conv1": {"kernel": kernel, "bias": -colour @ kernel.sum(axis=(0, 1))}}


if __name__ == "__main__":
    pets = lib.load("cats_and_dogs", train_size=400, test_size=500, edge=46)
    params = train_augmented(*pets.train, jax.random.key(0))
    logits = lib.cats_and_dogs().apply({"params": params}, pets.test.images / np.float32(255))
    right = np.mean(np.argmax(logits, axis=-1) == pets.test.labels)
    print(f"accuracy on pictures it has not seen: {right:.3f}")
