"""Week 8: many classes, what a network gets wrong, and how to save it."""

# %% [markdown]
# # Week 8: many classes, evaluation and saving a model
#
# You classify three kinds of hands, then twenty-four. With many classes, one number no longer shows
# what goes wrong, so you count which classes the network confuses. And you save the network in a
# file, because it took a long time to train. First read `exercises/week8.md`, next to this file.
#
#     python -m grader week8
#     python -m grader hint week8

# %%
import math
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax.traverse_util import flatten_dict, unflatten_dict

import lib

# %% [markdown]
# ## Task 1: `parse_csv`
#
# The sign-language letters are in a table: a header, then a row for each picture, with its label
# and its 784 grey values. When people edit a table, some rows break. Leave these out, but report
# which they are and why: a silent program would train on less than you think, or on rubbish.


# %%
def parse_csv(text: str) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str]]]:
    """Reads pictures of 28 × 28 pixels from comma-separated values.

    Args:
      text: the entire table. Line 1 is a header (label,pixel1,…,pixel784), which you skip. Every
        other line holds a label and 784 pixels, 785 values separated by commas. Skip empty lines
        without reporting them, also at the end.

    Returns:
      Three things: images, (n, 28, 28, 1), uint8, with the pixels row by row; labels, (n,), int32;
      and the bad rows, a list of (line, reason). Count lines from 1: the header is line 1, and
      empty lines count too. The reason is the first of these three that is true:

      - "columns": there are not 785 values;
      - "number": one of them is not a whole number, such as "x", "" or "2.5";
      - "range": the label is not in 0…25, or a pixel is not in 0…255.

      The arrays do not contain bad rows.

    `int("12")` turns a string into a number, and raises a ValueError if it is not a whole number.

    Not allowed in this task: `lib.load`; anything of `lib.data`.
    """
    raise NotImplementedError("Write parse_csv.")


if __name__ == "__main__":
    grey = ",".join(["100"] * 784)
    table = f"label,pixel1\n3,{grey}\n24,{grey[:-1]}x\n\n5,1,2\n30,{grey}\n"
    pictures, letters, bad = parse_csv(table)
    print(pictures.shape, letters, bad)

# %% [markdown]
# ## Task 2: `one_hot`
#
# The loss for the hands, `lib.categorical_cross_entropy`, compares the network's probabilities with
# those of a perfect answer: 1 for the true class, 0 for all others.


# %%
def one_hot(labels: jax.Array, classes: int) -> jax.Array:
    """Writes integer labels as rows with a single 1.

    Args:
      labels: (n,), integers from 0 to classes − 1; not every class has to occur.
      classes: how many classes there are.

    Returns:
      (n, classes), float32: row i is 1 in column labels[i] and 0 everywhere else.

    Not allowed in this task: `jax.nn.one_hot`, `flax.linen.one_hot`,
    `flax.training.common_utils.onehot`.
    """
    raise NotImplementedError("Write one_hot.")


if __name__ == "__main__":
    print(one_hot(jnp.array([2, 0]), 3), "paper, rock, scissors")

# %% [markdown]
# ## Task 3: `rock_paper_scissors_net`
#
# This network has four convolutions and dropout. In training, dropout sets half of the numbers that
# reach the dense layers to 0, different ones each time, and doubles the rest. A layer that behaves
# differently in training needs to know whether it is training. So the model's `__call__` has an
# argument `train`, which `lib.fit` sets for you, and `nn.Dropout(0.5, deterministic=not train)`
# uses it. `nn.Sequential` cannot pass it on, so write a class:
#
#     class Net(nn.Module):
#         @nn.compact
#         def __call__(self, images, train=False):
#             x = lib.Conv(64, activation=nn.relu)(images)
#             …


# %%
def rock_paper_scissors_net() -> nn.Module:
    """Makes the network for hands: Conv 64, 64, 128, 128 with pooling, Dropout 0.5, Dense 512, 3.

    Returns:
      A Flax module whose `__call__(images, train=False)` takes float32 images (n, edge, edge, 3),
      edge 46 or more, and returns logits (n, 3). Each convolution has 3 × 3 kernels, VALID padding
      and a ReLU, and is followed by 2 × 2 max-pooling. After the last pooling come dropout of one
      half (in training only), flatten, a dense layer of 512 with ReLU, and one of 3 without
      activation. On pictures of 150 × 150 pixels it has 3,473,475 parameters.

    Write the class above this function, with a name you choose.

    Not allowed in this task: `lib.rock_paper_scissors`, `lib.ConvClassifier`, `lib.cats_and_dogs`.
    """
    raise NotImplementedError("Write rock_paper_scissors_net.")


if __name__ == "__main__":
    print(lib.summary(rock_paper_scissors_net(), (1, 150, 150, 3)))
    hands = lib.load("rock_paper_scissors", train_size=30, test_size=1, edge=64)
    sheet = lib.plots.image_grid(*hands.train, hands.class_names, note=hands)
    lib.plots.show(sheet, "figures/hands.png")

# %% [markdown]
# ## Task 4: `confusion_matrix`
#
# A confusion matrix has a row for each true class and a column for each answer. Row 2, column 5
# counts how often the network mistook class 2 for class 5. The diagonal counts the right answers.


# %%
def confusion_matrix(labels: jax.Array, predicted: jax.Array, classes: int) -> jax.Array:
    """Counts the predictions for each true class.

    Args:
      labels: (n,), integers from 0 to classes − 1, the true classes.
      predicted: (n,), integers from 0 to classes − 1, the network's answers.
      classes: how many classes there are; some may not occur.

    Returns:
      (classes, classes), integers: element [i, j] counts the examples of class i that the network
      predicted as class j.

    Example:
      confusion_matrix([0, 0, 1], [0, 1, 1], 2) is [[1, 1], [0, 1]].

    Not allowed in this task: `lib.confusion_matrix`, `lib.class_report`, `lib.examine`; anything of
    `lib.evaluation`.
    """
    raise NotImplementedError("Write confusion_matrix.")


