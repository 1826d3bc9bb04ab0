"""A data set: two splits of images and labels, the class names, and where it came from."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class SetKind:
    """The facts about a set that do not depend on where its pictures come from.

    Attributes:
      title: its usual name.
      class_names: the name of each label, in order.
      edge: height and width of a picture in pixels, by default.
      channels: 1 for grey, 3 for RGB.
      train_size: how many training pictures the original has.
      test_size: how many test pictures it has.
    """

    title: str
    class_names: tuple[str, ...]
    edge: int
    channels: int
    train_size: int
    test_size: int


DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
ANIMALS = ("bear", "fox", "frog", "mouse", "owl", "panda", "pig", "rabbit")

SETS = {
    "mnist": SetKind("MNIST", DIGITS, 28, 1, 60_000, 10_000),
    "fashion_mnist": SetKind("Fashion-MNIST", CLOTHES, 28, 1, 60_000, 10_000),
    "horse_or_human": SetKind("Horses or Humans", ("horses", "humans"), 150, 3, 1_027, 256),
    "happy_or_sad": SetKind("Happy or Sad", ("happy", "sad"), 150, 3, 80, 0),
    "cats_and_dogs": SetKind("Cats and Dogs", ("cats", "dogs"), 150, 3, 2_000, 1_000),
    "rock_paper_scissors": SetKind(
        "Rock, Paper, Scissors", ("paper", "rock", "scissors"), 150, 3, 2_520, 372
    ),
    # J and Z need movement: no picture has one of these two labels.
    "sign_language_mnist": SetKind("Sign Language MNIST", LETTERS, 28, 1, 27_455, 7_172),
    "flowers": SetKind("Flowers", FLOWERS, 150, 3, 2_934, 736),
    # The small backbone of week 7 is pre-trained on this set; it has no original.
    "animals": SetKind("Animals", ANIMALS, 150, 3, 4_000, 1_000),
}
MOVING_LETTERS = ("J", "Z")

# Versions of the real sets.
PUBLISHED = "published files"
UNPUBLISHED = "other files"
IN_FOLDERS = "pictures in folders"
IN_TABLES = "tables"


class DataError(Exception):
    """Images cannot be loaded; the message says what to do."""


def checked_seed(seed: int) -> int:
    """A seed as an int.

    Raises:
      DataError: if it is not a whole number, or below 0.
    """
    try:
        seed = operator.index(seed)
    except TypeError:
        raise DataError(
            f"The seed is {seed!r}, but it must be a whole number, 0 or more."
        ) from None
    if seed < 0:
        raise DataError(f"The seed is {seed}, but it must be 0 or more; use another.")
    return seed


def checked_whole(number: Any, what: str, example: int) -> int:
    """A whole number as an int.

    Raises:
      DataError: if it is not one.
    """
    try:
        return operator.index(number)
    except TypeError:
        raise DataError(
            f"The {what} is {number!r}, but it must be a whole number, such as {example}."
        ) from None


def checked_path(path: Any, what: str) -> Path:
    """A path with `~` expanded.

    Raises:
      DataError: if it is not a path, or is empty.
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise DataError(f"The {what} is {path!r}; give its path, as a string or a Path.")
    return Path(os.path.expanduser(path))


def checked_names(class_names: Any) -> tuple[str, ...]:
    """The names of classes, in order.

    Raises:
      DataError: if they are not a list, the list is empty, or it has a name twice.
    """
    if isinstance(class_names, str):
        raise DataError(f"The class names must be a list, such as [{class_names!r}, …]; got a str.")
    if isinstance(class_names, Mapping | Set) or not isinstance(class_names, Iterable):
        kind = type(class_names).__name__
        raise DataError(
            "The class names must be a list in the order of the labels, such as ['cat', 'dog']; "
            f"got a {kind}."
        )
    names = tuple(map(str, class_names))
    if not names:
        raise DataError("The list of class names is empty; add the name of each class.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"The class names contain {twice!r} twice; give each class its own name.")
    return names


class Split(NamedTuple):
    """Images with their labels.

    Attributes:
      images: (n, edge, edge, channels), uint8, 0 is black.
      labels: (n,), int32, an index into the class names.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, repr=False)
class Dataset:
    """A training and a test split, and what they contain.

    Attributes:
      name: one of `SETS`, or the name of your own set.
      train: the images to train on.
      test: the images to practise evaluating on, called validation in sets made of folders;
        graded runs use other images.
      class_names: the name of each label, in order.
      source: "embedded", "tfds", or the folder of the files.
      is_real: False for the stand-ins that this course draws.
      version: the version of the drawing code, or of the files.
      skipped: files left out because they cannot be read, each with the reason.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    source: str
    is_real: bool
    version: str
    skipped: tuple[tuple[str, str], ...] = ()

    def describe(self) -> str:
        """One line for figures, logs and results; it says if the set is a stand-in."""
        title = SETS[self.name].title if self.name in SETS else self.name
        if not self.is_real:
            title = f"stand-in for {title}, drawn by this course (version {self.version})"
        elif self.version == UNPUBLISHED:
            title = f"{title}, not from the published files"
        elif self.version != PUBLISHED:
            title = f"{title} ({self.version})"
        return (
            f"{title}: {len(self.train.labels):,} training and {len(self.test.labels):,} test "
            f"images of {len(self.class_names)} classes"
        )

    def __repr__(self) -> str:
        """The description, so that a notebook cell shows something readable."""
        return f"<{self.describe()}; source {self.source}>"
