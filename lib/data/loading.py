"""Loading a data set by name, wherever it comes from."""

from __future__ import annotations

import os

from lib.data.dataset import (
    SETS,
    DataError,
    Dataset,
    Split,
    checked_path,
    checked_seed,
    checked_whole,
)
from lib.data.drawn import embedded, scenes
from lib.data.files import local
from lib.data.published import tfds
from lib.data.rng import RngBits

TRAIN, TEST, FRESH = range(3)
"""The streams of pictures: one for each split, and one for `draw`."""


def load(
    name: str,
    source: str | os.PathLike[str] = "embedded",
    *,
    train_size: int | None = None,
    test_size: int | None = None,
    edge: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Loads a data set.

    Args:
      name: one of "mnist", "fashion_mnist", "horse_or_human", "happy_or_sad", "cats_and_dogs",
        "rock_paper_scissors", "sign_language_mnist", "flowers" and "animals".
      source: "embedded" for the stand-ins drawn here, "tfds" for the real images prepared by
        tensorflow-datasets, or a folder with the real images in it.
      train_size: number of training images; None for as many as the original has.
      test_size: number of test images; None for as many as the original has. Happy or Sad has
        none: as many as are asked for are held back from its 80 pictures, always the same ones.
      edge: height and width of the pictures in pixels; None for the set's own.
        The sets of 28×28 pictures have no other.
      seed: a non-negative integer; the stand-ins are drawn from it, and where a part of a real
        set is asked for, it decides which part.

    Returns:
      The data set; images are uint8 of (n, edge, edge, channels), labels int32 of (n,).

    Raises:
      DataError: if the images cannot be had; the message says what to do.
    """
    edge = _check(name, edge, seed, train_size, test_size)
    kind = SETS[name]
    folder = checked_path(source, "source")
    source = os.fspath(source)
    if source == "embedded":
        train = _draw(
            name, kind.train_size if train_size is None else train_size, seed, TRAIN, edge
        )
        test = _draw(name, kind.test_size if test_size is None else test_size, seed, TEST, edge)
        version = scenes.VERSIONS.get(name, embedded.VERSION)
        return Dataset(name, train, test, kind.class_names, source, False, version)
    if source == "tfds":
        found = tfds.read(name, edge=edge)
    else:
        found = local.read_local(folder, name, edge)
    if test_size and not len(found.test.labels):
        found = local.hold_back(found, test_size)
    train = _some_of(found.train, train_size, RngBits(seed, TRAIN), f"training images of {name}")
    test = _some_of(found.test, test_size, RngBits(seed, TEST), f"test images of {name}")
    return Dataset(name, train, test, kind.class_names, source, True, found.version, found.skipped)


def _some_of(split: Split, size: int | None, rng: RngBits, what: str) -> Split:
    """The first `size` images of a shuffled split, or all of them in their own order."""
    if size is None:
        return split
    if size > len(split.labels):
        raise DataError(
            f"There are only {len(split.labels):,} {what}, not {size:,}; ask for fewer."
        )
    chosen = rng.order(len(split.labels))[:size]
    return Split(split.images[chosen], split.labels[chosen])


def draw(name: str, size: int, seed: int, edge: int | None = None) -> Split:
    """Draws fresh images of a stand-in; none of them is in a set that `load` gives.

    Args:
      name: as `load`.
      size: number of images.
      seed: a non-negative integer of any size; the same seed draws the same images.
      edge: height and width of the pictures in pixels; None for the set's own.

    Returns:
      The images and their labels.

    Raises:
      DataError: if there is no such set, or the size or seed is negative.
    """
    return _draw(name, size, seed, FRESH, _check(name, edge, seed, size))


def _draw(name: str, size: int, seed: int, stream: int, edge: int) -> Split:
    if name in embedded.NUMBERS:
        return embedded.draw_stream(name, size, seed, stream)
    return scenes.draw_scenes(name, size, seed, stream, edge)


def _check(name: str, edge: int | None, seed: int, *sizes: int | None) -> int:
    """Returns the edge of the pictures."""
    if name not in SETS:
        known = ", ".join(f'"{each}"' for each in SETS)
        raise DataError(f"There is no data set called {name!r} here; use one of {known}.")
    checked_seed(seed)
    for size in sizes:
        if size is not None and checked_whole(size, "number of images", 100) < 0:
            raise DataError(f"A set cannot have {size} images; ask for 0 or more.")
    own = SETS[name].edge
    if edge is None:
        return own
    edge = checked_whole(edge, "edge", own)
    if own == 28 and edge != 28:
        raise DataError(f"The pictures of {name} are 28×28; leave `edge` out.")
    if not 16 <= edge <= 600:
        raise DataError(
            f"Pictures of {edge}×{edge} pixels are not drawn; take an edge of 16 to 600."
        )
    return edge
