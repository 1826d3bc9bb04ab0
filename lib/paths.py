"""Checks a path to save to, so that a bad path fails before hours of training."""

import os
import pathlib


def place(path: str | os.PathLike) -> pathlib.Path:
    """Expands `~` in the path of a file to write; its folders need not exist yet.

    Args:
      path: the user's path.

    Raises:
      TypeError: if it is not a path.
      ValueError: if it is a folder, or below a file.
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise TypeError(f'The path must be a string, such as "training.npz"; got {path!r:.80}.')
    full = pathlib.Path(os.path.expanduser(path))
    if full.is_dir():
        raise ValueError(f"{os.fspath(path)} is a folder: name a file in it.")
    above = next((each for each in full.parents if each.exists()), full.parent)
    if above.exists() and not above.is_dir():
        raise ValueError(
            f"{os.fspath(path)} cannot be inside {above}, which is a file: name another path."
        )
    return full
