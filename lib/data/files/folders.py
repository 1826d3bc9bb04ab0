"""Pictures in folders: the name of the folder is the label.

A folder of classes holds one sub-folder for each; a folder with `train/` and `validation/` (or
`val/`, `valid/`, `test/`) holds two of those. Files are decoded by several threads into one array
of uint8. What is not a usable picture is left out and listed, and never stops the rest.
"""

from __future__ import annotations

import numbers
import operator
import os
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lib.data.dataset import DataError, Split, checked_seed
from lib.data.files.decoding import CHANNELS, Unreadable, read_picture
from lib.data.rng import RngBits
from lib.data.splitting import held_out
from lib.data.threads import threads_here

TRAINING = "train"
VALIDATION = ("validation", "val", "valid", "test")
CLASS_MODES = ("binary", "sparse", "categorical")


class Skipped(NamedTuple):
    """A file that was left out.

    Attributes:
      path: where it lies below the folder.
      reason: why it cannot be used, a few words.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        """One printable line, however odd the name."""
        return f"{printable(self.path)} ({printable(self.reason)})"


class SkippedFiles(UserWarning):
    """Some files of a folder were left out."""


class Listing(NamedTuple):
    """What a folder of classes holds.

    Attributes:
      class_names: the names of its sub-folders, sorted.
      paths: files that may be pictures, below the folder, class by class, sorted.
      labels: (n,), int32, the class of each file.
      skipped: what is no file to read.
    """

    class_names: tuple[str, ...]
    paths: tuple[str, ...]
    labels: np.ndarray
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, repr=False)
class Folder:
    """The pictures of a folder.

    Attributes:
      train: the pictures to learn from, class by class.
      validation: those held back; may be empty.
      class_names: the name of each label, sorted.
      skipped: the files that were left out, each with the reason.
    """

    train: Split
    validation: Split
    class_names: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    def __repr__(self) -> str:
        """One line for a notebook cell."""
        shape = "×".join(str(extent) for extent in self.train.images.shape[1:])
        return (
            f"<{len(self.train.labels):,} training and {len(self.validation.labels):,} validation "
            f"pictures of {shape}, {len(self.class_names)} classes, {len(self.skipped):,} files "
            "left out>"
        )


def load_folder(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] = 150,
    *,
    mode: str = "rgb",
    validation: float = 0.0,
    seed: int = 0,
    class_mode: str = "sparse",
) -> Folder:
    """Reads a folder of pictures; the names of its sub-folders, sorted, are the classes.

    A folder that holds `train/`, and perhaps `validation/`, `val/`, `valid/` or `test/`, and
    nothing else but hidden folders, is taken as that split.
    One of its parts named by itself, `validation/` for instance, has the classes of `train/`, so
    that the labels agree.
    Pictures may have any size and mode, and may lie in further folders within their class; files
    beside the class folders are not looked at. Hidden files and folders, links that lead out of
    the folder, and what is no whole picture are left out, listed, and told in one warning.

    Args:
      path: the folder.
      size: edge in pixels, or (height, width); pictures are stretched to it.
      mode: "rgb" or "grey".
      validation: the share of the pictures to hold back, 0…1, of each class alike; only where the
        folder is not split already.
      seed: a non-negative integer that decides which pictures are held back.
      class_mode: "sparse" for labels 0, 1, 2 …, int32 of (n,); "binary" for the same, of two
        classes; "categorical" for one-hot rows, float32 of (n, classes).

    Returns:
      The pictures, uint8 of (n, height, width, 3 or 1), and what was left out.

    Raises:
      DataError: if there is no such folder, it has no class or no readable picture, the pictures
        do not fit into memory, or an argument is out of range.
    """
    height, width = checked_size(size)
    check_mode(mode)
    if class_mode not in CLASS_MODES:
        raise DataError(
            f'The class mode is "binary", "sparse" or "categorical"; got {class_mode!r}.'
        )
    if not (isinstance(validation, numbers.Real) and 0 <= float(validation) < 1):
        raise DataError(
            f"The share to hold back is 0 or more and less than 1, such as 0.2; got {validation!r}."
        )
    seed = checked_seed(seed)
    root = Path(path)
    parts = split_folders(root)
    if TRAINING in parts:
        if validation:
            raise DataError(
                f"The folder {root} is split into parts already; leave `validation` out, or name "
                f"its folder {TRAINING}/ alone."
            )
        train, names, skipped = read_split(root / parts[TRAINING], height, width, mode)
        if "validation" in parts:
            held = read_split(root / parts["validation"], height, width, mode, names)
            skipped = [Skipped(f"{parts[TRAINING]}/{s.path}", s.reason) for s in skipped]
            skipped += [Skipped(f"{parts['validation']}/{s.path}", s.reason) for s in held[2]]
            kept = held[0]
        else:
            kept = empty_like(train)
    else:
        train, names, skipped = read_split(root, height, width, mode, classes_of_set(root))
        chosen = held_out(train.labels, round(validation * len(train.labels)), seed)
        if chosen.any():
            kept = Split(train.images[chosen], train.labels[chosen])
            train = Split(train.images[~chosen], train.labels[~chosen])
        else:
            kept = empty_like(train)
    if class_mode == "binary" and len(names) != 2:
        raise DataError(
            f'The class mode "binary" is for two classes; {root} has {len(names)}: '
            f"{', '.join(map(printable, names))}."
        )
    warn_of(skipped, root)
    if class_mode == "categorical":
        train, kept = (_one_hot(split, len(names)) for split in (train, kept))
    return Folder(train, kept, names, tuple(skipped))


def split_folders(root: Path) -> dict[str, str]:
    """The folders that hold the parts of a set: "train" and perhaps "validation", if it has parts.

    Raises:
      DataError: if there is no such folder, or it cannot be read.
    """
    try:
        there = {entry.name for entry in os.scandir(root) if entry.is_dir() and not _hidden(entry)}
    except OSError as error:
        raise DataError(
            f"The folder {printable(str(root))} cannot be read ({error.strerror}); name a folder "
            "with one sub-folder of pictures for each class."
        ) from None
    if TRAINING not in there or there - {TRAINING, *VALIDATION}:
        return {}
    parts = {TRAINING: TRAINING}
    for name in VALIDATION:
        if name in there:
            parts.setdefault("validation", name)
    return parts


def classes_of_set(root: Path) -> tuple[str, ...] | None:
    """The classes of the part to learn from, if a folder is another part of the same set.

    Numbered by itself, a part that lacks a class would give the later ones other labels.
    """
    root = root.absolute()
    if root.name not in VALIDATION:
        return None
    try:
        if not split_folders(root.parent):
            return None
        return tuple(class_folders(root.parent / TRAINING, []))
    except DataError:
        return None  # nothing beside it that could be read


def _hidden(entry: os.DirEntry[str]) -> bool:
    """Whether a folder is what a system or an editor put beside the classes."""
    return entry.name.startswith((".", "__MACOSX"))


def class_folders(root: Path, skipped: list[Skipped]) -> list[str]:
    """The names of a folder's classes, sorted; looks at no file.

    Args:
      root: the folder.
      skipped: takes what is left out.

    Raises:
      DataError: if the folder cannot be read or has no sub-folder.
    """
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"The folder {printable(str(root))} cannot be read ({error.strerror}); name a folder "
            "with one sub-folder of pictures for each class."
        ) from None
    names: list[str] = []
    for entry in entries:
        if not entry.is_dir():
            continue
        if _hidden(entry):
            skipped.append(Skipped(entry.name, "a hidden folder"))
        elif entry.is_symlink():
            skipped.append(Skipped(entry.name, "a link to another folder"))
        else:
            names.append(entry.name)
    if not names:
        raise DataError(
            f"The folder {printable(str(root))} has no sub-folders; put the pictures of each class "
            "into a folder of its own there."
        )
    return names


def list_folder(root: Path) -> Listing:
    """Lists the files of a folder of classes; opens none of them.

    Raises:
      DataError: if the folder cannot be read or has no sub-folder.
    """
    skipped: list[Skipped] = []
    paths: list[str] = []
    labels: list[int] = []
    names = class_folders(root, skipped)
    inside = os.path.realpath(root)
    for label, name in enumerate(names):
        found = list(files_below(Path(root), name, inside, skipped))
        paths += found
        labels += [label] * len(found)
    return Listing(tuple(names), tuple(paths), np.array(labels, np.int32), tuple(skipped))


def numbered_as(listing: Listing, class_names: Sequence[str] | None, root: Path) -> Listing:
    """A listing with the labels of given classes.

    Args:
      listing: of a folder.
      class_names: the classes there may be, in the order of their labels; None for its own.
      root: the folder, for the message.

    Raises:
      DataError: if it has another class.
    """
    if class_names is None:
        return listing
    strange = [name for name in listing.class_names if name not in class_names]
    if strange:
        raise DataError(
            f"The folder {printable(str(root))} has the class {printable(strange[0])}, but the "
            f"classes are {', '.join(map(printable, class_names))}; rename or remove it."
        )
    numbers = np.array([class_names.index(name) for name in listing.class_names], np.int32)
    return listing._replace(class_names=tuple(class_names), labels=numbers[listing.labels])


def files_below(root: Path, below: str, inside: str, skipped: list[Skipped]) -> Iterator[str]:
    """The files in a folder and the folders within it, sorted.

    Args:
      root: where the paths start.
      below: the folder, as a path from there.
      inside: the real path of the folder that no link may leave.
      skipped: takes what is left out.

    Yields:
      Paths from `root`.
    """
    try:
        entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
    except OSError as error:
        skipped.append(Skipped(below, f"cannot be read: {error.strerror}"))
        return
    for entry in entries:
        path = os.path.join(below, entry.name)
        if entry.name.startswith("."):
            skipped.append(Skipped(path, "hidden"))
        elif entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not target.startswith(inside + os.sep):
                skipped.append(Skipped(path, "a link that leads out of the folder"))
            elif os.path.isdir(target):
                skipped.append(Skipped(path, "a link to another folder"))
            else:
                yield path
        elif entry.is_dir():
            yield from files_below(root, path, inside, skipped)
        else:
            yield path


def read_split(
    root: Path,
    height: int,
    width: int,
    mode: str,
    class_names: Sequence[str] | None = None,
    mixed: bool = False,
) -> tuple[Split, tuple[str, ...], list[Skipped]]:
    """Reads all pictures of a folder of classes.

    Args:
      root: the folder.
      height: rows of a picture.
      width: columns of a picture.
      mode: "rgb" or "grey".
      class_names: the classes there may be, in the order of their labels; None for the folder's.
      mixed: in a random order, always the same one, instead of class by class.

    Returns:
      The pictures, the class names, and what was left out.

    Raises:
      DataError: if there is no picture, a class that should not be, or too little memory.
    """
    listing = numbered_as(list_folder(root), class_names, root)
    paths, labels = listing.paths, listing.labels
    if mixed:
        order = RngBits(0).order(len(paths))
        paths, labels = [paths[place] for place in order], labels[order]
    images, good, skipped = read_pictures(root, paths, height, width, mode)
    if not len(images):
        raise DataError(
            f"The folder {printable(str(root))} has no picture that can be read in its sub-folders "
            f"{', '.join(map(printable, listing.class_names[:10]))}; put some there."
        )
    everything = sorted([*listing.skipped, *skipped])
    return Split(images, labels[good]), listing.class_names, everything


def read_pictures(
    root: Path, paths: Sequence[str], height: int, width: int, mode: str
) -> tuple[np.ndarray, np.ndarray, list[Skipped]]:
    """Decodes files with all processors of this process; a bar on a terminal shows how far it is.

    Args:
      root: the folder that the paths start from.
      paths: the files.
      height: rows of a picture.
      width: columns of a picture.
      mode: "rgb" or "grey".

    Returns:
      The readable pictures in their order, (n, height, width, channels), uint8; which of the files
      they are, (files,), bool; and the others with the reason.

    Raises:
      DataError: if the pictures do not fit into the memory that is free.
    """
    shape = (len(paths), height, width, CHANNELS[mode])
    _check_memory(shape)
    images = np.empty(shape, np.uint8)
    below = os.path.join(root, "")

    def read(number: int) -> None:
        read_picture(below + paths[number], height, width, mode, images[number])

    reasons = _try_all(read, len(paths), "Reading pictures")
    good = np.ones(len(paths), bool)
    good[list(reasons)] = False
    skipped = [Skipped(paths[number], reason) for number, reason in reasons.items()]
    return _closed_up(images, good), good, skipped


def unreadable(root: Path, paths: Sequence[str]) -> dict[int, str]:
    """Decodes files without keeping them.

    Args:
      root: the folder that the paths start from.
      paths: the files.

    Returns:
      Why a file cannot be used, by its number, in order.
    """
    below = os.path.join(root, "")

    def check(number: int) -> None:
        read_picture(below + paths[number], 1, 1, "grey")

    return _try_all(check, len(paths), "Checking pictures")


def _try_all(work: Callable[[int], Any], count: int, title: str) -> dict[int, str]:
    """Works at 0 … count − 1 with several threads; returns where it could not, and why."""
    reasons: dict[int, str] = {}
    left = iter(range(count))  # each thread takes the next one: nobody has to hand them out

    def some() -> None:
        for number in left:
            try:
                work(number)
            except Unreadable as problem:
                reasons[number] = str(problem)
            except MemoryError:
                reasons[number] = "takes more memory than there is"

    with warnings.catch_warnings(), _progress(count, title) as show:
        warnings.simplefilter("ignore")  # what a decoder mutters about a file it can read
        threads = threads_here()
        with ThreadPoolExecutor(threads) as pool:
            working = [pool.submit(some) for _ in range(threads)]
            going = True
            try:
                while going:
                    done, going = wait(working, timeout=0.1, return_when=FIRST_EXCEPTION)
                    show(count - operator.length_hint(left))
                    for each in done:
                        each.result()
            finally:  # what stops one of them stops the others
                deque(left, maxlen=0)
    return dict(sorted(reasons.items()))


def _closed_up(images: np.ndarray, good: np.ndarray) -> np.ndarray:
    """The good ones, moved together within the array: a copy would take its size again."""
    kept = np.flatnonzero(good)
    for new, old in enumerate(kept):
        if new != old:
            images[new] = images[old]
    return images[: len(kept)]


def warn_of(skipped: Sequence[Skipped], root: Path) -> None:
    """One warning for all that was left out, if anything was."""
    if not skipped:
        return
    few = ", ".join(str(each) for each in islice(skipped, 3))
    more = f" and {len(skipped) - 3:,} more" if len(skipped) > 3 else ""
    count = f"{len(skipped):,} file{'s' if len(skipped) > 1 else ''}"
    warnings.warn(
        f"{count} in {printable(str(root))} left out: {few}{more}; the result's `skipped` lists "
        "them.",
        SkippedFiles,
        stacklevel=3,
    )


def printable(text: str) -> str:
    """A file name that can be shown anywhere: what is no printable character is escaped."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def empty_like(split: Split) -> Split:
    """No pictures, of the same shape."""
    return Split(split.images[:0].copy(), split.labels[:0].copy())


