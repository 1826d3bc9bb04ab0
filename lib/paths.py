"""Where something is to be kept: a place that cannot be is told before hours of training."""

import os
import pathlib


def place(path: str | os.PathLike) -> pathlib.Path:
    """A path with `~` in place, as a file that can be written there, once its folders are made.

    Args:
      path: as somebody gives it.

    Raises:
      TypeError: if it is no path.
      ValueError: if it is a folder, or below a file.
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise TypeError(f'A file is named by a text, such as "training.npz"; got {path!r:.80}.')
    full = pathlib.Path(os.path.expanduser(path))
    if full.is_dir():
        raise ValueError(f"{os.fspath(path)} is a folder: name a file in it.")
    above = next((each for each in full.parents if each.exists()), full.parent)
    if above.exists() and not above.is_dir():
        raise ValueError(
            f"{os.fspath(path)} cannot be below {above}, which is a file: name another place."
        )
    return full
