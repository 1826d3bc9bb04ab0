"""A fingerprint of what a verdict depends on: a week's tasks, their checks, and `lib`."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from grader.course import COURSE, WEEK_NAME
from grader.targets import read_targets


@functools.cache
def rubric_fingerprint(week: str) -> str:
    """Fingerprints the present rubric of a week: its tasks, points, checks and `lib`.

    Comments, docstrings and hints may change: no verdict depends on them.

    Args:
      week: "week3".

    Returns:
      16 hexadecimal digits; "" if the course has no such week.
    """
    check_file = COURSE.checks / f"{week}.py"
    if not check_file.is_file():
        return ""
    targets = [target for target in read_targets() if target.week == week]
    digest = hashlib.sha256(f"{_shared()}|{targets}|".encode())
    digest.update(_code([check_file]).encode())
    return digest.hexdigest()[:16]


@functools.cache
def _shared() -> str:
    """Fingerprints the code that the checks of all weeks use."""
    files = [path for path in COURSE.checks.glob("*.py") if not WEEK_NAME.fullmatch(path.stem)]
    for folder in (COURSE.root / "lib", COURSE.root / "grader" / "judge"):
        files += folder.rglob("*.py")
    return _code(files)


def _code(files: Iterable[Path]) -> str:
    """Fingerprints the code in some files, without comments, docstrings and hints."""
    digest = hashlib.sha256()
    for path in sorted(files):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if ast.get_docstring(node, clean=False) is not None:
                    del node.body[0]
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("task"):
                node.keywords = [each for each in node.keywords if each.arg != "hints"]
        text = ast.unparse(tree)
        digest.update(f"|{path.name}|{len(text)}|{text}".encode())
    return digest.hexdigest()
