"""Week 6: augmentation makes many pictures out of one, and dropout makes neurons do without."""

# %% [markdown]
# # Week 6: against learning by heart
#
# Last week's network knew its own pictures by heart and new ones much less well. More pictures
# would help, and there are none. So we make them: a cat that is turned, moved or mirrored is still
# a cat. Read `exercises/week6.md` beside this file.
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
# The simplest change: left becomes right. No pixel gets another colour, each gets another place.
# (Top and bottom are another matter. You meet few cats on their heads.)


# %%
def flip(images: jax.Array) -> jax.Array:
    """Mirrors pictures: left and right change places.

    Args:
      images: (n, height, width, channels).

    Returns:
      The same shape and dtype: what was in column 0 is in the last one, and so on.
    """
    return images[:, :, ::-1]


if __name__ == "__main__":
    pets = lib.load("cats_and_dogs", train_size=8, test_size=1, edge=64)
    both = np.concatenate([pets.train.images[:4], flip(pets.train.images[:4])])
    lib.plots.show(lib.plots.image_grid(both, columns=4, note=pets), "figures/flipped.png")

# %% [markdown]
# ## Task 2: `rotation_about_centre`
#
# Turning, moving, zooming: all of these are one 3 × 3 matrix. It says for each place in the *new*
# picture from which place in the *old* one its colour comes. A place is (row, column, 1): row 0 is
# at the top, column 0 on the left, and the 1 is there so that a matrix can also move things.
#
# A turn by `a` takes (row, column) from (cos a · row + sin a · column, −sin a · row + cos a ·
# column). That turns about the place (0, 0), the pixel in the corner. To turn about the middle:
# go there, turn, and come back. The middle of 5 pixels is number 2; of 4 pixels, 1.5.


# %%
def rotation_about_centre(degrees: float, height: int, width: int) -> jax.Array:
    """The matrix that turns a picture about its middle, counterclockwise for the eye.

    Args:
      degrees: the angle. Sine and cosine want radians: `jnp.deg2rad` converts.
      height: rows of the picture.
      width: columns of the picture.

    Returns:
      (3, 3), float: times the place (row, column, 1) in the new picture, it gives the place in the
      old one. The middle, ((height − 1) / 2, (width − 1) / 2), stays where it is.

    Example:
      rotation_about_centre(90, 3, 3) is [[0, 1, 0], [−1, 0, 2], [0, 0, 1]]: the pixel on the right,
      (1, 2), comes from (2, 1), which was below.
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
# Turn, then move, then zoom: three matrices, and their product does all three at once. That is more
# than a matter of speed. Each time a picture is sampled it loses a little sharpness; with one
# matrix it is sampled once.


# %%
def compose(*matrices: jax.Array) -> jax.Array:
    """Makes one matrix of several.

    Args:
      matrices: one or more, each (3, 3), from places in the new picture to places in the old one.

    Returns:
      (3, 3), float. Sampling a picture with it gives what sampling with the first matrix, then the
      result with the second, and so on, would give (but for the sharpness lost on the way).

    A new place goes through the *last* matrix first: it is the last picture's. So the product
    stands in the order of the arguments.
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
# Now the matrix meets the picture. For each pixel of the new one: where does it come from? Mostly
# from between four pixels. Take all four, each counting the more the nearer it is: at row 2.25 the
# row 2 counts 0.75 and the row 3 counts 0.25, and the same for columns.
#
# And when the place lies outside? Then a *fill mode* says which pixel stands there. Here are four
# pixels, `a b c d`, and what each mode puts beside them:
#
#     nearest    a a a a | a b c d | d d d d     the outermost pixel, again and again
#     constant   0 0 0 0 | a b c d | 0 0 0 0     black
#     reflect    d c b a | a b c d | d c b a     a mirror at the edge
#     wrap       a b c d | a b c d | a b c d     from the beginning
#
# All of it is arithmetic with row and column numbers. No loop over the pixels is needed: with
# `rows` and `columns` as arrays of whole numbers, `image[rows, columns]` looks up all of them.


