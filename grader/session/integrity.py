"""Notices when student code has changed the grader's own files, which the process tier lets it do.

The grader imports what a verdict needs before student code runs. A change takes effect in the next
week or the next run at the earliest, and the grader looks for it before that.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import py_compile
from importlib.machinery import all_suffixes
from pathlib import Path

from grader.course import COURSE, Course


def load_all() -> None:
    """Imports what the grader may need while student code runs."""
    import lib

    for module in pkgutil.walk_packages(lib.__path__, "lib."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


class CodeFiles:
    """The current files of the grader, `lib`, the solutions and the rubric."""

    def __init__(self, course: Course) -> None:
        """Reads them all.

        Args:
          course: whose rubric is used.
        """
        folders = [COURSE.root / name for name in ("grader", "lib", "solutions")]
        self.folders = list(dict.fromkeys([*folders, course.checks, course.solutions]))
        self.before = self._read()

    def _read(self) -> dict[Path, str]:
        found = {}
        for folder in self.folders:
            for path in folder.rglob("*"):
                try:
                    if path.is_file():
                        found[path] = hashlib.sha256(path.read_bytes()).hexdigest()
                except OSError:
                    found[path] = "unreadable"
        return found

    def changed(self) -> list[str]:
        """Returns the files that are changed, gone or new; compiles compiled files again instead.

        A new file counts only if Python could import it.
        """
        after = self._read()
        names = set()
        for path in self.before.keys() | after.keys():
            if self.before.get(path) == after.get(path):
                continue
            if path.parent.name == "__pycache__":
                _compile_again(path)
            elif path in self.before or path.name.endswith(tuple(all_suffixes())):
                names.add(str(path))
        return sorted(names)


def _compile_again(compiled: Path) -> None:
    """Replaces a compiled file with one from its source, or removes it."""
    try:
        source = importlib.util.source_from_cache(str(compiled))
        compiled.unlink(missing_ok=True)
        if Path(source).is_file() and importlib.util.cache_from_source(source) == str(compiled):
            py_compile.compile(source, quiet=2)
    except (OSError, ValueError):
        compiled.unlink(missing_ok=True)
