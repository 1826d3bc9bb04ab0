"""The same file among the pictures to learn from and those to judge by."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

_END = 4_096
"""Bytes of a file that are compared before the whole."""


def in_both(
    root: str | os.PathLike[str], learned: Sequence[str], held: Sequence[str]
) -> list[tuple[str, str]]:
    """Finds files that are the same, byte by byte, in two parts of a set.

    Only files of the same length are opened, and only those that end alike are read as a whole.

    Args:
      root: the folder that the paths start from.
      learned: the files to learn from.
      held: the others.

    Returns:
      Of each of the others that is there twice, its path and that of the first one it is equal to.
    """
    below = os.path.join(root, "")
    pairs = [(list(learned), list(held))]
    for trait in (_length, _end, _digest):
        pairs = [each for pair in pairs for each in _alike(pair, below, trait)]
    return sorted((path, ours[0]) for ours, theirs in pairs for path in theirs)


def _alike(
    pair: tuple[Iterable[str], Iterable[str]], below: str, trait: Callable[[str], Hashable]
) -> list[tuple[list[str], list[str]]]:
    """Divides files of two parts by a trait; what is in one of the parts alone goes."""
    ours, theirs = defaultdict(list), defaultdict(list)
    for paths, found in zip(pair, (ours, theirs), strict=True):
        for path in paths:
            try:
                found[trait(below + path)].append(path)
            except OSError:  # gone meanwhile
                pass
    return [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]


def _length(path: str) -> int:
    return os.stat(path).st_size


def _end(path: str) -> bytes:
    """The last bytes: the first ones are alike in all pictures of a camera."""
    with open(path, "rb") as file:
        file.seek(-min(_END, _length(path)), os.SEEK_END)
        return file.read(_END)


def _digest(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
