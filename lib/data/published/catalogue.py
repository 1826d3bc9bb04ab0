"""The addresses of the real sets of pictures, and their names in tensorflow-datasets."""

from __future__ import annotations

from typing import NamedTuple

from lib.data.published.archives import Archive

_GOOGLE = "https://storage.googleapis.com/download.tensorflow.org/data/"


class Published(NamedTuple):
    """A published set of pictures.

    Attributes:
      name: its name in tensorflow-datasets, or in the same style if it is not there.
      title: its usual name.
      stock: whether tensorflow-datasets has a builder for it.
      class_names: the names of its labels, in the order of that builder.
      archives: one for each split. Empty if you need an account to download the set.
      hint: the address for downloading it yourself.
    """

    name: str
    title: str
    stock: bool
    class_names: tuple[str, ...]
    archives: dict[str, Archive]
    hint: str = ""


_PUBLISHED = (
    Published(
        "horses_or_humans",
        "Horses or Humans",
        True,
        ("horses", "humans"),
        {
            "train": Archive(
                f"{_GOOGLE}horse-or-human.zip", r"(?P<label>humans|horses)/[^/]+\.png$"
            ),
            "test": Archive(
                f"{_GOOGLE}validation-horse-or-human.zip", r"(?P<label>humans|horses)/[^/]+\.png$"
            ),
        },
    ),
    Published(
        "rock_paper_scissors",
        "Rock, Paper, Scissors",
        True,
        ("rock", "paper", "scissors"),
        {
            "train": Archive(
                f"{_GOOGLE}rps.zip", r"rps/(?P<label>rock|paper|scissors)/[^/]+\.png$"
            ),
            "test": Archive(
                f"{_GOOGLE}rps-test-set.zip",
                r"rps-test-set/(?P<label>rock|paper|scissors)/[^/]+\.png$",
            ),
        },
    ),
    Published(
        "tf_flowers",
        "Flowers",
        True,
        ("dandelion", "daisy", "tulips", "sunflowers", "roses"),
        {
            "train": Archive(
                "http://download.tensorflow.org/example_images/flower_photos.tgz",
                r"flower_photos/(?P<label>[a-z]+)/[^/]+\.jpg$",
            )
        },
    ),
    Published(
        "cats_vs_dogs",
        "Cats vs Dogs",
        True,
        ("cat", "dog"),
        {
            "train": Archive(
                "https://download.microsoft.com/download/3/E/1/"
                "3E1C3F21-ECDB-4869-8368-6DEBA77B919F/kagglecatsanddogs_5340.zip",
                r"PetImages/(?P<label>Cat|Dog)/\d+\.jpg$",
            )
        },
    ),
    Published(
        "cats_and_dogs_filtered",
        "Cats and Dogs",
        False,
        ("cats", "dogs"),
        {
            split: Archive(
                "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
                rf"cats_and_dogs_filtered/{split}/(?P<label>cats|dogs)/[^/]+\.jpg$",
            )
            for split in ("train", "validation")
        },
    ),
    Published(
        "sign_language_mnist",
        "Sign Language MNIST",
        False,
        tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        {},
        "https://www.kaggle.com/datasets/datamunge/sign-language-mnist",
    ),
)

PUBLISHED = {each.name: each for each in _PUBLISHED}

NAMES = {
    "mnist": "mnist",
    "fashion_mnist": "fashion_mnist",
    "horse_or_human": "horses_or_humans",
    "cats_and_dogs": "cats_and_dogs_filtered",
    "rock_paper_scissors": "rock_paper_scissors",
    "sign_language_mnist": "sign_language_mnist",
    "flowers": "tf_flowers",
}
"""The names of this course's sets in tensorflow-datasets; Happy or Sad is not published there."""
