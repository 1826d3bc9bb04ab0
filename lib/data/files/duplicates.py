"""Finds the same file in the training part and in a held-back part, or in two classes."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np

_END = 4_096
"""Bytes of a file that are compared before the entire file."""


def in_both(
    root: str | os.PathLike[str], learned: Sequence[str], held: Sequence[str]
) -> list[tuple[str, str]]:
    """Finds files that are the same, byte by byte, in two parts of a set.

    Only files of the same length are opened, and only files with the same end are read in full.

    Args:
      root: the folder that the paths start from.
      learned: the training files.
      held: the held-back files.

    Returns:
      For each held-back file that is also a training file, its path and the path of the first
      training file equal to it.
    """
    below = os.path.join(root, "")
    pairs = [(list(learned), list(held))]
    for trait in (_length, _end, _digest):
        pairs = [each for pair in pairs for each in _alike(pair, below, trait)]
    return sorted((path, ours[0]) for ours, theirs in pairs for path in theirs)


def in_two_classes(
    root: str | os.PathLike[str], paths: Sequence[str], labels: Sequence[int] | np.ndarray
) -> list[tuple[str, str]]:
    """Finds files that are the same, byte by byte, and have different labels.

    Args:
      root: the folder that the paths start from.
      paths: the files.
      labels: the class of each.

    Returns:
      For each file that is also in another class, its path and the path of the first file equal to
      it.
    """
    below = os.path.join(root, "")
    label = dict(zip(paths, labels, strict=True))
    groups = [list(label)]
    for trait in (_length, _end, _digest):
        groups = [
            alike
            for group in groups
            for alike in _grouped(group, below, trait).values()
            if len({int(label[path]) for path in alike}) > 1
        ]
    return sorted(
        (path, group[0]) for group in groups for path in group if label[path] != label[group[0]]
    )


def _alike(
    pair: tuple[Iterable[str], Iterable[str]], below: str, trait: Callable[[str], Hashable]
) -> list[tuple[list[str], list[str]]]:
    """Groups files of two parts by a trait; drops groups with files of only one part."""
    ours, theirs = (_grouped(paths, below, trait) for paths in pair)
    return [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]


def _grouped(
    paths: Iterable[str], below: str, trait: Callable[[str], Hashable]
) -> dict[Hashable, list[str]]:
    """Groups files by a trait."""
    found: dict[Hashable, list[str]] = defaultdict(list)
    for path in paths:
        try:
            found[trait(below + path)].append(path)
        except OSError:  # deleted in the meantime
            pass
    return found


def _length(path: str) -> int:
    return os.stat(path).st_size


def _end(path: str) -> bytes:
    """The last bytes: the first bytes are the same in all pictures from one camera."""
    with open(path, "rb") as file:
        file.seek(-min(_END, _length(path)), os.SEEK_END)
        return file.read(_END)


def _digest(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
