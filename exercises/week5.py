"""Week 5: a larger set, and a network that memorises its pictures."""

# %% [markdown]
# # Week 5: overfitting and early stopping
#
# The network becomes almost perfect on the pictures it learns from, but not on others. This week
# you see what that looks like, find the epoch in which overfitting begins, and stop in time.
# Read `exercises/week5.md`, next to this file.
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
# When you download pictures of cats, you get a folder full of them. Split it to find out whether a
# network has learned anything: a random part to train on, the rest to test with. And leave the
# broken files out.


# %%
def split_data(source: str, train: str, test: str, fraction: float, seed: int) -> list[str]:
    """Copies the pictures of a folder into two others at random, without the broken ones.

    Args:
      source: a folder that contains only files. Do not change it.
      train: the folder for the pictures to train on. Create it, and the folders above it, if they
        do not exist.
      test: the folder for the rest. Create it in the same way.
      fraction: the share of the readable pictures that go to `train`, 0…1: fraction · number,
        rounded down.
      seed: an integer. The same seed and the same file names give the same split; another seed
        gives a different one.

    Returns:
      The names of the files left out, a sorted list of str: those that are empty, and those that
      Pillow cannot read to the end. Copy every other file to exactly one of the two folders, under
      its own name, byte for byte.

    Different computers list the files of a folder in different orders: sort them before you
    shuffle. `random.Random(seed)` shuffles.

    Not allowed in this task: `lib.split_data`, `lib.load_folder`, `lib.load`; anything of
    `lib.data`.
    """
    raise NotImplementedError("Write split_data.")


if __name__ == "__main__":
    if not Path("figures/pets").exists():
        lib.write_folder(lib.load("cats_and_dogs", train_size=40, test_size=2), "figures/pets")
    left_out = split_data("figures/pets/train/cats", "figures/cats/a", "figures/cats/b", 0.9, 0)
    print("left out:", left_out)
    print(len(list(Path("figures/cats/a").iterdir())), "to train on")
    print(len(list(Path("figures/cats/b").iterdir())), "to test with")

# %% [markdown]
# ## Task 2: `cats_and_dogs_net`
#
# This network has four convolutions and two outputs, one for cats and one for dogs, with softmax
# and integer labels as in week 2. One output with a sigmoid, as in week 4, would do as well: the
# cell below shows that both give the same probability and the same loss.


# %%
def cats_and_dogs_net() -> nn.Module:
    """Builds the network: Conv 32, 64, 128, 128, each with pooling, then Dense 512 and Dense 2.

    Returns:
      A Flax module that takes float32 images (n, height, width, 3) and returns logits (n, 2): 3 × 3
      kernels, VALID, ReLU after each convolution, 2 × 2 max-pooling after that, then flatten, a
      dense layer of 512 with ReLU, and one of 2 without activation. It has 3,453,634 parameters on
      pictures of 150 × 150, and works on pictures of any size from 46 × 46.

    Not allowed in this task: `lib.cats_and_dogs`, `lib.ConvClassifier`, `lib.horse_or_human`,
    `lib.happy_or_sad`, `lib.flowers_baseline`, `lib.rock_paper_scissors`.
    """
    raise NotImplementedError("Write cats_and_dogs_net.")


if __name__ == "__main__":
    print(lib.summary(cats_and_dogs_net(), (1, 150, 150, 3)))
    # The softmax of two numbers is the sigmoid of their difference: one output is enough.
    two = jnp.array([[0.3, 1.7]])
    one = two[:, 1:] - two[:, :1]
    print("probability of a dog:", jax.nn.softmax(two)[0, 1], jax.nn.sigmoid(one)[0, 0])
    dog = jnp.array([1])
    print("loss:", lib.softmax_cross_entropy(two, dog)[0], lib.sigmoid_cross_entropy(one, dog)[0])

# %% [markdown]
# ## Task 3: `plot_history`
#
# The history says what happened in each epoch. A list of numbers is hard to read. Two curves, one
# for training and one for validation, show it at a glance.


# %%
def plot_history(history: Mapping[str, Sequence[float]]) -> Figure:
    """Plots the loss and accuracy of training and validation, epoch by epoch.

    Args:
      history: the history that `lib.fit` returns, or a dict: "loss", "accuracy", "val_loss" and
        "val_accuracy" each hold a list with one number per epoch.

    Returns:
      A figure with two axes. The first shows two lines, loss and val_loss; the second, accuracy and
      val_accuracy. In both, the x axis shows the epochs, counted from 1, and is labelled "epoch";
      the y axis is labelled "loss" or "accuracy". Each has a legend that calls the training line
      "training" and the validation line "validation".

    `Figure()` makes a figure, and `figure.subplots(1, 2)` returns its two axes.

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
# This is a callback as in week 2, with a memory. It remembers the lowest validation loss and the
# parameters that reached it. When the loss has not fallen further for a while, it stops training
# and returns the best parameters instead of the last ones.
#
# `lib.fit` calls `on_epoch_end` after each epoch and stops if it returns True. At the end it calls
# `on_train_end(state)`, and returns the state that this returns.


# %%
class EarlyStopping:
    """Stops when the validation loss stops falling, and returns the best parameters.

    Not allowed in this task: `lib.EarlyStopping`, `lib.callbacks.EarlyStopping`.
    """

    def __init__(self, patience: int):
        """Sets how long to wait.

        Args:
          patience: training stops after this many epochs in a row without a new lowest
            validation loss, 1 or more. 1 stops at the first epoch that is no better.
        """
        raise NotImplementedError("Write EarlyStopping.__init__.")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: lib.TrainState) -> bool:
        """Keeps the best parameters, and decides whether to stop.

        Args:
          epoch: the number of the epoch, counted from 0.
          logs: metric names to floats. If there is no "val_loss", return False.
          state: the training state; the parameters are in `state.params`. `lib.fit` reuses their
            memory as soon as this function returns, so keep a copy:
            `jax.tree.map(jnp.copy, state.params)`.

        Returns:
          True if "val_loss" has not been lower than the lowest so far for `patience` epochs in a
            row, otherwise False. Equally low is not lower.
        """
        raise NotImplementedError("Write EarlyStopping.on_epoch_end.")

    def on_train_end(self, state: lib.TrainState) -> lib.TrainState:
        """Returns the state with the best parameters instead of the last ones.

        Args:
          state: the state after the last epoch. `state.replace(params=...)` returns the same
            state with different parameters.

        Returns:
          The state with the parameters of the epoch with the lowest "val_loss"; if the logs had no
          "val_loss", the state unchanged.
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
    print(f"with the best parameters: {lib.evaluate(best, *pets.test)['loss']:.3f}")

# %% [markdown]
# ## Task 5: `overfitting_epoch`
#
# Where does overfitting begin? Up to some epoch, what the network learns helps with new pictures
# too. From there on it memorises its own.


# %%
def overfitting_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    """Finds the last epoch before overfitting: the one with the lowest validation loss.

    Args:
      history: the history that `lib.fit` returns, or a dict: "loss", "accuracy", "val_loss" and
        "val_accuracy" each hold a list with one number per epoch.

    Returns:
      The number of the epoch with the lowest "val_loss", counted from 1, an int. If there are
      several, return the earliest. None if it is the last epoch: no overfitting is visible yet.

    Example:
      "val_loss" [0.69, 0.58, 0.61, 0.60] gives 2; [0.69, 0.58, 0.55] gives None.
    """
    raise NotImplementedError("Write overfitting_epoch.")


if __name__ == "__main__":
    print("overfitting after epoch", overfitting_epoch(history))
