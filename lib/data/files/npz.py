"""A set of small pictures in one NumPy file, as Keras publishes MNIST (`mnist.npz`)."""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lib.data.dataset import SETS, DataError, Split
from lib.data.files import idx

KEYS = {"train": ("x_train", "y_train"), "test": ("x_test", "y_test")}
_MOST_BYTES = 2**30
"""A larger array is not read; the images of MNIST have 47 million bytes."""


def find_npz(place: Path, name: str) -> Path | None:
    """The file of a set in a folder: `mnist.npz`, `fashion-mnist.npz` …"""
    files = (place / f"{spelling}.npz" for spelling in idx.spellings(name))
    return next((file for file in files if file.is_file()), None)


def read_npz(path: Path, name: str) -> dict[str, Split]:
    """The training and the test part.

    Args:
      path: a file with the arrays x_train, y_train, x_test and y_test.
      name: a set of 28×28 pictures, or your own, whose pictures may be larger and in colour.

    Raises:
      DataError: if it is damaged, is not such a file, or has the published number of images with
        different content.
    """
    splits = {}
    for split, keys in KEYS.items():
        images, labels = (_array(path, key) for key in keys)
        if images.ndim == 4 and images.shape[-1] == 1:
            images = images[..., 0]
        in_colour = name not in SETS and images.ndim == 4 and images.shape[-1] == 3
        if images.dtype != np.uint8 or (images.ndim != 3 and not in_colour):
            raise DataError(
                f"The array {keys[0]} in {path} has the shape {images.shape} and the type "
                f"{images.dtype}, but pictures must be (n, 28, 28) of uint8; check that it is the "
                "right file."
            )
        labels = labels.reshape(-1) if labels.shape == (len(labels), 1) else labels
        if labels.ndim != 1 or labels.dtype.kind not in "ui" or (labels.size and labels.min() < 0):
            raise DataError(
                f"The array {keys[1]} in {path} is not a row of whole numbers of 0 or more; check "
                "that it is the right file."
            )
        if name in idx.PUBLISHED_MD5:
            idx.check_published(_as_idx(images), name, split, "images", len(images), path)
        small = labels.astype(np.uint8)
        if labels.size and labels.max() < 256:
            idx.check_published(_as_idx(small), name, split, "labels", len(labels), path)
        splits[split] = idx.checked_split(images, labels, name, split, (path, path))
    return splits


def _as_idx(array: np.ndarray) -> bytes:
    """An array as the IDX file in which it was published."""
    magic = {3: idx.IMAGE_MAGIC, 1: idx.LABEL_MAGIC}[array.ndim]
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def _array(path: Path, key: str) -> np.ndarray:
    """Reads one array of the file; never unpickles, and never reads more than the limit."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{key}.npy") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0
            if version != (1, 0):
                read = np.lib.format.read_array_header_2_0
            shape, by_columns, dtype = read(file)
            if dtype.hasobject:
                raise ValueError("it contains Python objects")
            wanted = math.prod(shape) * dtype.itemsize
            if wanted > _MOST_BYTES:
                raise ValueError(f"it promises {wanted:,} bytes")
            content = file.read(wanted + 1)
            if len(content) != wanted:
                raise ValueError(f"it promises {wanted:,} bytes and has a different number")
            array = np.frombuffer(content, dtype)
            return array.reshape(shape[::-1]).T if by_columns else array.reshape(shape)
    except KeyError:
        raise DataError(
            f"The file {path} has no array {key}; it should contain "
            f"{', '.join(each for keys in KEYS.values() for each in keys)}."
        ) from None
    except OSError as error:
        raise DataError(f"The file {path} cannot be read ({error}); check it.") from None
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise DataError(
            f"The file {path} is damaged or not a NumPy archive ({reason}); download it again."
        ) from None