def _one_hot(split: Split, classes: int) -> Split:
    return Split(split.images, np.eye(classes, dtype=np.float32)[split.labels])


def check_mode(mode: str) -> None:
    """Refuses what is no colour mode of a folder.

    Raises:
      DataError: if it is neither "rgb" nor "grey".
    """
    if mode not in CHANNELS:
        raise DataError(f'The mode is "rgb" or "grey"; got {mode!r}.')


def checked_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of an edge, or of both.

    Raises:
      DataError: if they are out of range.
    """
    given: Any = size
    try:
        height, width = map(operator.index, given if np.ndim(given) else (given, given))
    except (TypeError, ValueError):
        raise DataError(
            f"The size is {size!r}; it is an edge in whole pixels, such as 150, or (height, width)."
        ) from None
    if not (1 <= height <= 10_000 and 1 <= width <= 10_000):
        raise DataError(
            f"A picture of {height}×{width} pixels cannot be made; take an edge of 1 to 10,000, or "
            "(height, width)."
        )
    return height, width


def _check_memory(shape: tuple[int, ...]) -> None:
    import psutil

    wanted = int(np.prod(shape, dtype=np.int64))
    free = psutil.virtual_memory().available
    if wanted > free:
        raise DataError(
            f"{shape[0]:,} pictures of {shape[1]}×{shape[2]} pixels take {wanted / 2**30:.1f} GiB, "
            f"but {free / 2**30:.1f} GiB of memory are free; take a smaller size, or read them "
            "from the disk batch by batch with lib.data.stream."
        )


@contextmanager
def _progress(total: int, title: str) -> Iterator[Callable[[int], None]]:
    """Gives a function to be told how many pictures are done; a bar, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn(title), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)
