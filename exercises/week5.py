"""Week 5: a larger set, and a network that learns its pictures by heart."""

# %% [markdown]
# # Week 5: cats, dogs, and overfitting
#
# On the pictures it learns from, the network becomes perfect. On others it does not. This week you
# see how that looks, find the epoch in which it begins, and stop in time.
# Read `exercises/week5.md` beside this file.
#
#     python -m grader week5
#     python -m grader hint week5

# %%
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from matplotlib.figure import Figure
from PIL import Image

import lib

# %% [markdown]
# ## Task 1: `split_data`
#
# Whoever downloads pictures of cats gets one folder full of them. To see whether a network has
# learned anything, some must be put aside: a random part to learn from, the rest to judge with. And
# the broken ones must go.


# %%
def split_data(source: str, train: str, test: str, fraction: float, seed: int) -> list[str]:
    """Copies the pictures of a folder into two others, at random, and leaves the broken ones out.

    Args:
      source: a folder that holds files only. It stays as it is.
      train: the folder for the pictures to learn from. Make it if it is not there, and the folders
        above it.
      test: the folder for the rest, likewise.
      fraction: how many of the readable pictures go to `train`, 0…1: fraction · number, rounded
        down.
      seed: an integer. The same seed and the same file names give the same split; another seed
        gives another one.

    Returns:
      The names of the files left out, a sorted list of str: those that are empty, and those that
      Pillow cannot read to their end. All others are in exactly one of the two folders, under their
      own name, byte for byte the same.

    Which order a folder lists its files in differs between computers: sort them before you shuffle.
    `random.Random(seed)` shuffles.

    Not allowed in this task: `lib.split_data`, `lib.load_folder`, `lib.load`; anything of
    `lib.data`.
    """
    raise NotImplementedError("Write split_data.")


if __name__ == "__main__":
    if not Path("figures/pets").exists():
        lib.write_folder(lib.load("cats_and_dogs", train_size=40, test_size=2), "figures/pets")
    left_out = split_data("figures/pets/train/cats", "figures/cats/a", "figures/cats/b", 0.9, 0)
    print("left out:", left_out)
    print(len(list(Path("figures/cats/a").iterdir())), "to learn from")
    print(len(list(Path("figures/cats/b").iterdir())), "to judge with")

# %% [markdown]
# ## Task 2: `cats_and_dogs_net`
#
# Four convolutions this time, and two outputs: one for cats, one for dogs, with softmax and integer
# labels as in week 2. One output and a sigmoid, as in week 4, would do as well, and say the same:
# the cell below shows it.


# %%
def cats_and_dogs_net() -> nn.Module:
    """The network for cats and dogs: Conv 32, 64, 128, 128, each with a pool, Dense 512, Dense 2.

    Returns:
      A Flax module that takes float32 images (n, height, width, 3) and returns logits (n, 2): 3 × 3
      kernels, VALID, ReLU after each convolution, 2 × 2 max-pooling after that, then flatten, a
      dense layer of 512 with ReLU, and one of 2 without activation. 3,453,634 parameters for
      pictures of 150 × 150. It works for pictures of any size from 46 × 46.

    Not allowed in this task: `lib.cats_and_dogs`, `lib.ConvClassifier`, `lib.horse_or_human`,
    `lib.happy_or_sad`, `lib.flowers_baseline`, `lib.rock_paper_scissors`.
    """
    raise NotImplementedError("Write cats_and_dogs_net.")


if __name__ == "__main__":
    print(lib.summary(cats_and_dogs_net(), (1, 150, 150, 3)))
    # Softmax of two numbers is the sigmoid of their difference: two outputs know no more than one.
    two = jnp.array([[0.3, 1.7]])
    one = two[:, 1:] - two[:, :1]
    print("probability of a dog:", jax.nn.softmax(two)[0, 1], jax.nn.sigmoid(one)[0, 0])
    dog = jnp.array([1])
    print("loss:", lib.softmax_cross_entropy(two, dog)[0], lib.sigmoid_cross_entropy(one, dog)[0])

# %% [markdown]
# ## Task 3: `plot_history`
#
# What happened in each epoch stands in the history. As numbers it is hard to read; as two lines,
# one for training and one for validation, it tells at a glance.


