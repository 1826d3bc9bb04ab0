"""Saves results as files, so that an interrupted measurement continues where it stopped."""

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

# Git ignores most results: the tables in docs/measurements.md are enough. It has those of the long
# trainings ("accuracy" and "course"), so that others can continue from them.
FOLDER = Path(__file__).parent / "results"

ROOT = Path(__file__).parents[1]

# What every training with `lib` depends on, as patterns for `code_fingerprint`.
TRAINING = ("lib/inputs.py", "lib/nn/**/*.py", "lib/train/**/*.py")

_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_fingerprint(*patterns: str) -> str:
    """Fingerprints Python files, so that results of other code are not used for this code.

    Comments, docstrings and blank lines do not count.

    Args:
      patterns: globs relative to the root, such as "lib/**/*.py".

    Returns:
      16 hexadecimal digits, the same on every version of Python.

    Raises:
      FileNotFoundError: if a pattern matches no file; moved code would no longer count.
    """
    made, files = hashlib.sha256(), list[Path]()
    for pattern in patterns:
        found = list(ROOT.glob(pattern))
        if not found:
            raise FileNotFoundError(
                f"No file matches {pattern}: change the pattern to where the code is now."
            )
        files += found
    for file in sorted(files):
        name = file.relative_to(ROOT).as_posix()
        made.update(f"{name}\0{_bare(file.read_text(encoding='utf-8'))}\0".encode())
    return made.hexdigest()[:16]


@functools.cache
def _bare(source: str) -> str:
    """Removes comments, docstrings and blank lines (`ast.dump` differs between Pythons)."""
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
    """Fingerprints arrays, so that results of other data are not used for these.

    Args:
      arrays: any arrays; their shapes and dtypes count too.

    Returns:
      16 hexadecimal digits.
    """
    made = hashlib.sha256()
    for array in arrays:
        made.update(f"{array.shape} {array.dtype}".encode() + array.tobytes())
    return made.hexdigest()[:16]


def save(name: str, result: Any) -> Path:
    """Saves a result by atomic rename.

    Args:
      name: path in the results folder, without ".json".
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
      name: path in the results folder, without ".json".
      must_match: items that the result must have.

    Returns:
      The result, or None if there is none or its settings differ.
    """
    try:
        result = json.loads((FOLDER / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    if any(result.get(key) != value for key, value in must_match.items()):
        return None
    return result
