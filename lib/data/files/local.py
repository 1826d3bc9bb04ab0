"""Reading a set by name from a local folder, in any of the known layouts.

`DIR/<set>/` contains IDX files, a NumPy file, tables, or pictures in folders, in parts or not. A
part may also be beside it, as in the unpacked originals of the course (`DIR/rps-test-set/`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import IN_FOLDERS, IN_TABLES, MOVING_LETTERS, SETS, DataError, Split
from lib.data.files import folders, idx, layout, npz, tables
from lib.data.files.part_names import TEST, TRAIN, VALIDATION, part_of
from lib.data.files.skipped import LostFolder, Skipped, most_important_first, printable, warn_of
from lib.data.files.tree import Place
from lib.data.splitting import split_off

HELD = (VALIDATION, TEST)
"""The parts to test on; the first one that a set has is used."""

SPLIT_SEED = 0
"""Decides which pictures are held back if a set has only one part."""

_HELD_BACK = 0.2


class Local(NamedTuple):
    """A set read from files.

    Attributes:
      train: the training part.
      test: the test part; empty for a set whose original has none.
      version: a description of the files.
      skipped: what was left out, each with the reason.
    """

    train: Split
    test: Split
    version: str
    skipped: tuple[Skipped, ...] = ()


class Parts(NamedTuple):
    """The parts of a set found in a folder.

    Attributes:
      splits: "train", "test" or both.
      layout: `IN_FOLDERS`, `IN_TABLES`, or empty for IDX and NumPy files.
      skipped: what was left out, each with the reason.
    """

    splits: dict[str, Split]
    layout: str
    skipped: tuple[Skipped, ...] = ()


def read_local(root: Path, name: str, edge: int) -> Local:
    """Reads a set below a folder.

    If a set has only one part but its original has two, it is split 80 to 20, with each class in
    proportion, always in the same way; the version says so.

    Args:
      root: the folder of all sets.
      name: one of `SETS`.
      edge: height and width of the pictures; the sets of 28×28 have no other.

    Raises:
      DataError: if the set is missing or damaged.
    """
    found = read_parts(root, name, edge)
    if len(found.splits) == 2:
        train, test = found.splits["train"], found.splits["test"]
        return Local(train, test, found.layout or idx.version_of(train, test), found.skipped)
    ((part, only),) = found.splits.items()
    alone = f"its {part} part alone" if part == "test" or not found.layout else ""
    version = ", ".join(words for words in (found.layout, alone) if words)
    whole = Local(only, folders.empty_like(only), version, found.skipped)
    return in_two(whole) if SETS[name].test_size else whole


def read_parts(root: Path, name: str, edge: int) -> Parts:
    """Reads the parts of one set from a folder of sets, in any known layout.

    Args:
      root: the folder of all sets.
      name: one of `SETS`.
      edge: height and width of the pictures; the sets of 28×28 have no other.

    Raises:
      DataError: if nothing is found, or it is damaged.
    """
    small = SETS[name].edge == 28
    try:
        folder = idx.set_folder(root, name)
    except DataError:  # the files of a set may be in `root` itself, beside others
        if small and (file := npz.find_npz(root, name)):
            return Parts(npz.read_npz(file, name), "")
        lying_open = root.is_dir() and tables.find_tables(root, idx.names_of(name))
        if small and lying_open:
            return _read_tables(root, lying_open, name)
        raise
    if not small:
        return _read_pictures(folder, name, edge)
    found_tables = tables.find_tables(folder)
    has_idx = any(idx.find_any(folder, split) for split in idx.KINDS)
    if _holds_pictures(folder, name, nothing_else=not found_tables and not has_idx):
        return _read_pictures(folder, name, edge)
    if not has_idx and found_tables:
        return _read_tables(folder, found_tables, name)
    if not has_idx and (file := npz.find_npz(folder, name)):
        return Parts(npz.read_npz(file, name), "")
    return _read_idx(folder, name)


def hold_back(local: Local, size: int) -> Local:
    """Splits off test pictures from a set that has none; `SPLIT_SEED` decides which ones.

    Args:
      local: the set.
      size: how many pictures.

    Raises:
      DataError: if there are not enough pictures.
    """
    total = len(local.train.labels)
    if size >= total:
        raise DataError(
            f"The set has {total:,} pictures and no test part, so {size:,} cannot be held back; "
            "ask for fewer."
        )
    train, test = split_off(local.train, size, SPLIT_SEED)
    version = f"{local.version}, {size:,} of {total:,} held back with seed {SPLIT_SEED}"
    return local._replace(train=train, test=test, version=version)


def in_two(local: Local) -> Local:
    """Splits a one-part set 80 to 20, always in the same way; its version says so."""
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
            f"The folder {folder} does not contain {idx.expected_files(name)}; put them there."
        )
    return Parts({split: idx.read_split(pair, name, split) for split, pair in pairs.items()}, "")


def _read_tables(folder: Path, found: dict[str, Path], name: str) -> Parts:
    skipped: list[Skipped] = []
    splits = {}
    for part, path in found.items():
        try:
            table = tables.read_table(path, renames=True)
        except tables.NoLabels:
            if part == "train" or "train" not in found:
                raise
            reason = "it has no labels; some of the training rows are held back instead"
            skipped.append(Skipped(path.name, reason))
            continue
        classes = len(SETS[name].class_names)
        labels = table.labels
        if table.class_names:
            labels = _by_name(name, table.class_names, path)[labels]
        elif labels.max() >= classes:
            raise DataError(
                f"The labels in {path} go up to {labels.max()}, but {name} has only the labels "
                f"0 to {classes - 1}; check that it is the right file."
            )
        skipped += [Skipped(path.name, str(row)) for row in table.bad_rows]
        splits[part] = Split(table.images, labels)
    warn_of(skipped, folder)
    return Parts(splits, IN_TABLES, tuple(skipped))


class Pictures(NamedTuple):
    """The files of one part of a set.

    Attributes:
      root: the folder that the paths start from.
      listing: the files and their classes.
    """

    root: Path
    listing: layout.Listing


def find_pictures(folder: Path, *names: str) -> tuple[dict[str, Pictures], list[Skipped]]:
    """Finds the parts of a set of pictures: "train", and "test" if there is another part.

    Args:
      folder: the set's folder.
      names: names of the set; a part with such a name may be beside its folder.

    Returns:
      The parts, and what is not read, each with the reason.

    Raises:
      DataError: if there are no classes, or it is not clear which folders are classes.
    """
    found = layout.lay_out(folder)
    skipped = list(found.skipped)
    parts = {TRAIN: Pictures(folder, found.parts[TRAIN])}
    held = {kind: Pictures(folder, each) for kind, each in found.parts.items() if kind in HELD}
    if not found.split:
        known = {idx.squeezed(each) for each in (*idx.spellings(*names), folder.name)}
        for entry in idx.folders_in(folder.absolute().parent):
            part = part_of(entry.name)
            if part.kind in HELD and idx.squeezed("".join(part.rest)) in known:
                beside = layout.lay_out(entry, found.class_names)
                skipped += beside.skipped
                held.setdefault(part.kind, Pictures(entry, beside.parts[TRAIN]))
    for kind in HELD:
        if kind in held and "test" not in parts:
            parts["test"] = held[kind]
        elif kind in held:
            reason = "not read: the validation part is used for testing instead"
            skipped.append(LostFolder(kind, reason))
    return parts, skipped


def _read_pictures(folder: Path, name: str, edge: int) -> Parts:
    mode = "grey" if SETS[name].channels == 1 else "rgb"
    splits: dict[str, Split] = {}
    parts, skipped = find_pictures(folder, name, *idx.OTHER_NAMES.get(name, ()))
    for part, (root, listing) in parts.items():
        split, left_out = folders.read_split(root, listing, edge, edge, mode, mixed=True)
        labels = class_numbers(name, listing.class_names, root)[split.labels]
        splits[part] = Split(split.images, labels)
        skipped += left_out
    warn_of(skipped, folder)
    return Parts(splits, IN_FOLDERS, most_important_first(skipped))


def class_numbers(name: str, found: tuple[str, ...], folder: Path) -> np.ndarray:
    """The label of each class folder of a set, by its name: "Cat" matches "cats".

    Args:
      name: one of `SETS`.
      found: the names of the folders.
      folder: the folder that contains them, for messages.

    Returns:
      (len(found),), int32.

    Raises:
      DataError: if a class is missing, or a folder is not a class of the set.
    """
    classes = SETS[name].class_names
    labels = _by_name(name, found, folder).tolist()
    for number, each in enumerate(classes):
        if number not in labels and each not in MOVING_LETTERS:
            raise DataError(
                f"The folder {folder} does not contain {each}/, one of the classes of {name}; "
                "put its pictures there."
            )
    return np.array(labels, np.int32)


def _by_name(name: str, found: tuple[str, ...], place: Path) -> np.ndarray:
    """The labels of classes by their names."""
    classes = SETS[name].class_names
    numbers = {plain(each): number for number, each in enumerate(classes)}
    for each in found:
        if plain(each) not in numbers:
            kind, slash = ("folder", "/") if place.is_dir() else ("file", "")
            raise DataError(
                f"The {kind} {place} contains {printable(each)}{slash}, but the classes of "
                f"{name} are {', '.join(classes)}; rename or remove it."
            )
    return np.array([numbers[plain(each)] for each in found], np.int32)


def plain(name: str) -> str:
    """A class name without the differences in spelling between sources."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s") or name.lower()


def _holds_pictures(folder: Path, name: str, nothing_else: bool) -> bool:
    """Whether a set is in folders of pictures that are not only samples beside its files."""
    there = Place(folder).filled_folders
    if nothing_else or any(part_of(each).kind == TRAIN for each in there):
        return bool(there)
    return len({plain(each) for each in SETS[name].class_names} & {*map(plain, there)}) >= 2
