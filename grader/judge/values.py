"""Values as numbers, and as a student would describe them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.judge.student import Handle, short

NOT_GIVEN = object()  # None may be what the student's code gave
FEW = 9
"""Of an array of up to as many numbers a message shows each: a matrix of 3 × 3."""


def kind_of(dtype: np.dtype) -> str:
    """Names the kind of a dtype as a student would: "float", "integer", "bool" …"""
    if dtype.name == "bfloat16" or dtype.kind == "f":
        return "float"
    return {"i": "integer", "u": "integer", "b": "bool", "c": "complex"}.get(dtype.kind, str(dtype))


def show(value: Any) -> str:
    """Describes a value in one line: arrays by shape, dtype and, when small, their numbers."""
    if isinstance(value, Handle):
        return f"a {value.kind}"
    if isinstance(value, np.ndarray):
        if value.shape == ():
            return f"{number_text(value)} (one {kind_of(value.dtype)})"
        return f"shape {value.shape}, {value.dtype.name}{few_numbers(value)}"
    if isinstance(value, float):
        return f"{value:.7g} (a float)"
    if isinstance(value, bool | int | str):
        return f"{value!r:.120} ({'an int' if type(value) is int else 'a ' + type(value).__name__})"
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, list | tuple):
        inner = ", ".join(short(item) for item in value[:4])
        more = ", …" if len(value) > 4 else ""
        return f"a {type(value).__name__} of {len(value)}: {inner}{more}"
    if isinstance(value, dict):
        return f"a dict with keys {', '.join(list(value)[:6])}"[:200] if value else "an empty dict"
    return short(value)


def few_numbers(array: np.ndarray) -> str:
    """Writes the numbers of a small array, to follow what else is said of it; a large one's not."""
    if array.size > FEW:
        return ""
    numbers = np.array2string(
        array.astype(np.float64) if kind_of(array.dtype) == "float" else array,
        precision=6,
        separator=", ",
        suppress_small=True,
    )
    return ": " + " ".join(numbers.split())


def as_array(value: Any) -> np.ndarray | None:
    """Returns numbers and arrays as an array, everything else as None. Lists are not arrays."""
    if isinstance(value, np.ndarray):
        return value
    if type(value) in (bool, int, float):
        array = np.asarray(value)
        return None if array.dtype == object else array  # an int beyond 64 bits
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return np.asarray(value)
    return None


def widened(array: np.ndarray) -> np.ndarray:
    """Returns an array in the widest type of its kind: differences neither wrap nor round."""
    if kind_of(array.dtype) == "complex":
        return array.astype(np.complex128)
    return array.astype(np.float64)


def close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """True if two arrays have one shape and all their numbers are alike within a tolerance."""
    return got.shape == expected.shape and bool(
        np.all(np.abs(got - expected) <= atol + rtol * np.abs(expected))
    )


def is_finite(array: np.ndarray) -> bool:
    """True if no number is NaN or infinite."""
    return bool(np.all(np.isfinite(widened(array))))


def number_text(value: Any) -> str:
    """Writes one number, floats with six digits."""
    value = np.asarray(value)
    return f"{float(value):.6g}" if kind_of(value.dtype) == "float" else str(value)


def accuracy(logits: Any, labels: Any) -> float:
    """Fraction of rows whose largest logit is at the label; rows that are not finite are wrong.

    Args:
      logits: (n, classes).
      labels: (n,) integers.
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    right = (logits.argmax(-1) == labels) & np.all(np.isfinite(logits), -1)
    result = float(np.mean(right))
    return result if math.isfinite(result) else 0.0
