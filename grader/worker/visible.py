"""Lists what a worker sees of the machine: Python's own folders, `inside/` and `lib`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.course import COURSE


def interpreter() -> str:
    """Returns this Python's path without `..`: the sandbox lacks folders that `..` leaves."""
    return os.path.abspath(sys.executable)


def interpreter_folders() -> list[str]:
    """Returns only those parts of the interpreter's prefixes that Python needs.

    It never returns an entire prefix, which could contain the solutions if the environment is in
    the course folder.
    """
    found = []
    for prefix in dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix)):
        for part in ("bin", "lib", "lib64", "pyvenv.cfg"):
            path = os.path.join(prefix, part)
            if os.path.exists(path):
                found.append(path)
    for path in (interpreter(), os.path.realpath(sys.executable)):
        found.append(os.path.dirname(path))
    return found + library_paths() + _shared_libraries()


def _shared_libraries() -> list[str]:
    """Returns what oneDNN's wheel puts next to Python's own folder, also for a user's packages."""
    files = (Path(path).parents[1] / "libdnnl.so.3" for path in library_paths())
    return [str(file) for file in files if file.exists()]


def library_paths() -> list[str]:
    """Returns the folders of installed packages, for a worker that ignores the user's own."""
    return [
        path
        for path in sys.path
        if os.path.isabs(path)
        and os.path.isdir(path)
        and os.path.basename(path) in ("site-packages", "dist-packages")
    ]


def is_under(path: str, folders: list[str]) -> bool:
    """True if a path is one of these folders, or is in one."""
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def code_files() -> list[tuple[Path, str]]:
    """Returns what a worker gets of the course: (path, name in the folder of its code)."""
    files = [(Path(__file__).parent / "inside", "inside"), (COURSE.root / "lib", "lib")]
    fonts = font_cache()
    return [*files, (fonts, fonts.name)] if fonts else files


def font_cache() -> Path | None:
    """Returns matplotlib's list of this machine's fonts, if it has made one."""
    places = [
        os.environ.get("MPLCONFIGDIR", ""),
        os.path.expanduser("~/.cache/matplotlib"),
        os.path.expanduser("~/.matplotlib"),
    ]
    for place in filter(None, places):
        for path in sorted(Path(place).glob("fontlist-v*.json"), reverse=True):
            return path
    return None
