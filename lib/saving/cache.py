"""The user's cache for computed or downloaded data, as plain arrays in a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def cache_folder() -> Path:
    """The cache folder of this course: $XDG_CACHE_HOME/flaxlings, or ~/.cache/flaxlings.

    Raises:
      RuntimeError: if there is neither that variable nor a home directory.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "flaxlings"


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays to a file, completely or not at all.

    Args:
      path: a `.npz` file; missing folders are created.
      arrays: by name; of any NumPy dtype except object.

    Raises:
      OSError: if it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A reader sees the old file or the complete new one, even if this process is killed.
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
        os.replace(half, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(half)
        raise


def load_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """Reads a file of `save_arrays`.

    Args:
      path: the file.

    Returns:
      The arrays by name; None if there is no such file or it is damaged.
    """
    try:
        # Opened here, because np.load leaves a damaged file open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    except (AttributeError, TypeError):  # a single array, not an archive
        return None