# %%
def plot_history(history: Mapping[str, Sequence[float]]) -> Figure:
    """Draws loss and accuracy, epoch by epoch, of training and validation.

    Args:
      history: what `lib.fit` gives, or a dict: under "loss", "accuracy", "val_loss" and
        "val_accuracy" a list with a number for each epoch.

    Returns:
      A figure with two axes. The first holds two lines, loss and val_loss; the second, accuracy and
      val_accuracy. Both have the epochs on the x axis, counted from 1, and are labelled: the x axis
      with "epoch", the y axis with "loss" or "accuracy". Each has a legend in which the training
      line is called "training" and the validation line "validation".

    A figure is made with `Figure()`, and `figure.subplots(1, 2)` gives its two axes.

    Not allowed in this task: anything of `lib.plots`.
    """
    raise NotImplementedError("Write plot_history.")


if __name__ == "__main__":
    pets = lib.load("cats_and_dogs", train_size=600, test_size=300, edge=48)
    state = lib.create_state(
        cats_and_dogs_net(), optax.adam(0.001), pets.train.images, jax.random.key(0)
    )
    _, history = lib.fit(state, *pets.train, epochs=16, batch_size=16, validation=pets.test)
    lib.plots.show(plot_history(history), "figures/overfitting.png")

# %% [markdown]
# ## Task 4: `EarlyStopping`
#
# A callback as in week 2, with a memory. It remembers the lowest validation loss and the parameters
# that reached it. When the loss has not become lower for a while, it stops the training, and gives
# back the best parameters instead of the last ones.
#
# `lib.fit` calls `on_epoch_end` after each epoch and stops if the answer is True. At the end it
# calls `on_train_end(state)`, and gives back the state that this returns.


# %%
class EarlyStopping:
    """Stops when the validation loss gets no lower any more, and gives back the best parameters.

    Not allowed in this task: `lib.EarlyStopping`, `lib.callbacks.EarlyStopping`.
    """

    def __init__(self, patience: int):
        """Remembers how long to wait.

        Args:
          patience: after how many epochs in a row without a new lowest validation loss the
            training stops, 1 or more. 1 stops at the first epoch that is no better.
        """
        raise NotImplementedError("Write EarlyStopping.__init__: Remembers how long to wait.")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: lib.TrainState) -> bool:
        """Keeps the best parameters; answers whether to stop.

        Args:
          epoch: number of the epoch, counted from 0.
          logs: metric names to floats. If there is no "val_loss" in it, the answer is False.
          state: the parameters are in `state.params`. Its memory is used again as soon as this
            function has returned, so keep a copy: `jax.tree.map(jnp.copy, state.params)`.

        Returns:
          True if "val_loss" has not been lower than the lowest so far for `patience` epochs in a
            row, otherwise False. Equally low is not lower.
        """
        raise NotImplementedError("Write EarlyStopping.on_epoch_end.")

    def on_train_end(self, state: lib.TrainState) -> lib.TrainState:
        """Returns the state with the best parameters in place of the last.

        Args:
          state: after the last epoch. `state.replace(params=...)` gives the same state with other
            parameters.

        Returns:
          The state with the parameters of the epoch that had the lowest "val_loss"; if there was
          none in the logs, the state as it is.
        """
        raise NotImplementedError("Write EarlyStopping.on_train_end.")


if __name__ == "__main__":
    best, history = lib.fit(
        state,
        *pets.train,
        epochs=24,
        batch_size=16,
        validation=pets.test,
        callbacks=[EarlyStopping(patience=6)],
    )
    print(f"{history.epochs} epochs, lowest validation loss {min(history['val_loss']):.3f}")
    print(f"with the parameters given back: {lib.evaluate(best, *pets.test)['loss']:.3f}")

# %% [markdown]
# ## Task 5: `overfitting_epoch`
#
# Where does it begin? Up to some epoch, what the network learns helps with new pictures too. From
# there on it learns its own pictures by heart.


# %%
def overfitting_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    """Names the last epoch before overfitting: the one with the lowest validation loss.

    Args:
      history: what `lib.fit` gives, or a dict: under "loss", "accuracy", "val_loss" and
        "val_accuracy" a list with a number for each epoch.

    Returns:
      The number of the epoch with the lowest "val_loss", counted from 1, an int; the earliest of
      them if there are several. None if that is the last epoch: then no overfitting is to be seen
      yet.

    Example:
      With "val_loss" [0.69, 0.58, 0.61, 0.60] it is 2; with [0.69, 0.58, 0.55] it is None.
    """
    raise NotImplementedError("Write overfitting_epoch.")


if __name__ == "__main__":
    print("overfitting after epoch", overfitting_epoch(history))
