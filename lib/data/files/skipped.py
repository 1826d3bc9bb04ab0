"""What was left out of a set, why, and the warning about it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from lib.data.files.decoding import has_ending

_FEW = 3
_MOST_FOLDERS = 10


class Skipped(NamedTuple):
    """A file or folder that was left out.

    Attributes:
      path: where it is below the folder.
      reason: why it cannot be used, a few words.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        """One printable line, whatever characters the name has."""
        return f"{printable(self.path)} ({printable(self.reason)})"


class LostFolder(Skipped):
    """A folder that was left out although it may contain pictures: a class, or a part."""


class EmptyFolder(Skipped):
    """A folder that would be a class, but contains nothing that may be a picture."""


class Hidden(Skipped):
    """A file or folder that an operating system or an editor created."""


class SkippedFiles(UserWarning):
    """Some files of a folder, or rows of a table, were left out."""


_ORDER = (LostFolder, EmptyFolder, Skipped, Hidden)


def _importance(each: Skipped) -> tuple[int, bool]:
    """Sorts by kind, and pictures before other files."""
    is_other = each.reason.startswith("not a picture") and not has_ending(each.path)
    return _ORDER.index(type(each)), is_other


def most_important_first(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    """Sorts: lost classes and parts, empty folders, pictures, other files, hidden; then by path."""
    return tuple(sorted(skipped, key=lambda each: (*_importance(each), each)))


def warn_of(skipped: Sequence[Skipped], root: object) -> None:
    """Warns once of everything that was left out, if anything was."""
    if not skipped:
        return
    ordered = most_important_first(skipped)
    folders = [each for each in ordered if isinstance(each, LostFolder | EmptyFolder)]
    files = ordered[len(folders) :]
    groups = [[each] for each in folders[:_MOST_FOLDERS]]
    room = max(0, _FEW - len(groups))
    groups += [[each] for each in files] if len(files) <= room else _alike(files)[: room or 1]
    few = ", ".join(map(_words, groups))
    left = len(ordered) - sum(map(len, groups))
    more = f" and {left:,} more" if left else ""
    count = f"{len(ordered):,} file{'s' if len(ordered) > 1 else ''}"
    if len(folders) == len(ordered):
        count = count.replace("file", "folder")
    warnings.warn(
        f"{count} in {printable(str(root))} left out: {few}{more}; the result's `skipped` lists "
        "them.",
        SkippedFiles,
        stacklevel=3,
    )


def _alike(files: Sequence[Skipped]) -> list[list[Skipped]]:
    """Groups files by reason, the most important first, then the largest group."""

    def key(each: Skipped) -> tuple[int, bool, str]:
        return *_importance(each), each.reason

    groups = [list(group) for _, group in groupby(sorted(files, key=key), key)]
    return sorted(groups, key=lambda group: (*_importance(group[0]), -len(group)))


def _words(group: Sequence[Skipped]) -> str:
    return str(group[0]) if len(group) == 1 else f"{len(group):,} like {group[0]}"


def printable(text: str) -> str:
    """A file name that can be shown anywhere: unprintable characters are escaped."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