if __name__ == "__main__":
    print(confusion_matrix(jnp.array([0, 0, 1]), jnp.array([0, 1, 1]), 2))

# %% [markdown]
# ## Task 5: `precision_recall`
#
# Ask two questions about a class. *Precision*: when the network says "tulip", how often is it one?
# *Recall*: of all tulips, how many does it find? A network that says "tulip" every time has a
# perfect recall and a miserable precision.


# %%
def precision_recall(confusion: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Computes each class's precision and recall.

    Args:
      confusion: (classes, classes), integers, with true classes in rows, predicted ones in columns.

    Returns:
      Two arrays (classes,), float32, in 0…1. Precision of class k: the right predictions of k
      divided by all predictions of k; 0 if the network never predicts k. Recall of class k: the
      right predictions of k divided by all examples of class k; 0 if there are none. Never NaN.

    Example:
      precision_recall([[1, 1], [0, 2]]) is ([1, 2/3], [1/2, 1]).

    Not allowed in this task: `lib.precision`, `lib.recall`, `lib.f1_score`, `lib.class_report`,
    `lib.examine`; anything of `lib.evaluation` or `lib.metrics`.
    """
    raise NotImplementedError("Write precision_recall.")


if __name__ == "__main__":
    print(precision_recall(jnp.array([[1, 1], [0, 2]])))

# %% [markdown]
# ## Task 6: `save_model` and `load_model`
#
# The parameters are nested dicts of arrays; NumPy's `.npz` is a file with one array per name. So
# give each array its path as a name, such as "conv1/kernel", and rebuild the dicts when you load
# them. `flax.traverse_util.flatten_dict(params, sep="/")` and `unflatten_dict` do this.
#
# Do not use `pickle`: loading a pickle runs a program that someone else has written.


# %%
def save_model(path: str, params: Mapping) -> None:
    """Saves the parameters of a network in one file.

    Args:
      path: the file, with its extension, such as "kept/net.npz", in a folder that exists. Replace
        a file that is already there.
      params: nested dicts whose leaves are float32 arrays of any shape; names consist of letters,
        digits and underscores.

    The grader takes only this file to a new process; nothing else of yours is left there.

    Not allowed in this task: `lib.save_params`, `lib.load_params`, `lib.save_state`,
    `lib.load_state`, `lib.save_model`, `lib.load_model`, `pickle.Pickler`, `pickle.Unpickler`,
    `shelve.open`; anything of `lib.saving`; names that begin with `pickle.dump`, `pickle.load`,
    `dill.dump`, `dill.load`, `cloudpickle.dump` or `cloudpickle.load`.
    """
    raise NotImplementedError("Write save_model.")


def load_model(path: str) -> dict:
    """Loads parameters that `save_model` saved, perhaps in another process.

    Args:
      path: the file.

    Returns:
      The same nested dicts with the same arrays (NumPy or JAX), float32, bit for bit, so that the
      network predicts exactly what it predicted before.

    Raises:
      Any exception, if the file was cut off in the middle.

    Not allowed in this task: `lib.save_params`, `lib.load_params`, `lib.save_state`,
    `lib.load_state`, `lib.save_model`, `lib.load_model`, `pickle.Pickler`, `pickle.Unpickler`,
    `shelve.open`; anything of `lib.saving`; names that begin with `pickle.dump`, `pickle.load`,
    `dill.dump`, `dill.load`, `cloudpickle.dump` or `cloudpickle.load`.
    """
    raise NotImplementedError("Write load_model.")


if __name__ == "__main__":
    model = lib.sign_letters()
    params = model.init(jax.random.key(0), jnp.zeros((1, 28, 28, 1)))["params"]
    save_model("figures/letters.npz", params)
    again = load_model("figures/letters.npz")
    same = jax.tree.map(lambda one, other: bool((one == other).all()), params, again)
    print("the same, bit for bit:", jax.tree.all(same))

# %% [markdown]
# ## Task 7: `train_letters`
#
# You train on twenty-four sign-language letters (J and Z are movements). The labels are positions
# in the alphabet, so label 9 never occurs. Of the network's 26 outputs, two learn to stay quiet.


# %%
def train_letters(images: np.ndarray, labels: np.ndarray, key: jax.Array) -> dict:
    """Trains a network to read sign-language letters.

    Args:
      images: (n, 28, 28, 1), uint8.
      labels: (n,), integers from 0 to 24; 9 does not occur. `lib.load` numbers the letters by
        their position in the alphabet, the grader differently in each run.
      key: a random key. Split it: one part for the initial parameters, one for shuffling.

    Returns:
      The trained params (`state.params`) of `lib.sign_letters()`: Conv 64, Conv 64, Dense 128 and
      26 outputs, 245,850 parameters.

    What counts is the accuracy on hands that the network has never seen. Learn only from the
    images given, with at most 16 KiB of numbers and strings in the code.

    Not allowed in this task: `lib.load`, `lib.draw`; anything of `lib.data`.
    """
    raise NotImplementedError("Write train_letters.")


if __name__ == "__main__":
    signs = lib.load("sign_language_mnist", train_size=4_000, test_size=1_000)
    params = train_letters(*signs.train, jax.random.key(0))
    logits = lib.sign_letters().apply({"params": params}, signs.test.images / np.float32(255))
    report = lib.class_report(signs.test.labels, np.argmax(logits, axis=-1), signs.class_names)
    print(report)
