"""Reading real image sets from IDX files, the format MNIST came in.

An image file starts with four big-endian 32-bit integers (2051, images, rows, columns), a label
file with two (2049, labels); unsigned bytes follow. Files may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import os
import re
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from lib.data.dataset import PUBLISHED, SETS, UNPUBLISHED, DataError, Split
from lib.data.progress import progress

IMAGE_MAGIC = 2051
LABEL_MAGIC = 2049
KINDS = {"train": "train", "test": "t10k"}

# MD5 checksums of the uncompressed files as published by their authors, to detect damaged files.
PUBLISHED_MD5 = {
    "mnist": {
        "train-images": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels": "a25bea736e30d166cdddb491f175f624",
        "t10k-images": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion_mnist": {
        "train-images": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels": "15d484375f8d13e6eb1aabb0c3f46965",
    },
}
PUBLISHED_SIZES = {"train": 60_000, "test": 10_000}

_PACKED = ("zip", "tar", "tgz", "tar.gz", "tar.bz2", "7z", "rar")
MOST_CLASSES = 1000  # of your own set
MOST_BYTES = 2**30
"""A larger file is not read; the largest of the course has 47 million bytes."""

# Other names of the originals' folders.
OTHER_NAMES = {
    "horse_or_human": ("horses_or_humans",),
    "cats_and_dogs": (
        "cats_and_dogs_filtered",
        "cats_vs_dogs",
        "PetImages",
        "kagglecatsanddogs_5340",
        "kagglecatsanddogs_3367a",
    ),
    "flowers": ("tf_flowers", "flower_photos"),
    "happy_or_sad": ("h_or_s",),
    "rock_paper_scissors": ("rps",),
    "sign_language_mnist": ("sign_mnist",),
}


def set_folder(root: Path, name: str, *others: str) -> Path:
    """The folder of a set inside `root`, or `root` itself if it has the name of the set.

    Upper and lower case, hyphens and underscores make no difference.

    Args:
      root: the folder of all sets.
      name: the set.
      others: other names that its folder may have.

    Raises:
      DataError: if there is none.
    """
    named = " or ".join(f"{spelling}/" for spelling in spellings(name))
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}; name one that contains {named} "
            f"with the {expected_files(name)}."
        )
    known = names_of(name, *others)
    for spelling in known:
        if (root / spelling).is_dir():
            return root / spelling
    there = {squeezed(path.name): path for path in folders_in(root)}
    for spelling in known:
        if squeezed(spelling) in there:
            return there[squeezed(spelling)]
    if squeezed(root.absolute().name) in map(squeezed, known):
        return root
    packed = [path.name for path in sorted(root.iterdir()) if _is_packed(path, known)]
    if packed:
        raise DataError(f"The folder {root} has {packed[0]}, but no {named}; unpack it there.")
    raise DataError(
        f"The folder {root} has no {named}; put the {expected_files(name)} of the set there."
    )


def folders_in(root: Path) -> list[Path]:
    """The folders in a folder, sorted.

    Raises:
      DataError: if it cannot be read.
    """
    try:
        return sorted(Path(entry.path) for entry in os.scandir(root) if entry.is_dir())
    except OSError as error:
        raise DataError(f"The folder {root} cannot be read ({error.strerror}); check it.") from None


def names_of(name: str, *others: str) -> list[str]:
    """The names that the folder of a set may have."""
    return spellings(name, *OTHER_NAMES.get(name, ()), *others)


def squeezed(name: str) -> str:
    """The letters and digits of a name, lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_packed(path: Path, known: list[str]) -> bool:
    stem, _, ending = path.name.lower().partition(".")
    return ending in _PACKED and squeezed(stem) in map(squeezed, known)


def spellings(*names: str) -> list[str]:
    """Names with hyphens and with underscores."""
    return list(dict.fromkeys(s for name in names for s in (name.replace("_", "-"), name)))


def expected_files(name: str) -> str:
    """What the folder of a set should contain, for messages."""
    if name in PUBLISHED_MD5:
        return "four IDX files"
    if name in SETS and SETS[name].edge == 28:
        return "IDX files or tables (.csv)"
    return "pictures, as train/<class>/ and validation/<class>/,"


def find_file(folder: Path, part: str, dimensions: int) -> Path:
    """The file of one part ("train-images", "t10k-labels", …), under any of its usual names.

    Raises:
      DataError: if it is missing.
    """
    stems = [part, part.replace("t10k", "test")]
    for stem in dict.fromkeys(stems):
        for joint in "-.":
            for ending in (".gz", ""):
                file = f"{stem}{joint}idx{dimensions}-ubyte{ending}"
                # torchvision puts it into raw/, Kaggle into a folder with the file's name.
                for path in (folder / file, folder / "raw" / file, folder / file / file):
                    if path.is_file():
                        return path
    raise DataError(
        f"The file {part}-idx{dimensions}-ubyte.gz is missing in {folder}; "
        "put it there, compressed or uncompressed."
    )


