"""Splitting a folder of pictures into a training and a test folder, by copying."""

from __future__ import annotations

import numbers
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import DataError, checked_path, checked_seed
from lib.data.files.decoding import Unreadable, read_regular
from lib.data.files.folders import unreadable, warn_of_twins, warn_of_two_classes
from lib.data.files.layout import classes_and_parts
from lib.data.files.skipped import LostFolder, Skipped, printable, warn_of
from lib.data.files.tree import Place
from lib.data.progress import progress
from lib.data.splitting import kept_of_each


class Copied(NamedTuple):
    """The files that were copied.

    Attributes:
      train: the files in the training folder, as paths relative to it.
      test: the files in the test folder.
      skipped: the source files that were left out, each with the reason.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def split_data(
    source: str | os.PathLike[str],
    train: str | os.PathLike[str],
    test: str | os.PathLike[str],
    fraction: float = 0.9,
    seed: int = 0,
) -> Copied:
    """Copies the pictures of a folder into two others, at random.

    Subfolders of the source (its classes) become subfolders of both, and each is split in the
    same proportion; unless `fraction` is 0, at least one picture of each goes to `train`. Files
    that are empty or not a complete picture are left out, and a warning lists them. Other warnings
    report files that are the same in both parts or in two classes. Nothing is overwritten: if a
    file already exists, nothing is copied at all.

    Args:
      source: the folder; it is not changed.
      train: the folder for the training part; created if it does not exist.
      test: the folder for the rest.
      fraction: the share that goes to `train`, 0…1.
      seed: a non-negative integer; the same files and seed give the same parts.

    Returns:
      The files that were copied, and those that were not.

    Raises:
      DataError: if the source has no pictures or is already split into parts, a folder is inside
        another, a file already exists or cannot be written, or an argument is out of range.
    """
    root, *targets = (checked_path(each, "folder") for each in (source, train, test))
    if not (isinstance(fraction, numbers.Real) and 0 <= float(fraction) <= 1):
        raise DataError(
            f"The training part must be a fraction of 0 to 1, such as 0.9; got {fraction!r}."
        )
    checked_seed(seed)
    if not root.is_dir():
        raise DataError(f"There is no folder {printable(str(root))}; name one with pictures.")
    _check_apart(root, *targets)
    inner, is_split = classes_and_parts(root)
    if is_split:
        raise DataError(
            f"The folder {printable(inner.path)} is already split into parts, and copying would "
            "mix them; name the part to split, such as train/."
        )
    skipped: list[Skipped] = []
    paths = list(Place(root).files(skipped))
    reasons = unreadable(root, paths)
    skipped += [Skipped(paths[number], reason) for number, reason in reasons.items()]
    good = [path for number, path in enumerate(paths) if number not in reasons]
    if not good:
        raise DataError(
            f"The folder {printable(str(root))} has no picture that can be read; put some there."
        )
    depth = 1 + len(Path(inner.below).parts)
    classes = [_class_of(path, depth) for path in good]
    skipped += [
        LostFolder(lost, "a class without a readable picture")
        for lost in sorted({_class_of(path, depth) for path in paths}.difference(classes, {""}))
    ]
    number = {name: place for place, name in enumerate(dict.fromkeys(classes))}
    labels = np.array([number[name] for name in classes])
    chosen = kept_of_each(labels, float(fraction), seed)
    copied = [[path for path, is_train in zip(good, chosen, strict=True) if is_train == side]
              for side in (True, False)]  # fmt: skip
    for target, paths in zip(targets, copied, strict=True):
        for path in paths:
            if os.path.lexists(target / path):
                raise DataError(
                    f"The file {printable(str(target / path))} already exists, so nothing was "
                    "copied; name empty folders."
                )
    done = 0
    try:
        with progress(len(good), "Copying pictures") as show:
            for target, paths in zip(targets, copied, strict=True):
                target.mkdir(parents=True, exist_ok=True)
                for path in paths:
                    (target / path).parent.mkdir(parents=True, exist_ok=True)
                    with open(target / path, "xb") as file:
                        file.write(read_regular(root / path))
                    done += 1
                    show(done)
    except (OSError, Unreadable) as error:
        raise DataError(
            f"The pictures of {printable(str(root))} cannot be copied ({printable(str(error))}); "
            "check that there is free space and that you may write there."
        ) from None
    warn_of_twins(root, *copied)
    warn_of_two_classes(root, good, labels)
    warn_of(skipped, root)
    return Copied(tuple(copied[0]), tuple(copied[1]), tuple(skipped))


def _class_of(path: str, depth: int) -> str:
    """The class folder that a file is in; empty for a file outside of all folders."""
    return os.path.join("", *os.path.dirname(path).split(os.sep)[:depth])


def _check_apart(*folders: Path) -> None:
    """Refuses folders if two are the same, or one is inside another."""
    real = [os.path.realpath(folder) for folder in folders]
    for one in range(len(real)):
        for other in range(len(real)):
            if one != other and (real[one] + os.sep).startswith(real[other] + os.sep):
                raise DataError(
                    f"The folder {printable(str(folders[one]))} is the same as, or inside, "
                    f"{printable(str(folders[other]))}; name three separate folders."
                )
