"""Loading a data set by name, wherever it comes from."""

from __future__ import annotations

import os
from pathlib import Path

from lib.data import idx, tfds_source
from lib.data.chance import Chance
from lib.data.dataset import CLASS_NAMES, DataError, Dataset, Split
from lib.data.embedded import FRESH, TEST, TRAIN, VERSION, draw_stream

TRAIN_SIZE = 60_000
TEST_SIZE = 10_000


def load(
    name: str,
    source: str | os.PathLike[str] = "embedded",
    *,
    train_size: int | None = None,
    test_size: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Loads a data set.

    Args:
      name: "mnist" or "fashion_mnist".
      source: "embedded" for the stand-ins drawn here, "tfds" for the real images prepared by
        tensorflow-datasets, or a folder with the real images as IDX files in it.
      train_size: number of training images; None for all 60,000.
      test_size: number of test images; None for all 10,000.
      seed: a non-negative integer; the stand-ins are drawn from it, and where a part of a real
        set is asked for, it decides which part.

    Returns:
      The data set; images are uint8 of (n, 28, 28, 1), labels int32 of (n,).

    Raises:
      DataError: if the images cannot be had; the message says what to do.
    """
    _check(name, seed, train_size, test_size)
    source = os.fspath(source)
    if source == "embedded":
        train = draw_stream(name, TRAIN_SIZE if train_size is None else train_size, seed, TRAIN)
        test = draw_stream(name, TEST_SIZE if test_size is None else test_size, seed, TEST)
        return Dataset(name, train, test, CLASS_NAMES[name], source, False, VERSION)
    if source == "tfds":
        train, test = tfds_source.read(name)
    else:
        train, test = idx.read_folder(Path(source), name)
    version = idx.version_of(train, test)
    train = _some_of(train, train_size, Chance(seed, TRAIN), f"training images of {name}")
    test = _some_of(test, test_size, Chance(seed, TEST), f"test images of {name}")
    return Dataset(name, train, test, CLASS_NAMES[name], source, True, version)


def _some_of(split: Split, size: int | None, chance: Chance, what: str) -> Split:
    """The first `size` images of a shuffled split, or all of them in their own order."""
    if size is None:
        return split
    if size > len(split.labels):
        raise DataError(
            f"There are only {len(split.labels):,} {what}, not {size:,}; ask for fewer."
        )
    chosen = chance.order(len(split.labels))[:size]
    return Split(split.images[chosen], split.labels[chosen])


def draw(name: str, size: int, seed: int) -> Split:
    """Draws fresh images of a stand-in; none of them is in a set that `load` gives.

    Args:
      name: "mnist" or "fashion_mnist".
      size: number of images.
      seed: a non-negative integer of any size; the same seed draws the same images.

    Returns:
      The images and their labels.

    Raises:
      DataError: if there is no such set, or the size or seed is negative.
    """
    _check(name, seed, size)
    return draw_stream(name, size, seed, FRESH)


def _check(name: str, seed: int, *sizes: int | None) -> None:
    if name not in CLASS_NAMES:
        known = " or ".join(f'"{each}"' for each in CLASS_NAMES)
        raise DataError(f"There is no data set called {name!r} here; use {known}.")
    if seed < 0:
        raise DataError(f"The seed is {seed}, but it must be 0 or more; use another.")
    for size in sizes:
        if size is not None and size < 0:
            raise DataError(f"A set cannot have {size} images; ask for 0 or more.")
