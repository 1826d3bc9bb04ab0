"""What lies in DIR: every file, with folders that are nobody's work summed up in one row."""

from __future__ import annotations

import io
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from grader.intake import archives
from grader.intake.archives import Unreadable

Parts = tuple[str, ...]
MAX_ENTRIES = 200_000  # of a folder in DIR, which may be an export of all
MANY = 500  # pictures and tables in one folder, which are then one row
DATA = re.compile(
    r".*\.(?:png|jpe?g|gif|bmp|webp|tiff?|svg|npy|csv|tsv|xml|bin|h5|wav|mp4)", re.IGNORECASE
)

LEFT_OUT = {
    ".git": "Git's own files",
    ".ipynb_checkpoints": "checkpoints of Jupyter",
    ".virtual_documents": "Jupyter's own files",
    "__macosx": "macOS's own files",
    "__pycache__": "compiled files of Python",
    ".venv": "an environment of Python",
    "venv": "an environment of Python",
    "site-packages": "installed packages",
    "node_modules": "installed packages",
    "stubs": "the hand-out's own files",
    "grader": "the hand-out's own files",
}
# In these a file's name says nothing of what somebody wrote.
NOBODYS = {".git", "__macosx", "__pycache__", "site-packages", "node_modules", ".virtual_documents"}
HANDED_OUT = {"solutions", "lib", "docs", "tests", "benchmarks"}  # beside exercises/


@dataclass(frozen=True)
class Entry:
    """A file in DIR, or a folder whose files are not looked at.

    Attributes:
      path: folders and its name, from DIR.
      time: when it was changed, in seconds since 1970; of an archive's member, the archive.
      open: opens it for reading; raises Unreadable. None for what is not read.
      reason: why it is not read, or "".
      readable: False for a link and what else should be read and cannot be.
      empty: True for an empty folder, which says that somebody is there.
      inside: of a folder that is not looked at, names of files right in it.
    """

    path: Parts
    time: float
    open: Callable[[], BinaryIO] | None = None
    reason: str = ""
    readable: bool = True
    empty: bool = False
    inside: Parts = ()


def left_out(path: Parts, beside: frozenset[Parts] = frozenset()) -> tuple[int, str]:
    """Says whether a path lies in a folder that is nobody's work.

    Args:
      path: folders and a name.
      beside: the folders that hold an `exercises` folder.

    Returns:
      How many parts name that folder and why it is left out; (0, "") if it is looked at.
    """
    for place, part in enumerate(path[:-1]):
        name = part.casefold()
        if name in LEFT_OUT:
            return place + 1, LEFT_OUT[name]
        if name.startswith("."):
            return place + 1, "a hidden folder"
        if name in HANDED_OUT and path[:place] in beside:
            return place + 1, "the hand-out's own files"
    return 0, ""


def open_regular(path: Path) -> BinaryIO:
    """Opens a file that nobody vouches for.

    Raises:
      Unreadable: if it is a link, no regular file, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if os.path.islink(path):
            raise Unreadable("is a link, which is not followed; ask for the file") from None
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is no ordinary file; ask for the file itself")
    return open(descriptor, "rb")


def walk(folder: Path) -> list[Entry]:
    """Lists what lies in a folder, in the order of the names' bytes."""
    found: list[Entry] = []
    for entry in _below(folder, ()):
        if isinstance(entry, Entry):
            found.append(entry)
            continue
        top, inside, stack = len(found), 0, [entry]
        while stack:
            listed = list(_below(*stack.pop()))
            found += [each for each in listed if isinstance(each, Entry)]
            stack += reversed([each for each in listed if not isinstance(each, Entry)])
            inside += len(listed)
            if inside > MAX_ENTRIES:
                reason = f"holds more than {MAX_ENTRIES:,} files; ask for the week files alone"
                found[top:] = [Entry((*entry[1], "…"), 0.0, None, reason, False)]
                break
    return found


def _below(place: Path, parts: Parts) -> Iterator[Entry | tuple[Path, Parts]]:
    """Yields what lies in a folder itself: entries, and folders with their parts."""
    try:
        inside = sorted(os.scandir(place), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        yield Entry((*parts, "…"), 0.0, None, f"cannot be listed: {error.strerror}", False)
        return
    if parts and not inside:
        yield Entry(parts, _time(place), empty=True)
    names = {entry.name for entry in inside}
    if "pyvenv.cfg" in names and len(parts) > 1:
        yield Entry(parts, _time(place), None, f"{_count(place)} of an environment of Python")
        return
    data = [name for name in names if DATA.fullmatch(name)] if len(parts) > 1 else []
    if len(data) > MANY:
        reason = f"{len(data)} pictures and tables"
        yield Entry((*parts, "…"), _time(place), None, reason)
        inside = [entry for entry in inside if not DATA.fullmatch(entry.name)]
    for entry in inside:
        path, where = (*parts, entry.name), Path(entry.path)
        if entry.is_symlink():
            reason = "is a link, which is not followed; ask for the file"
            yield Entry(path, _time(where), None, reason, False)
        elif entry.is_dir(follow_symlinks=False):
            # In DIR itself any name may be a student's, but a hidden one.
            _, reason = left_out((*path, ""))
            if reason and (parts or entry.name.startswith((".", "__"))):
                why, names = f"{_count(where)} of {reason}", _names(where)
                yield Entry(path, _time(where), None, why, inside=names)
            else:
                yield where, path
        else:
            yield Entry(path, _time(where), lambda where=where: open_regular(where))


class _Zip:
    """An archive that stays open as long as one of its entries may be read."""

    def __init__(self, entry: Entry) -> None:
        assert entry.open is not None
        self.file = entry.open()
        self.archive, self.files = archives.open_zip(self.file)

    def __del__(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

    def open(self, number: int) -> BinaryIO:
        if archives.is_zip_link(self.files[number]):
            raise Unreadable("is a link, which is not followed; ask for the file")
        data = archives.read_zipped(self.archive, self.files[number], archives.MAX_UNPACKED)
        if len(data) > archives.MAX_UNPACKED:
            raise Unreadable(f"has more than {archives.MAX_UNPACKED >> 20} MiB")
        return io.BytesIO(data)


def zip_entries(entry: Entry) -> list[Entry]:
    """Returns the files of an archive as if they lay in a folder of its name.

    Raises:
      Unreadable: if it cannot be opened.
    """
    opened, found = _Zip(entry), []
    for number, each in enumerate(opened.files):
        path = (*entry.path, *archives.parts_of(archives.zip_name(each)))
        found.append(Entry(path, entry.time, lambda number=number: opened.open(number)))
    return found


def _time(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _names(folder: Path) -> Parts:
    """Returns names of files right in a folder that is not looked at, MANY at most."""
    if folder.name.casefold() in NOBODYS:
        return ()
    try:
        with os.scandir(folder) as inside:
            return tuple(entry.name for entry in itertools.islice(inside, MANY) if entry.is_file())
    except OSError:
        return ()


def _count(folder: Path) -> str:
    """Says how many files a folder holds, up to 20,000."""
    count = 0
    for _, _, files in os.walk(folder):
        count += len(files)
        if count > archives.MAX_ENTRIES:
            return f"more than {archives.MAX_ENTRIES:,} files"
    return f"{count} file{'' if count == 1 else 's'}"
