"""What was computed or fetched once is kept in the user's cache, as plain arrays in a file."""

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
    """Where this course keeps such files: $XDG_CACHE_HOME/flaxlings, or ~/.cache/flaxlings.

    Raises:
      RuntimeError: if there is neither that variable nor a home.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "flaxlings"


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays into a file, all of it or nothing.

    Args:
      path: a `.npz` file; folders above it are made.
      arrays: by name; NumPy dtypes that are no objects.

    Raises:
      OSError: if it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A reader sees the old file or the whole new one, also if this process ends half-way.
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
    """Reads what `save_arrays` wrote.

    Args:
      path: the file.

    Returns:
      The arrays by name; None if there is no such file or it is damaged.
    """
    try:
        # Opened here, since np.load leaves the file open when it finds it damaged.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    except (AttributeError, TypeError):  # a lone array, which is no archive
        return None
