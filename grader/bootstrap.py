"""Makes Python import `lib` and `grader` from the grader's own checkout, whatever the path."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

ROOT = str(Path(__file__).resolve().parent.parent)
OWN = ("grader", "lib")


class OwnPackages:
    """Finds the course's own packages in its checkout, before any other finder."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns where an own package is; None for any other, and for modules inside one."""
        return PathFinder.find_spec(name, [ROOT], target) if name in OWN else None


def install() -> None:
    """Puts the finder first."""
    if OwnPackages not in sys.meta_path:
        sys.meta_path.insert(0, OwnPackages)  # type: ignore[arg-type]
