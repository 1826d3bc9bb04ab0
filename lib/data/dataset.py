"""What a data set is: two splits of images and labels, the class names, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
CLASS_NAMES = {"mnist": DIGITS, "fashion_mnist": CLOTHES}

TITLES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}

# Versions of the real sets.
PUBLISHED = "published files"
UNPUBLISHED = "other files"


class DataError(Exception):
    """Images cannot be had; the message is one sentence that says what to do."""


class Split(NamedTuple):
    """Images with their labels.

    Attributes:
      images: (n, 28, 28, 1), uint8, 0 is black.
      labels: (n,), int32, an index into the class names.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, repr=False)
class Dataset:
    """A training and a test split, and what they are.

    Attributes:
      name: "mnist" or "fashion_mnist".
      train: the images to learn from.
      test: the images to practise judging with; graded runs use others.
      class_names: the name of each label, in order.
      source: "embedded", "tfds", or the folder the files lie in.
      is_real: False for the stand-ins drawn by this course.
      version: the version of the drawing, or of the files read.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    source: str
    is_real: bool
    version: str

    def describe(self) -> str:
        """One line for figures, logs and results; a stand-in is named as one."""
        title = TITLES[self.name]
        if not self.is_real:
            title = f"stand-in for {title}, drawn by this course (version {self.version})"
        elif self.version == UNPUBLISHED:
            title = f"{title} from other files than the published ones"
        return (
            f"{title}: {len(self.train.labels):,} training and {len(self.test.labels):,} test "
            f"images of {len(self.class_names)} classes"
        )

    def __repr__(self) -> str:
        """The description, so that a notebook cell shows something readable."""
        return f"<{self.describe()}; source {self.source}>"
