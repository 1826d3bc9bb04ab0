"""Your own data set: its files decide its name and its classes.

The files are in a folder with the set's name, in one of the layouts of the other sets: pictures in
folders, a NumPy file, IDX files or tables. Or tensorflow-datasets has prepared the set.
"""

from __future__ import annotations

import os
from pathlib import Path

from lib.data.choosing import only_classes, some_of
from lib.data.dataset import (
    IN_FOLDERS,
    IN_TABLES,
    UNPUBLISHED,
    DataError,
    Dataset,
    Split,
    checked_path,
)
from lib.data.files import folders, idx, npz, tables
from lib.data.files.local import Local, find_pictures, in_two
from lib.data.files.skipped import Skipped, most_important_first, warn_of
from lib.data.published import tfds

Read = tuple[Local, tuple[str, ...]]


def load_own(
    name: str,
    source: str | os.PathLike[str],
    *,
    edge: int,
    train_size: int | None = None,
    test_size: int | None = None,
    classes: tuple[str, ...] = (),
    grey: bool = False,
) -> Dataset:
    """Loads a set that is not one of this course's.

    A set in one part is split 80 to 20, always in the same way.

    Args:
      name: the set's name.
      source: a folder that contains the set's folder, or "tfds".
      edge: height and width of the pictures in pixels; pictures in folders are stretched to it, all
        others must already have this size.
      train_size: number of training pictures; None for all.
      test_size: number of test pictures; None for all.
      classes: the classes to take, in the order of their labels; empty for all, sorted.
        If the labels of the set are numbers, its classes are called "0", "1" …
      grey: whether to convert colour pictures to grey.

    Raises:
      DataError: if there is no such set, it is damaged, or it has other classes, sizes or pictures.
    """
    if os.fspath(source) == "embedded":
        raise DataError(
            f"The set {name} belongs to the course, and the library cannot draw it: grade with "
            f"--data DIR, where DIR contains {name}/."
        )
    mode = "grey" if grey else "rgb"
    if os.fspath(source) == "tfds":
        found, names = _read_prepared(name, edge, mode)
    else:
        found, names = _read_files(checked_path(source, "source"), name, edge, mode)
    train, test = found.train, found.test
    height, width = train.images.shape[1:3]
    if (height, width) != (edge, edge):
        raise DataError(
            f"The pictures of {name} have {height}×{width} pixels, not {edge}×{edge}; set the edge "
            "to their size."
        )
    if classes:
        train, test = (only_classes(split, names, classes, name) for split in (train, test))
    return Dataset(
        name,
        some_of(train, train_size, 0, f"training images of {name}"),
        some_of(test, test_size, 1, f"test images of {name}"),
        classes or names,
        os.fspath(source),
        True,
        found.version,
        found.skipped,
    )


def _read_prepared(name: str, edge: int, mode: str) -> Read:
    prepared = tfds.open_prepared(name)
    train, test = tfds.read_examples(name, prepared, edge, mode)
    version = f"{name} {prepared.folder.name}"
    return _in_two_parts({"train": train, "test": test}, version), prepared.class_names


def _read_files(root: Path, name: str, edge: int, mode: str) -> Read:
    folder = idx.set_folder(root, name)
    skipped: list[Skipped] = []
    names: tuple[str, ...] = ()
    version = UNPUBLISHED
    idx_parts = [part for part in idx.KINDS if idx.find_any(folder, part)]
    if idx_parts:
        parts = {
            each: idx.read_split(idx.find_split(folder, each), name, each) for each in idx_parts
        }
    elif files := sorted(folder.glob("*.npz")):
        parts = npz.read_npz(files[0], name)
    elif files := sorted(folder.glob("*.csv")):
        parts, names = _read_tables(
            tables.find_tables(folder) or {"train": files[0]}, edge, skipped
        )
        version = IN_TABLES
    else:
        pictures, skipped = find_pictures(folder, name)
        parts, version = {}, IN_FOLDERS
        for part, (place, listing) in pictures.items():
            parts[part], left_out = folders.read_split(place, listing, edge, edge, mode, mixed=True)
            skipped += left_out
            names = listing.class_names
    warn_of(skipped, folder)
    if not names:
        highest = max(int(part.labels.max(initial=0)) for part in parts.values())
        names = tuple(map(str, range(highest + 1)))
    return _in_two_parts(parts, version, tuple(most_important_first(skipped))), names


def _read_tables(
    files: dict[str, Path], edge: int, skipped: list[Skipped]
) -> tuple[dict[str, Split], tuple[str, ...]]:
    parts: dict[str, Split] = {}
    names: tuple[str, ...] | None = None
    for part, path in sorted(files.items(), reverse=True):  # "train" says which classes there are
        table = tables.read_table(path, edge, class_names=names)
        names = table.class_names
        skipped += [Skipped(path.name, str(row)) for row in table.bad_rows]
        parts[part] = Split(table.images, table.labels)
    return parts, names or ()


def _in_two_parts(
    parts: dict[str, Split], version: str, skipped: tuple[Skipped, ...] = ()
) -> Local:
    filled = [part for part in parts.values() if len(part.labels)]
    if len(filled) == 2:
        return Local(parts["train"], parts["test"], version, skipped)
    if not filled:
        raise DataError("The set has no pictures; add some.")
    return in_two(Local(filled[0], folders.empty_like(filled[0]), version, skipped))