# %%
def sample(image: jax.Array, matrix: jax.Array, fill_mode: str) -> jax.Array:
    """Makes the new picture: looks up, for each pixel, the colour at its place in the old one.

    Args:
      image: (height, width, channels), float32.
      matrix: (3, 3), float32: times the place (row, column, 1) in the new picture, it gives the
        place in the old one, in general between pixels.
      fill_mode: "nearest", "constant", "reflect" or "wrap". It says which pixel stands at a whole
        row and column number outside of the picture, see above; also far outside, where the
        pattern goes on. With "constant" all of them are 0.

    Returns:
      (height, width, channels), float32: between the four pixels around the place, bilinearly
      (each of the four is looked up by itself, with the fill mode where it is outside).
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
# By how much is each picture turned? That is left to chance, and chance comes from a key. A key
# used twice gives the same numbers twice: then each picture that is turned far to the left would
# also be moved far up. So split it, one part for each kind of number.


# %%
def draw_augmentation(
    key: jax.Array, count: int, rotation: float, shift: float, zoom: float
) -> Mapping[str, jax.Array]:
    """Draws what is to be done with each picture of a batch.

    Args:
      key: a random key.
      count: how many pictures.
      rotation: the largest angle in degrees.
      shift: the largest move, as a fraction of the picture.
      zoom: how far a zoom factor is from 1 at most.

    Returns:
      A dict of arrays, each (count,). Float, every value in the range equally likely:
      "rotation" in −rotation … rotation, "row_shift" and "column_shift" in −shift … shift,
      "row_zoom" and "column_zoom" in 1 − zoom … 1 + zoom. Bool: "flip", True for half of the
      pictures on average. Each picture has its own numbers, and none of the six can be foretold
      from the others. The same key gives the same numbers, another key others.
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
        # A zoom is a matrix, and a shift is one too. All of them act about the middle.
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
# The second brake. In each training step, half of the values in front of the dense layers are set
# to 0, others each time. No neuron can rely on a single other one; what the network knows it must
# know in several ways. The values that are left are made larger, so that their sum stays what it
# was on average. At test time nothing is dropped and nothing is scaled.


# %%
def dropout(x: jax.Array, rate: float, key: jax.Array, train: bool) -> jax.Array:
    """Sets values to 0 at random while training, and leaves them alone at test time.

    Args:
      x: any shape, float32.
      rate: the chance of each value to be dropped, 0 ≤ rate < 1.
      key: a random key.
      train: whether this is training.

    Returns:
      The shape of x, float32. In training each value, by itself, is 0 with chance `rate`, and
      otherwise divided by 1 − rate. Otherwise x as it is. The same key drops the same values.
    """
    if not train:
        return x
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)


if __name__ == "__main__":
    print(dropout(jnp.ones(10), 0.5, jax.random.key(0), train=True), "zeros and twos")
    print(dropout(jnp.ones(10), 0.5, jax.random.key(0), train=False), "all one")

# %% [markdown]
# ## Task 7: `train_augmented`
#
# Now both at once, on the network of last week, and beat it on the same few pictures. The library
# has all of this ready, compiled and many times faster than a loop over pictures:
# `lib.Augment(rotation=…, zoom=…, horizontal_flip=True, brightness=…)`, for instance, is a function
# of a key and a batch of pictures. Give it to `lib.create_state(…, augment=…)`, and each training
# step changes its pictures anew. `lib.evaluate` and `lib.predict` never do.
#
# `lib.cats_and_dogs(dropout=0.3)` has the dropout. Learning takes longer now, because there is more
# to learn: let the learning rate fall to 0 at the end. So few pictures hardly get it going, at one
# start sooner and at another later. Four things help:
#
# - Pixels are never negative, and a first layer that gets them so mostly sees how bright they are.
#   Its bias can take the mean colour away before the training begins.
# - Begin with the pictures as they are, `lib.fit(…, augment=False)`, until the network knows most
#   of them by heart, which `lib.StopWhen` finds out. Then go on with changed ones:
#   `lib.create_state(…, variables={"params": state.params})` lets the learning rate begin anew.
#   With the same network, optimizer and augmentation nothing is compiled a second time.
# - In the last few epochs the steps are small. Let them go to pictures as they are once more: such
#   are the ones to come.
# - `optax.nadam`, which is Adam with Nesterov's momentum, gets going sooner.


# %%
def train_augmented(images: np.ndarray, labels: np.ndarray, key: jax.Array) -> dict:
    """Trains the network of week 5 with augmentation and dropout.

    Args:
      images: (n, 46, 46, 3), uint8.
      labels: (n,), integers: 0 a cat, 1 a dog.
      key: a random key. Split it: one part for the first parameters, one for the training.

    Returns:
      The trained params (`state.params`) of `lib.cats_and_dogs()`; dropout has none of its own.

    Two things count: the accuracy on pictures the network has never seen, and by how much the
    accuracy on the pictures given, as they are, lies above it. Without augmentation and dropout
    that gap is wide. Learn from the images given, with at most 16 KiB of numbers and strings in
    the code.
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
    """A picture of the mean colour now gives 0 in the first layer."""
    colour = images.mean(axis=(0, 1, 2)) / np.float32(255)
    kernel = params["conv1"]["kernel"]
    return {**params, "conv1": {"kernel": kernel, "bias": -colour @ kernel.sum(axis=(0, 1))}}


if __name__ == "__main__":
    pets = lib.load("cats_and_dogs", train_size=400, test_size=500, edge=46)
    params = train_augmented(*pets.train, jax.random.key(0))
    logits = lib.cats_and_dogs().apply({"params": params}, pets.test.images / np.float32(255))
    right = np.mean(np.argmax(logits, axis=-1) == pets.test.labels)
    print(f"accuracy on pictures it has not seen: {right:.3f}")
