"""Pictures in folders: the name of the folder is the label.

`layout` finds the parts and classes of a set. Several threads decode the files into one array of
uint8. A file that is not a usable picture is left out and listed, and never stops the rest.
"""

from __future__ import annotations

import numbers
import operator
import os
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path
from typing import Any

import numpy as np

from lib.data.dataset import DataError, Split, checked_path, checked_seed
from lib.data.files.decoding import CHANNELS, OddPictures, Unreadable, read_picture
from lib.data.files.duplicates import in_both, in_two_classes
from lib.data.files.layout import Listing, lay_out
from lib.data.files.part_names import TEST, TRAIN, VALIDATION
from lib.data.files.skipped import (
    LostFolder,
    Skipped,
    SkippedFiles,
    most_important_first,
    printable,
    warn_of,
)
from lib.data.progress import progress
from lib.data.rng import RngBits
from lib.data.splitting import held_out_of_each
from lib.data.threads import threads_here

__all__ = ["Folder", "Skipped", "SkippedFiles", "load_folder", "printable"]

CLASS_MODES = ("binary", "sparse", "categorical")


@dataclass(frozen=True, repr=False)
class Folder:
    """The pictures of a folder.

    Attributes:
      train: the pictures to train on, class by class.
      validation: the pictures held back; may be empty. If a set has two parts, it is the second.
      class_names: the name of each label, sorted.
      skipped: what was left out, each with the reason; lost classes first.
      test: the pictures of `test/` if there is also a `validation/`; otherwise empty.
    """

    train: Split
    validation: Split
    class_names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    test: Split

    def __repr__(self) -> str:
        """One line for a notebook cell."""
        shape = "×".join(str(extent) for extent in self.train.images.shape[1:])
        train, validation, test = (
            f"{len(split.labels):,}" for split in (self.train, self.validation, self.test)
        )
        counts = f"{train} training and {validation} validation"
        if len(self.test.labels):
            counts = f"{train} training, {validation} validation and {test} test"
        return (
            f"<{counts} pictures of {shape}, {len(self.class_names)} classes, "
            f"{len(self.skipped):,} files left out>"
        )


def load_folder(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] = 150,
    *,
    mode: str = "rgb",
    validation: float = 0.0,
    seed: int = 0,
    class_mode: str = "sparse",
    class_names: Sequence[str] | None = None,
) -> Folder:
    """Reads a folder of pictures; the names of its subfolders, sorted as text, are the classes.

    A folder that contains the parts of a set is read as that split: `train/` or `training/`, and
    `validation/`, `valid/`, `val/`, `dev/`, `test/` or `testing/`, in upper or lower case, with or
    without the name of the set (`validation-faces/` beside `faces/` or `train-faces/`). If you pass
    one part alone, it gets the classes of the training part, so that the labels agree. A folder
    that contains only another folder is opened. A folder that could be read in two ways is refused.

    Pictures may have any size and mode, and may be in further folders within their class. Links
    are followed if they stay inside the folder. One warning reports what was left out, and the
    result lists it: hidden files and folders, empty folders, links that lead out, pictures beside
    the class folders, and files that are not complete pictures. Other warnings report files that
    are both in the training part and in another part, or in two classes.

    Args:
      path: the folder.
      size: edge in pixels, or (height, width); pictures are stretched to it.
      mode: "rgb" or "grey".
      validation: the share of the pictures of each class to hold back, at least 0 and less than 1;
        only if the folder is not already split. At least one picture of each class is left to
        train on.
      seed: a non-negative integer that decides which pictures are held back.
      class_mode: "sparse" for labels 0, 1, 2 …, int32 of (n,); "binary" for the same, of two
        classes; "categorical" for one-hot rows, float32 of (n, classes).
      class_names: the allowed classes, in the order of their labels; None for the folder's own.
        If the subfolders have these names, they are the classes, whatever the names.

    Returns:
      The pictures, uint8 of (n, height, width, 3 or 1), and what was left out.

    Raises:
      DataError: if there is no such folder, it has no class or no readable picture, it can be read
        in several ways, the pictures do not fit into memory, or an argument is out of range.
    """
    height, width = checked_size(size)
    check_mode(mode)
    if class_mode not in CLASS_MODES:
        raise DataError(
            f'The class mode must be "binary", "sparse" or "categorical"; got {class_mode!r}.'
        )
    if not (isinstance(validation, numbers.Real) and 0 <= float(validation) < 1):
        raise DataError(
            "The share to hold back must be 0 or more and less than 1, such as 0.2; got "
            f"{validation!r}."
        )
    seed = checked_seed(seed)
    root = checked_path(path, "folder")
    found = lay_out(root, class_names)
    if found.split and validation:
        raise DataError(
            f"The folder {printable(str(root))} is already split into parts; leave `validation` "
            "out, or name only its folder of training pictures."
        )
    names = found.class_names
    if class_mode == "binary" and len(names) != 2:
        raise DataError(
            f'The class mode "binary" is for two classes; {printable(str(root))} has {len(names)}: '
            f"{', '.join(map(printable, names))}."
        )
    skipped, splits, paths = list(found.skipped), {}, {}
    for kind, listing in found.parts.items():
        splits[kind], left_out = read_split(root, listing, height, width, mode)
        skipped += left_out
        lost = {each.path for each in left_out}
        paths[kind] = [path for path in listing.paths if path not in lost]
    warn_of_two_classes(
        root,
        [path for each in paths.values() for path in each],
        np.concatenate([splits[kind].labels for kind in paths]),
    )
    train = splits[TRAIN]
    held = [splits[kind] for kind in (VALIDATION, TEST) if kind in splits]
    if validation:
        chosen = held_out_of_each(train.labels, float(validation), seed)
        held = [Split(train.images[chosen], train.labels[chosen])]
        train = Split(train.images[~chosen], train.labels[~chosen])
        _warn_of_classes_not_held(names, train.labels, held[0].labels, root)
        paths[VALIDATION] = list(compress(paths[TRAIN], chosen))
        paths[TRAIN] = list(compress(paths[TRAIN], ~chosen))
    warn_of_twins(root, paths.pop(TRAIN), [path for part in paths.values() for path in part])
    held += [empty_like(train)] * (2 - len(held))
    for doubt in found.doubts:
        warnings.warn(doubt, OddPictures, stacklevel=2)
    warn_of(skipped, root)
    if class_mode == "categorical":
        train, *held = (_one_hot(split, len(names)) for split in (train, *held))
    return Folder(train, held[0], names, most_important_first(skipped), held[1])


