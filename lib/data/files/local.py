"""A set by name in a local folder, in whichever layout its files lie there.

`DIR/<set>/` holds IDX files, or `train/<class>/` and `validation/<class>/` with pictures, or
tables of comma-separated values.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import IN_FOLDERS, IN_TABLES, MOVING_LETTERS, SETS, DataError, Split
from lib.data.files import folders, idx, tables
from lib.data.splitting import split_off

SPLIT_SEED = 0
"""Decides which pictures are held back where a set comes in one part."""

_HELD_BACK = 0.2


class Local(NamedTuple):
    """A set as its files give it.

    Attributes:
      train: the training part.
      test: the test part; empty for a set whose original has none.
      version: what the files are, for people.
      skipped: what was left out, each with the reason.
    """

    train: Split
    test: Split
    version: str
    skipped: tuple[folders.Skipped, ...] = ()


class Parts(NamedTuple):
    """What a folder holds of a set.

    Attributes:
      splits: "train", "test" or both.
      layout: `IN_FOLDERS`, `IN_TABLES`, or nothing for IDX files.
      skipped: what was left out, each with the reason.
    """

    splits: dict[str, Split]
    layout: str
    skipped: tuple[folders.Skipped, ...] = ()


def read_local(root: Path, name: str, edge: int) -> Local:
    """Reads a set below a folder.

    A set that comes in one part though its original has two is split, 80 to 20 and each class
    alike, always in the same way; the version says so.

    Args:
      root: the folder of all sets.
      name: one of `SETS`.
      edge: height and width of the pictures; the sets of 28×28 have no other.

    Raises:
      DataError: if the set is missing or damaged.
    """
    found = read_parts(idx.set_folder(root, name), name, edge)
    if len(found.splits) == 2:
        train, test = found.splits["train"], found.splits["test"]
        return Local(train, test, found.layout or idx.version_of(train, test), found.skipped)
    ((part, only),) = found.splits.items()
    alone = f"its {part} part alone" if part == "test" or not found.layout else ""
    version = ", ".join(words for words in (found.layout, alone) if words)
    whole = Local(only, folders.empty_like(only), version, found.skipped)
    return in_two(whole) if SETS[name].test_size else whole


def read_parts(folder: Path, name: str, edge: int) -> Parts:
    """Reads what a folder holds of a set, in whichever layout.

    Args:
      folder: the set's folder.
      name: one of `SETS`.
      edge: height and width of the pictures; the sets of 28×28 have no other.

    Raises:
      DataError: if there is nothing, or it is damaged.
    """
    below = folders.split_folders(folder)
    if below or _holds_classes(folder, name):
        return _read_pictures(folder, below, name, edge)
    found_tables = tables.find_tables(folder)
    return _read_tables(folder, found_tables, name) if found_tables else _read_idx(folder, name)


def hold_back(local: Local, size: int) -> Local:
    """Splits test pictures off a set that has none; which ones, `SPLIT_SEED` decides.

    Args:
      local: the set.
      size: how many.

    Raises:
      DataError: if there are not enough.
    """
    total = len(local.train.labels)
    if size >= total:
        raise DataError(
            f"There are {total:,} pictures without a test part, so {size:,} cannot be held back; "
            "ask for fewer."
        )
    train, test = split_off(local.train, size, SPLIT_SEED)
    version = f"{local.version}, {size:,} of {total:,} held back with seed {SPLIT_SEED}"
    return local._replace(train=train, test=test, version=version)


def in_two(local: Local) -> Local:
    """Splits a set that came in one part, 80 to 20, always in the same way; its version says so."""
    size = round(_HELD_BACK * len(local.train.labels))
    train, test = split_off(local.train, size, SPLIT_SEED)
    version = f"{local.version}, split 80/20 with seed {SPLIT_SEED}"
    return local._replace(train=train, test=test, version=version)


def _read_idx(folder: Path, name: str) -> Parts:
    pairs = {}
    for split in ("train", "test"):
        try:
            pairs[split] = idx.find_split(folder, split)
        except DataError:
            if name in idx.PUBLISHED_MD5:
                raise
    if not pairs:
        raise DataError(
            f"The folder {folder} has no {idx.expected_files(name)} in it; put them there."
        )
    return Parts({split: idx.read_split(pair, name, split) for split, pair in pairs.items()}, "")


def _read_tables(folder: Path, found: dict[str, Path], name: str) -> Parts:
    skipped: list[folders.Skipped] = []
    splits = {}
    for part, path in found.items():
        table = tables.read_csv(path)
        classes = len(SETS[name].class_names)
        if table.labels.max() >= classes:
            raise DataError(
                f"The labels in {path} go up to {table.labels.max()}, but {name} has the labels "
                f"0 to {classes - 1}; check that it is the right file."
            )
        skipped += [folders.Skipped(path.name, str(row)) for row in table.bad_rows]
        splits[part] = Split(table.images, table.labels)
    folders.warn_of(skipped, folder)
    return Parts(splits, IN_TABLES, tuple(skipped))


def _read_pictures(folder: Path, below: dict[str, str], name: str, edge: int) -> Parts:
    mode = "grey" if SETS[name].channels == 1 else "rgb"
    splits: dict[str, Split] = {}
    skipped: list[folders.Skipped] = []
    for part, place in (below or {"train": ""}).items():
        split, names, left_out = folders.read_split(folder / place, edge, edge, mode, mixed=True)
        labels = class_numbers(name, names, folder / place)[split.labels]
        splits["train" if part == "train" else "test"] = Split(split.images, labels)
        skipped += [
            folders.Skipped(os.path.join(place, each.path), each.reason) for each in left_out
        ]
    folders.warn_of(skipped, folder)
    return Parts(splits, IN_FOLDERS, tuple(skipped))


def class_numbers(name: str, found: tuple[str, ...], folder: Path) -> np.ndarray:
    """The label of each class folder of a set, by its name: "Cat" is one of "cats".

    Args:
      name: one of `SETS`.
      found: the names of the folders.
      folder: where they lie, for messages.

    Returns:
      (len(found),), int32.

    Raises:
      DataError: if a class is missing, or a folder is no class of the set.
    """
    classes = SETS[name].class_names
    numbers = {plain(each): number for number, each in enumerate(classes)}
    labels = [numbers.get(plain(each)) for each in found]
    for each, label in zip(found, labels, strict=True):
        if label is None:
            raise DataError(
                f"The folder {folder} has {folders.printable(each)}/ in it, but the classes of "
                f"{name} are {', '.join(classes)}; rename or remove it."
            )
    for number, each in enumerate(classes):
        if number not in labels and each not in MOVING_LETTERS:
            raise DataError(
                f"The folder {folder} has no {each}/ in it, one of the classes of {name}; "
                "put its pictures there."
            )
    return np.array(labels, np.int32)


def plain(name: str) -> str:
    """A class name without what differs between the places it is written."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s") or name.lower()


def _holds_classes(folder: Path, name: str) -> bool:
    """Whether the class folders lie directly in the set's folder, as in the flowers' archive."""
    classes = {plain(each) for each in SETS[name].class_names}
    there = {plain(entry.name) for entry in os.scandir(folder) if entry.is_dir()}
    return len(classes & there) >= 2
