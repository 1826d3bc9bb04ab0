"""The folders below a folder, read only as far as needed.

Links are followed if they stay inside the named folder. Within a class, a folder is read once, even
if several paths lead to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from lib.data.dataset import DataError
from lib.data.files.decoding import has_ending, known_beginning
from lib.data.files.skipped import Hidden, LostFolder, Skipped, printable

_OF_SYSTEMS = (".", "__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "lost+found")
_ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_MOST_LINKS = 3
"""Links allowed on the path to a file: more could make endlessly many paths."""
_DEEPEST = 100
"""Nested folders that are read."""
_LOOKED_INTO = 8
"""Files without a picture's ending that are opened to see whether a folder contains pictures."""


class _Content(NamedTuple):
    names: list[str]
    folders: dict[str, Place]
    left_out: list[Skipped]


class Place:
    """A folder at or below the named one.

    Attributes:
      below: the path to it from the named folder; empty for the named folder itself.
      name: its name.
      real: its path without links.
    """

    def __init__(self, root: str | os.PathLike[str], below: str = "", parent: Place | None = None):
        self._root = os.fspath(root)
        self._inside: str = parent._inside if parent else os.path.realpath(root)
        self._around: frozenset[str] = parent._around | {parent.real} if parent else frozenset()
        self._links: int = parent._links if parent else 0
        self._is_link = False
        self._depth: int = parent._depth + 1 if parent else 0
        self.below = below
        self.name = os.path.basename(below or os.path.abspath(root))
        self.real: str = os.path.join(parent.real, self.name) if parent else self._inside

    @property
    def path(self) -> str:
        """Its path, for messages and for opening it."""
        return os.path.join(self._root, self.below) if self.below else self._root

    @cached_property
    def _content(self) -> _Content:
        """What the folder contains.

        Raises:
          DataError: if the named folder itself cannot be read.
        """
        content = _Content([], {}, [])
        try:
            with os.scandir(self.path) as found:
                listed = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not self.below and os.path.isfile(self.path):
                archive = self.path.lower().endswith(_ARCHIVES)
                what = "an archive: unpack it and name" if archive else "a file: name"
                raise DataError(
                    f"{printable(self.path)} is {what} the folder with one subfolder of pictures "
                    "for each class."
                ) from None
            if not self.below:
                raise DataError(
                    f"The folder {printable(self.path)} cannot be read ({error.strerror}); name a "
                    "folder with one subfolder of pictures for each class."
                ) from None
            content.left_out.append(LostFolder(self.below, f"cannot be read: {error.strerror}"))
            return content
        for entry in listed:
            name = entry.name
            if not name.startswith(_OF_SYSTEMS) and entry.is_file(follow_symlinks=False):
                content.names.append(name)
                continue
            path = os.path.join(self.below, name)
            if name.startswith(_OF_SYSTEMS):
                kind = "a hidden folder" if entry.is_dir(follow_symlinks=False) else "hidden"
                content.left_out.append(Hidden(path, kind))
            elif entry.is_symlink():
                self._follow(entry, path, content)
            elif entry.is_dir() and self._depth == _DEEPEST:
                content.left_out.append(LostFolder(path, f"more than {_DEEPEST} folders deep"))
            else:
                content.names.append(name)
                if entry.is_dir():
                    content.folders[name] = Place(self._root, path, self)
        return content

    def _follow(self, entry: os.DirEntry[str], path: str, content: _Content) -> None:
        target = os.path.realpath(entry.path)
        is_folder = os.path.isdir(target)
        lost = LostFolder if is_folder else Skipped
        if not (target + os.sep).startswith(os.path.join(self._inside, "")):
            content.left_out.append(lost(path, "a link that leads out of the folder"))
        elif is_folder and (target in self._around or target == self.real):
            content.left_out.append(Skipped(path, "a link back to a folder around it"))
        elif is_folder and self._links == _MOST_LINKS:
            content.left_out.append(lost(path, "a link after too many other links"))
        else:
            content.names.append(entry.name)
            if is_folder:
                place = Place(self._root, path, self)
                place.real, place._links, place._is_link = target, self._links + 1, True
                content.folders[entry.name] = place

    @property
    def names(self) -> list[str]:
        """The files and folders in it that may be read, sorted."""
        return self._content.names

    @property
    def folders(self) -> dict[str, Place]:
        """The folders in it, sorted by name."""
        return self._content.folders

    @property
    def left_out(self) -> list[Skipped]:
        """The files and folders in it that are not read, each with the reason."""
        return self._content.left_out

    def leave_out(self, name: str) -> None:
        """Removes a folder from its names and folders."""
        self.names.remove(name)
        del self.folders[name]

    @property
    def loose(self) -> list[str]:
        """The names of the files directly in it that end like pictures."""
        return [name for name in self.names if name not in self.folders and has_ending(name)]

    @cached_property
    def flat(self) -> bool:
        """Whether files directly in it may be pictures; usually the first file answers this."""
        try:
            with os.scandir(self.path) as found:
                for entry in found:
                    if (
                        has_ending(entry.name)
                        and not entry.name.startswith(_OF_SYSTEMS)
                        and entry.is_file(follow_symlinks=False)
                    ):
                        return True
        except OSError:
            return False
        if self.loose:
            return True
        others = [name for name in self.names if name not in self.folders][:_LOOKED_INTO]
        return any(_begins_as_picture(os.path.join(self.path, name)) for name in others)

    @cached_property
    def filled(self) -> bool:
        """Whether files in it, or in folders below, may be pictures."""
        return self.flat or any(place.filled for place in self.folders.values())

    @property
    def filled_folders(self) -> dict[str, Place]:
        """The folders in it that may contain pictures."""
        return {name: place for name, place in self.folders.items() if place.filled}

    def files(
        self, skipped: list[Skipped], seen: set[str] | None = None, top: str | None = None
    ) -> Iterator[str]:
        """The files in it and below, sorted.

        Args:
          skipped: the list to add left-out files and folders to.
          seen: real paths of the folders that have been read.
          top: real path of the folder where the reading started; None for this one.

        Yields:
          Paths relative to the named folder.
        """
        seen, top = set() if seen is None else seen, top or self.real
        if self.real in seen or self._leads_below(top):
            skipped.append(Skipped(self.below, "a link to a folder that is read elsewhere"))
            return
        seen.add(self.real)
        skipped += self.left_out
        start = os.path.join(self.below, "") if self.below else ""
        for name in self.names:
            if name in self.folders:
                yield from self.folders[name].files(skipped, seen, top)
            else:
                yield start + name
        del self._content  # a set may have millions of names

    def _leads_below(self, top: str) -> bool:
        """Whether it is a link to a folder below `top`, which is read under its own name."""
        if not self._is_link or not self.real.startswith(top + os.sep):
            return False
        return not any(
            name.startswith(_OF_SYSTEMS) for name in self.real[len(top) + 1 :].split(os.sep)
        )


def _begins_as_picture(path: str) -> bool:
    try:
        # Without this flag, opening a pipe would wait for a writer.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        return known_beginning(os.read(number, 32))
    except OSError:
        return False
    finally:
        os.close(number)
