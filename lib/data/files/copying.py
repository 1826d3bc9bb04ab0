"""Splitting a folder of pictures into a training and a test folder, by copying."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import DataError, checked_seed
from lib.data.files.decoding import Unreadable, read_regular
from lib.data.files.folders import unreadable
from lib.data.files.skipped import Skipped, printable
from lib.data.files.tree import Place
from lib.data.progress import progress
from lib.data.splitting import held_out


class Copied(NamedTuple):
    """What was copied where.

    Attributes:
      train: the files in the training folder, as paths from there.
      test: the files in the test folder.
      skipped: the files of the source that were left out, each with the reason.
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

    Sub-folders of the source (its classes) become sub-folders of both, and each is split alike.
    Files that are empty or no whole picture are left out and named. Nothing is overwritten: if a
    file is there already, nothing is copied at all.

    Args:
      source: the folder; it stays as it is.
      train: where the training part goes; made if it is not there.
      test: where the rest goes.
      fraction: the share that goes to `train`, 0…1.
      seed: a non-negative integer; the same files and seed give the same parts.

    Returns:
      What was copied and what was not.

    Raises:
      DataError: if the source has no pictures, a folder lies within another, a file is there
        already, or cannot be written.
    """
    root, *targets = (Path(os.path.expanduser(each)) for each in (source, train, test))
    if not 0 <= fraction <= 1:
        raise DataError(f"The training part is a fraction of 0 to 1, such as 0.9; got {fraction}.")
    checked_seed(seed)
    if not root.is_dir():
        raise DataError(f"There is no folder {printable(str(root))}; name one with pictures.")
    _check_apart(root, *targets)
    skipped: list[Skipped] = []
    paths = list(Place(root).files(skipped))
    reasons = unreadable(root, paths)
    skipped += [Skipped(paths[number], reason) for number, reason in reasons.items()]
    good = [path for number, path in enumerate(paths) if number not in reasons]
    if not good:
        raise DataError(
            f"The folder {printable(str(root))} has no picture that can be read; put some there."
        )
    parts = dict.fromkeys(os.path.dirname(path) for path in good)
    number = {part: place for place, part in enumerate(parts)}
    labels = np.array([number[os.path.dirname(path)] for path in good])
    chosen = held_out(labels, round(fraction * len(good)), seed)
    copied = [[path for path, is_train in zip(good, chosen, strict=True) if is_train == side]
              for side in (True, False)]  # fmt: skip
    for target, paths in zip(targets, copied, strict=True):
        for path in paths:
            if os.path.lexists(target / path):
                raise DataError(
                    f"The file {printable(str(target / path))} is there already, and nothing was "
                    "copied; name folders that are empty."
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
            "check that there is room and that you may write there."
        ) from None
    return Copied(tuple(copied[0]), tuple(copied[1]), tuple(skipped))


def _check_apart(*folders: Path) -> None:
    """Refuses folders of which one is another or lies within it."""
    real = [os.path.realpath(folder) for folder in folders]
    for one in range(len(real)):
        for other in range(len(real)):
            if one != other and (real[one] + os.sep).startswith(real[other] + os.sep):
                raise DataError(
                    f"The folder {printable(str(folders[one]))} is or lies within "
                    f"{printable(str(folders[other]))}; name three folders beside one another."
                )