def read_split(
    root: Path, listing: Listing, height: int, width: int, mode: str, mixed: bool = False
) -> tuple[Split, list[Skipped]]:
    """Reads all pictures of a part of a set.

    Args:
      root: the folder that the paths start from.
      listing: its files.
      height: rows of a picture.
      width: columns of a picture.
      mode: "rgb" or "grey".
      mixed: whether to use a random order, always the same one, instead of class by class.

    Returns:
      The pictures, and what was left out.

    Raises:
      DataError: if there is no readable picture, or too little memory.
    """
    paths, labels = listing.paths, listing.labels
    if mixed:
        order = RngBits(0).order(len(paths))
        paths, labels = [paths[place] for place in order], labels[order]
    images, good, skipped = read_pictures(root, paths, height, width, mode)
    if not len(images):
        first = f" ({skipped[0]})" if skipped else ""
        raise DataError(
            f"The folder {printable(str(root))} has no picture that can be read in its subfolders "
            f"{', '.join(map(printable, listing.class_names[:10]))}{first}; put some there."
        )
    lost = np.setdiff1d(labels, labels[good])
    skipped += [
        LostFolder(listing.folders[label], "a class without a readable picture") for label in lost
    ]
    return Split(images, labels[good]), [*listing.skipped, *skipped]


def read_pictures(
    root: Path, paths: Sequence[str], height: int, width: int, mode: str
) -> tuple[np.ndarray, np.ndarray, list[Skipped]]:
    """Decodes files with all processors of this process; on a terminal, a bar shows the progress.

    Args:
      root: the folder that the paths start from.
      paths: the files.
      height: rows of a picture.
      width: columns of a picture.
      mode: "rgb" or "grey".

    Returns:
      The readable pictures in order, (n, height, width, channels), uint8; which of the files
      they are, (files,), bool; and the other files, each with the reason.

    Raises:
      DataError: if the pictures do not fit into the free memory.
    """
    shape = (len(paths), height, width, CHANNELS[mode])
    _check_memory(shape)
    images = np.empty(shape, np.uint8)
    below = os.path.join(root, "")
    odd: dict[int, str] = {}

    def read(number: int) -> None:
        notes: list[str] = []
        read_picture(below + paths[number], height, width, mode, images[number], notes)
        if notes:
            odd[number] = notes[0]

    reasons = _try_all(read, len(paths), "Reading pictures")
    _warn_of_odd({paths[number]: odd[number] for number in sorted(odd)}, root)
    good = np.ones(len(paths), bool)
    good[list(reasons)] = False
    skipped = [Skipped(paths[number], reason) for number, reason in reasons.items()]
    return _closed_up(images, good), good, skipped


def _warn_of_odd(odd: dict[str, str], root: Path) -> None:
    """Warns once of the pictures that need a look, if there are any."""
    if not odd:
        return
    few = ", ".join(f"{printable(path)} {note}" for path, note in islice(odd.items(), 3))
    more = f", and {len(odd) - 3:,} more" if len(odd) > 3 else ""
    count = f"{len(odd):,} picture{'s' if len(odd) > 1 else ''}"
    warnings.warn(
        f"Look at {count} in {printable(str(root))}: {few}{more}.", OddPictures, stacklevel=4
    )


def _warn_of_classes_not_held(
    names: Sequence[str], train: np.ndarray, held: np.ndarray, root: Path
) -> None:
    """Warns once of the classes that have too few pictures to hold one back."""
    few = [names[int(label)] for label in np.setdiff1d(train, held)]
    if few:
        shown = ", ".join(map(printable, few[:3])) + (
            f" and {len(few) - 3:,} more" if len(few) > 3 else ""
        )
        warnings.warn(
            f"No picture of {shown} in {printable(str(root))} is held back: there are too few, so "
            "validation does not cover that. Add pictures, or hold back a larger share.",
            OddPictures,
            stacklevel=3,
        )


