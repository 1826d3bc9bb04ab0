"""Selecting a part of a set: some of its classes, or some of its pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.data.dataset import DataError, Split
from lib.data.files.local import plain
from lib.data.rng import RngBits


def some_of(split: Split, size: int | None, stream: int, what: str, seed: int = 0) -> Split:
    """The first pictures of a shuffled split, or all of them in their original order.

    Args:
      split: the pictures.
      size: how many; None for all.
      stream: which of the seed's orders.
      what: what they are, for the message.
      seed: decides the order.

    Raises:
      DataError: if there are fewer than `size`.
    """
    if size is None:
        return split
    if size > len(split.labels):
        raise DataError(
            f"There are only {len(split.labels):,} {what}, not {size:,}; ask for fewer."
        )
    chosen = RngBits(seed, stream).order(len(split.labels))[:size]
    return Split(split.images[chosen], split.labels[chosen])


def class_places(names: Sequence[str], classes: Sequence[str], of: str) -> np.ndarray:
    """The label of each of the given classes; "Cat" matches "cats".

    Args:
      names: the name of each label.
      classes: the names to look up.
      of: the set, for the message.

    Returns:
      (len(classes),), int64.

    Raises:
      DataError: if there is no such class, or one is named twice.
    """
    known = {plain(name): place for place, name in enumerate(names)}
    known |= {name: place for place, name in enumerate(names)}
    for each in classes:
        if each not in known and plain(each) not in known:
            raise DataError(
                f"There is no class {each} in {of}; its classes are {', '.join(names)}."
            )
    places = [known[each] if each in known else known[plain(each)] for each in classes]
    if len({*places}) < len(places):
        raise DataError(
            f"The classes {', '.join(classes)} of {of} name one twice; name each class once."
        )
    return np.array(places)


def only_classes(split: Split, names: Sequence[str], classes: Sequence[str], of: str) -> Split:
    """The pictures of the given classes, labelled by their place among these.

    Args:
      split: the pictures.
      names: the name of each label.
      classes: the classes to take, in the order of their new labels.
      of: the set, for messages.

    Raises:
      DataError: as `class_places`.
    """
    new = np.full(len(names), -1, np.int32)
    new[class_places(names, classes, of)] = np.arange(len(classes))
    labels = new[split.labels]
    return Split(split.images[labels >= 0], labels[labels >= 0])