def read_bytes(path: Path) -> bytes:
    """The content of a file, decompressed if it is gzip.

    Raises:
      DataError: if it cannot be read or its compression is damaged.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if packed else raw
            content = _read_at_most(file, MOST_BYTES + 1, raw, path.name)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(
            f"The compressed file {path} is cut short or damaged; download it again."
        ) from None
    except OSError as error:
        raise DataError(f"The file {path} cannot be read ({error.strerror}); check it.") from None
    if len(content) > MOST_BYTES:
        raise DataError(
            f"The file {path} has more than {MOST_BYTES:,} bytes; check that it is the right one."
        )
    if path.suffix == ".gz" and not packed:
        raise DataError(
            f"The file {path} ends in .gz but is not compressed with gzip; "
            "download it again, or remove the ending if it is a plain IDX file."
        )
    return content


def _read_at_most(file: io.BufferedIOBase, most: int, raw: IO[bytes], name: str) -> bytes:
    """Reads a file; the position in `raw`, the file on disk, shows the progress."""
    parts: list[bytes] = []
    with progress(os.fstat(raw.fileno()).st_size, f"Reading {name}") as show:
        while most and (part := file.read(min(most, 2**23))):
            parts.append(part)
            most -= len(part)
            show(raw.tell())
    return b"".join(parts)


def parse(content: bytes, dimensions: int, path: Path) -> np.ndarray:
    """The array in an IDX file.

    Args:
      content: the uncompressed file.
      dimensions: 3 for images, 1 for labels.
      path: the file's name, for messages.

    Returns:
      (n, rows, columns) or (n,), uint8.

    Raises:
      DataError: if it is not an IDX file, or its length does not match its header.
    """
    what = {3: "images", 1: "labels"}[dimensions]
    magic = {3: IMAGE_MAGIC, 1: LABEL_MAGIC}[dimensions]
    head = 4 * (1 + dimensions)
    if len(content) < head:
        raise DataError(
            f"The file {path} has {len(content)} bytes, too few for an IDX file; download it again."
        )
    found, *shape = struct.unpack(f">{1 + dimensions}I", content[:head])
    if found != magic:
        raise DataError(
            f"The file {path} starts with the number {found}, but an IDX file of {what} starts "
            f"with {magic}; check that it is the right file."
        )
    expected = head + math.prod(shape)
    if len(content) != expected:
        short = "cut short" if len(content) < expected else "too long"
        raise DataError(
            f"The file {path} is {short}: its header promises {expected:,} bytes, but it has "
            f"{len(content):,}; download it again."
        )
    try:
        return np.frombuffer(content, np.uint8, offset=head).reshape(shape)
    except ValueError:  # no examples, but larger edges than NumPy counts
        raise DataError(
            f"The file {path} promises no {what}, but an impossible size; download it again."
        ) from None


def find_split(folder: Path, split: str) -> tuple[Path, Path]:
    """The image file and the label file of "train" or "test".

    Raises:
      DataError: if one is missing.
    """
    kind = KINDS[split]
    return find_file(folder, f"{kind}-images", 3), find_file(folder, f"{kind}-labels", 1)


def find_any(folder: Path, split: str) -> bool:
    """Whether one of the two files of a split exists."""
    for part, dimensions in (("images", 3), ("labels", 1)):
        try:
            find_file(folder, f"{KINDS[split]}-{part}", dimensions)
        except DataError:
            continue
        return True
    return False


def read_split(paths: tuple[Path, Path], name: str, split: str) -> Split:
    """One split of a set, in the order of its files.

    Args:
      paths: the image file and the label file.
      name: a set of 28×28 pictures.
      split: "train" or "test".

    Returns:
      The images and labels. If there are as many as in the published files, they are equal to
      them, byte for byte.

    Raises:
      DataError: if a file is missing or damaged, if the two do not belong together, or if they
        have the published number of images with different content.
    """
    arrays = []
    for path, what, dimensions in zip(paths, ("images", "labels"), (3, 1), strict=True):
        content = read_bytes(path)
        array = parse(content, dimensions, path)
        check_published(content, name, split, what, len(array), path)
        arrays.append(array)
    images, labels = arrays
    return checked_split(images, labels, name, split, paths)


def check_published(
    content: bytes, name: str, split: str, what: str, count: int, path: Path
) -> None:
    """Refuses files with as many images or labels as the published ones but different content.

    Args:
      content: the uncompressed IDX file.
      name: the set.
      split: "train" or "test".
      what: "images" or "labels".
      count: how many.
      path: the file, for the message.

    Raises:
      DataError: if they differ.
    """
    published = PUBLISHED_MD5.get(name, {}).get(f"{KINDS[split]}-{what}")
    if published is None or count != PUBLISHED_SIZES[split]:
        return
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != published:
        raise DataError(
            f"The file {path} has as many {what} as the published one of {name}, but different "
            "content (the checksums differ); download it again."
        )


def checked_split(
    images: np.ndarray, labels: np.ndarray, name: str, split: str, paths: tuple[Path, Path]
) -> Split:
    """Checks that images and labels belong together and to the set.

    Args:
      images: (n, rows, columns), uint8; in your own set also (n, rows, columns, 3).
      labels: (n,), whole numbers of 0 or more.
      name: a set of 28×28 pictures, or your own.
      split: "train" or "test".
      paths: the files of both, for messages.

    Raises:
      DataError: if they do not.
    """
    if name in SETS and images.shape[1:] != (28, 28):
        raise DataError(
            f"The images in {paths[0]} have {images.shape[1]}×{images.shape[2]} pixels, but "
            "this course needs 28×28; check that it is the right file."
        )
    if len(images) != len(labels):
        raise DataError(
            f"The {split} files in {paths[0].parent} do not belong together: {len(images):,} "
            f"images but {len(labels):,} labels; download both again."
        )
    classes = len(SETS[name].class_names) if name in SETS else MOST_CLASSES
    if len(labels) and labels.max() >= classes:
        raise DataError(
            f"The labels in {paths[1]} go up to {labels.max()}, but {name} has only the labels "
            f"0 to {classes - 1}; check that it is the right file."
        )
    return Split(images[..., None] if images.ndim == 3 else images, labels.astype(np.int32))


def version_of(train: Split, test: Split) -> str:
    """The version of a set: all of the published images, or other files."""
    sizes = {"train": len(train.labels), "test": len(test.labels)}
    return PUBLISHED if sizes == PUBLISHED_SIZES else UNPUBLISHED