def _first_of(twins: Sequence[tuple[str, str]]) -> str:
    few = ", ".join(f"{printable(path)} is {printable(other)}" for path, other in twins[:3])
    return few + (f", and {len(twins) - 3:,} more" if len(twins) > 3 else "")


def warn_of_twins(root: Path, learned: Sequence[str], held: Sequence[str]) -> None:
    """Warns once of the files that are both in the training part and in a held-back part."""
    twins = in_both(root, learned, held)
    if not twins:
        return
    warnings.warn(
        f"{len(twins):,} of the {len(held):,} pictures held back in {printable(str(root))} are "
        f"also among the training pictures: {_first_of(twins)}. They make the scores too good; "
        "remove one file of each pair.",
        OddPictures,
        stacklevel=3,
    )


def warn_of_two_classes(root: Path, paths: Sequence[str], labels: np.ndarray) -> None:
    """Warns once of the files that are in two classes."""
    twins = in_two_classes(root, paths, labels)
    if not twins:
        return
    warnings.warn(
        f"{len(twins):,} picture{'s' if len(twins) > 1 else ''} in {printable(str(root))} "
        f"{'are' if len(twins) > 1 else 'is'} also in another class: {_first_of(twins)}. "
        "Only one of the labels can be right; remove the other file.",
        OddPictures,
        stacklevel=3,
    )


def unreadable(root: Path, paths: Sequence[str], tell_odd: bool = False) -> dict[int, str]:
    """Decodes files to check them, without keeping the pictures.

    Args:
      root: the folder that the paths start from.
      paths: the files.
      tell_odd: whether to warn of the pictures that need a look.

    Returns:
      The reason why a file cannot be used, by the file's number, in order.
    """
    below = os.path.join(root, "")

    odd: dict[int, str] = {}

    def check(number: int) -> None:
        notes: list[str] = []
        read_picture(below + paths[number], 1, 1, "grey", notes=notes)
        if notes:
            odd[number] = notes[0]

    reasons = _try_all(check, len(paths), "Checking pictures")
    if tell_odd:
        _warn_of_odd({paths[number]: odd[number] for number in sorted(odd)}, root)
    return reasons


def _try_all(work: Callable[[int], Any], count: int, title: str) -> dict[int, str]:
    """Runs `work` on 0 … count − 1 in several threads; returns which failed, and why."""
    reasons: dict[int, str] = {}
    left = iter(range(count))  # each thread takes the next one

    def some() -> None:
        for number in left:
            try:
                work(number)
            except Unreadable as problem:
                reasons[number] = str(problem)
            except MemoryError:
                reasons[number] = "needs more memory than is available"

    with warnings.catch_warnings(), progress(count, title, delay=0) as show:
        warnings.simplefilter("ignore")  # a decoder's warnings about a file that it can read
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
            finally:  # an error in one thread stops the others
                deque(left, maxlen=0)
    return dict(sorted(reasons.items()))


def _closed_up(images: np.ndarray, good: np.ndarray) -> np.ndarray:
    """The good pictures, moved together within the array: a copy would double the memory."""
    kept = np.flatnonzero(good)
    for new, old in enumerate(kept):
        if new != old:
            images[new] = images[old]
    return images[: len(kept)]


def empty_like(split: Split) -> Split:
    """No pictures, of the same shape."""
    return Split(split.images[:0].copy(), split.labels[:0].copy())


def _one_hot(split: Split, classes: int) -> Split:
    return Split(split.images, np.eye(classes, dtype=np.float32)[split.labels])


def check_mode(mode: str) -> None:
    """Refuses an unknown colour mode.

    Raises:
      DataError: if it is neither "rgb" nor "grey".
    """
    if mode not in CHANNELS:
        raise DataError(f'The mode must be "rgb" or "grey"; got {mode!r}.')


def checked_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width, from one edge or from both.

    Raises:
      DataError: if they are out of range.
    """
    given: Any = size
    try:
        height, width = map(operator.index, given if np.ndim(given) else (given, given))
    except (TypeError, ValueError):
        raise DataError(
            f"The size is {size!r}, but it must be an edge in whole pixels, such as 150, or "
            "(height, width)."
        ) from None
    if not (1 <= height <= 10_000 and 1 <= width <= 10_000):
        raise DataError(
            f"Pictures cannot have {height}×{width} pixels; use an edge of 1 to 10,000, or "
            "(height, width)."
        )
    return height, width


def _check_memory(shape: tuple[int, ...]) -> None:
    import psutil

    wanted = int(np.prod(shape, dtype=np.int64))
    free = psutil.virtual_memory().available
    if wanted > free:
        raise DataError(
            f"{shape[0]:,} pictures of {shape[1]}×{shape[2]} pixels need {wanted / 2**30:.1f} GiB, "
            f"but only {free / 2**30:.1f} GiB of memory is free; use a smaller size, or read them "
            "from disk batch by batch with lib.data.stream.stream_folder."
        )
