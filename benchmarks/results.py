"""Results as files, so that a long measurement resumes where it was cut off."""

import ast
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

# Most are ignored by git: what is kept of a measurement is the table it writes into the README.
# Trainings of hours ("accuracy" and "course") are kept themselves, so that others can go on.
FOLDER = Path(__file__).parent / "results"

ROOT = Path(__file__).parents[1]

_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_fingerprint(*patterns: str) -> str:
    """Fingerprints Python files, so that results of other code are not taken for this one's.

    What they do counts; comments, docstrings and layout do not.

    Args:
      patterns: globs below the root, such as "lib/**/*.py".

    Returns:
      16 hexadecimal digits, the same on one version of Python.
    """
    digest = hashlib.sha256()
    for file in sorted(file for pattern in patterns for file in ROOT.glob(pattern)):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False):
                node.body = node.body[1:]
        digest.update(f"{file.relative_to(ROOT)}\0{ast.dump(tree)}\0".encode())
    return digest.hexdigest()[:16]


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
