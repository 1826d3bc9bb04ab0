"""Loading a data set by name, from any source."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lib.data.choosing import class_places, only_classes, some_of
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
    classes: Sequence[str] = (),
) -> Dataset:
    """Loads a data set.

    Args:
      name: one of "mnist", "fashion_mnist", "horse_or_human", "happy_or_sad", "cats_and_dogs",
        "rock_paper_scissors", "sign_language_mnist", "flowers" and "animals".
      source: "embedded" for the stand-ins drawn here, "tfds" for the real images prepared by
        tensorflow-datasets, or a folder that contains the real images.
      train_size: number of training images; None for as many as the original has.
      test_size: number of test images; None for as many as the original has. Happy or Sad has
        none: `test_size` of its 80 pictures are held back, always the same ones.
      edge: height and width of the pictures in pixels; None for the set's own size.
        The sets of 28×28 pictures have no other size.
      seed: a non-negative integer; the stand-ins are drawn from it, and if you load a part of a
        real set, it decides which part.
      classes: the classes to take, by name, in the order of their labels; empty for all.

    Returns:
      The data set; images are uint8 of (n, edge, edge, channels), labels int32 of (n,).

    Raises:
      DataError: if the images cannot be loaded; the message says what to do.
    """
    edge = _check(name, edge, seed, train_size, test_size)
    kind = SETS[name]
    names = tuple(classes) or kind.class_names
    folder = checked_path(source, "source")
    source = os.fspath(source)
    if source == "embedded":
        train_size = kind.train_size if train_size is None else train_size
        test_size = kind.test_size if test_size is None else test_size
        train = _draw(name, train_size, seed, TRAIN, edge, classes)
        test = _draw(name, test_size, seed, TEST, edge, classes)
        version = scenes.VERSIONS.get(name, embedded.VERSION)
        return Dataset(name, train, test, names, source, False, version)
    if source == "tfds":
        found = tfds.read(name, edge=edge)
    else:
        found = local.read_local(folder, name, edge)
    if classes:
        train, test = (
            only_classes(split, kind.class_names, classes, name)
            for split in (found.train, found.test)
        )
        found = found._replace(train=train, test=test)
    if test_size and not len(found.test.labels):
        found = local.hold_back(found, test_size)
    train = some_of(found.train, train_size, TRAIN, f"training images of {name}", seed)
    test = some_of(found.test, test_size, TEST, f"test images of {name}", seed)
    return Dataset(name, train, test, names, source, True, found.version, found.skipped)


def draw(
    name: str, size: int, seed: int, edge: int | None = None, classes: Sequence[str] = ()
) -> Split:
    """Draws fresh images of a stand-in; `load` returns none of them.

    Args:
      name: as in `load`.
      size: number of images.
      seed: a non-negative integer of any size; the same seed draws the same images.
      edge: height and width of the pictures in pixels; None for the set's own size.
      classes: as in `load`.

    Returns:
      The images and their labels.

    Raises:
      DataError: if there is no such set, or the size or seed is negative.
    """
    return _draw(name, size, seed, FRESH, _check(name, edge, seed, size), classes)


def _draw(
    name: str, size: int, seed: int, stream: int, edge: int, classes: Sequence[str] = ()
) -> Split:
    if classes:
        names = SETS[name].class_names
        class_places(names, classes, name)
        drawn = -(-size // len(classes)) * len(names)
        while True:  # a longer draw of a stream starts with the same images as a shorter one
            split = only_classes(_draw(name, drawn, seed, stream, edge), names, classes, name)
            if len(split.labels) >= size:
                return Split(split.images[:size], split.labels[:size])
            drawn += drawn // 4 + 1
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
            f"Pictures of {edge}×{edge} pixels are not available; use an edge of 16 to 600."
        )
    return edge
