"""Lists every file in DIR; a folder that holds no student's work is summarised in one row."""

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
MAX_ENTRIES = 200_000  # of a folder in DIR, which may be an export of the entire class
MANY = 500  # images and tables in one folder; more are summarised in one row
DATA = re.compile(
    r".*\.(?:png|jpe?g|gif|bmp|webp|tiff?|svg|npy|csv|tsv|xml|bin|h5|wav|mp4)", re.IGNORECASE
)

LEFT_OUT = {
    ".git": "Git's history",
    ".ipynb_checkpoints": "Jupyter checkpoints",
    ".virtual_documents": "Jupyter's virtual documents",
    "__macosx": "macOS metadata",
    "__pycache__": "compiled Python code",
    ".venv": "a Python environment",
    "venv": "a Python environment",
    "site-packages": "installed packages",
    "node_modules": "installed packages",
    "stubs": "the hand-out",
    "grader": "the hand-out",
}
# In these folders, a file's name says nothing about a student's work.
NOBODYS = {".git", "__macosx", "__pycache__", "site-packages", "node_modules", ".virtual_documents"}
HANDED_OUT = {"solutions", "lib", "docs", "tests", "benchmarks"}  # next to exercises/


@dataclass(frozen=True)
class Entry:
    """A file in DIR, or a folder whose files are not read.

    Attributes:
      path: folders and its name, from DIR.
      time: when it was changed, in seconds since 1970; for an archive's member, the archive's time.
      open: opens it for reading; raises Unreadable. None for an entry that is not read.
      reason: why it is not read, or "".
      readable: False for an entry that should be read but cannot be, such as a link.
      empty: True for an empty folder, which shows that its student exists.
      inside: for a folder that is not read, the names of the files directly in it.
    """

    path: Parts
    time: float
    open: Callable[[], BinaryIO] | None = None
    reason: str = ""
    readable: bool = True
    empty: bool = False
    inside: Parts = ()


def left_out(path: Parts, beside: frozenset[Parts] = frozenset()) -> tuple[int, str]:
    """Finds out whether a path is in a folder that holds no student's work.

    Args:
      path: folders and a name.
      beside: the folders that hold an `exercises` folder.

    Returns:
      How many parts name that folder and why it is left out; (0, "") if it is read.
    """
    for place, part in enumerate(path[:-1]):
        name = part.casefold()
        if name in LEFT_OUT:
            return place + 1, LEFT_OUT[name]
        if name.startswith("."):
            return place + 1, "a hidden folder"
        if name in HANDED_OUT and path[:place] in beside:
            return place + 1, "the hand-out"
    return 0, ""


def open_regular(path: Path) -> BinaryIO:
    """Opens an untrusted file.

    Raises:
      Unreadable: if it is a link, not a regular file, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if os.path.islink(path):
            raise Unreadable("is a link, which is not followed; ask for the file") from None
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is not an ordinary file; ask for the file itself")
    return open(descriptor, "rb")


def walk(folder: Path) -> list[Entry]:
    """Lists all files below a folder, in the order of the names' bytes."""
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
    """Yields what is directly in a folder: entries, and folders with their parts."""
    try:
        inside = sorted(os.scandir(place), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        yield Entry((*parts, "…"), 0.0, None, f"cannot be listed: {error.strerror}", False)
        return
    if parts and not inside:
        yield Entry(parts, _time(place), empty=True)
    names = {entry.name for entry in inside}
    if "pyvenv.cfg" in names and len(parts) > 1:
        yield Entry(parts, _time(place), None, f"{_count(place)} of a Python environment")
        return
    data = [name for name in names if DATA.fullmatch(name)] if len(parts) > 1 else []
    if len(data) > MANY:
        reason = f"{len(data)} images and tables"
        yield Entry((*parts, "…"), _time(place), None, reason)
        inside = [entry for entry in inside if not DATA.fullmatch(entry.name)]
    for entry in inside:
        path, where = (*parts, entry.name), Path(entry.path)
        if entry.is_symlink():
            reason = "is a link, which is not followed; ask for the file"
            yield Entry(path, _time(where), None, reason, False)
        elif entry.is_dir(follow_symlinks=False):
            # In DIR itself, any name that is not hidden may be a student's.
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
            raise Unreadable(f"is larger than {archives.MAX_UNPACKED >> 20} MiB")
        return io.BytesIO(data)


def zip_entries(entry: Entry) -> list[Entry]:
    """Returns the files of an archive as if they were in a folder of its name.

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
    """Returns the names of files directly in a folder that is not read, at most MANY."""
    if folder.name.casefold() in NOBODYS:
        return ()
    try:
        with os.scandir(folder) as inside:
            return tuple(entry.name for entry in itertools.islice(inside, MANY) if entry.is_file())
    except OSError:
        return ()


def _count(folder: Path) -> str:
    """Returns how many files a folder holds, in words, counting up to 20,000."""
    count = 0
    for _, _, files in os.walk(folder):
        count += len(files)
        if count > archives.MAX_ENTRIES:
            return f"more than {archives.MAX_ENTRIES:,} files"
    return f"{count} file{'' if count == 1 else 's'}"
