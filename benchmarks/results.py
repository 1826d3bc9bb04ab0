"""Results as files, so that a long measurement resumes where it was cut off."""

import ast
import functools
import hashlib
import io
import json
import os
import tokenize
from pathlib import Path
from typing import Any

import numpy as np

# Most are ignored by git: what is kept of a measurement is its table in docs/measurements.md.
# Trainings of hours ("accuracy" and "course") are kept themselves, so that others can go on.
FOLDER = Path(__file__).parent / "results"

ROOT = Path(__file__).parents[1]

# What every training with `lib` depends on, as patterns for `code_fingerprint`.
TRAINING = ("lib/inputs.py", "lib/nn/**/*.py", "lib/train/**/*.py")

_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_fingerprint(*patterns: str) -> str:
    """Fingerprints Python files, so that results of other code are not taken for this one's.

    Comments, docstrings and blank lines do not count.

    Args:
      patterns: globs below the root, such as "lib/**/*.py".

    Returns:
      16 hexadecimal digits, the same on every version of Python.

    Raises:
      FileNotFoundError: if a pattern matches no file: what has moved would no longer count.
    """
    made, files = hashlib.sha256(), list[Path]()
    for pattern in patterns:
        found = list(ROOT.glob(pattern))
        if not found:
            raise FileNotFoundError(f"No file is called {pattern}: say where its code is now.")
        files += found
    for file in sorted(files):
        name = file.relative_to(ROOT).as_posix()
        made.update(f"{name}\0{_bare(file.read_text(encoding='utf-8'))}\0".encode())
    return made.hexdigest()[:16]


@functools.cache
def _bare(source: str) -> str:
    """A program without comments, docstrings and blank lines; what `ast.dump` says varies."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
            words = node.body[0]
            if not lines[words.lineno - 1][: words.col_offset].strip():
                lines[words.lineno - 1 : words.end_lineno] = [""] * (
                    (words.end_lineno or words.lineno) - words.lineno + 1
                )
    return "\n".join(line.rstrip() for line in lines if line.strip())


def digest(*arrays: np.ndarray) -> str:
    """Fingerprints arrays, so that results of other data are not taken for those of these.

    Args:
      arrays: of any shapes and dtypes; both count.

    Returns:
      16 hexadecimal digits.
    """
    made = hashlib.sha256()
    for array in arrays:
        made.update(f"{array.shape} {array.dtype}".encode() + array.tobytes())
    return made.hexdigest()[:16]


def save(name: str, result: Any) -> Path:
    """Writes a result by atomic rename.

    Args:
      name: path below the results folder, without ".json".
      result: anything that JSON can hold.

    Returns:
      The file.
    """
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(half, path)
    return path


def saved(name: str, **must_match: Any) -> Any | None:
    """Reads an earlier result.

    Args:
      name: path below the results folder, without ".json".
      must_match: items that the result must have.

    Returns:
      The result, or None if there is none or it was made with other settings.
    """
    try:
        result = json.loads((FOLDER / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    if any(result.get(key) != value for key, value in must_match.items()):
        return None
    return result
