"""Turns values into numbers, and describes them as a student would."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.judge.student import Handle, short

NOT_GIVEN = object()  # the student's code may give None
FEW = 9
"""A message shows every number of an array up to this size: a 3 × 3 matrix."""


def kind_of(dtype: np.dtype) -> str:
    """Names the kind of a dtype as a student would: "float", "integer", "bool" …"""
    if dtype.name == "bfloat16" or dtype.kind == "f":
        return "float"
    return {"i": "integer", "u": "integer", "b": "bool", "c": "complex"}.get(dtype.kind, str(dtype))


def show(value: Any) -> str:
    """Describes a value in one line: arrays by shape, dtype and, when small, their numbers."""
    if isinstance(value, Handle):
        return value.kind if value.kind.startswith("a ") else f"{_article(value.kind)} {value.kind}"
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


def _article(noun: str) -> str:
    return "an" if noun[:1] in tuple("AEIOaeio") else "a"


def few_numbers(array: np.ndarray) -> str:
    """Writes the numbers of a small array, to follow its description; "" for a large one."""
    return f": {array_text(array)}" if array.size <= FEW else ""


def array_text(array: np.ndarray, digits: int = 6) -> str:
    """Writes all numbers of an array in one line, floats with `digits` digits after the point."""
    text = np.array2string(
        array.astype(np.float64) if kind_of(array.dtype) == "float" else array,
        precision=digits,
        separator=", ",
        suppress_small=digits == 6,
    )
    # NumPy pads numbers to one width; undo that.
    return " ".join(text.split()).replace("[ ", "[").replace(" ,", ",")


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
    """Returns an array in the widest type of its kind, so that differences do not wrap or round."""
    if kind_of(array.dtype) == "complex":
        return array.astype(np.complex128)
    return array.astype(np.float64)


def differing(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Returns where two arrays of one shape differ by more than a tolerance, as bools.

    NaN equals NaN, and an infinite number equals itself.
    """
    with np.errstate(all="ignore"):
        near = np.abs(got - expected) <= atol + rtol * np.abs(expected)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    return ~(same | (near & np.isfinite(expected)))


def close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """True if two arrays have the same shape, and the same numbers within a tolerance."""
    return got.shape == expected.shape and not np.any(differing(got, expected, rtol, atol))


def is_finite(array: np.ndarray) -> bool:
    """True if no number is NaN or infinite."""
    return bool(np.all(np.isfinite(widened(array))))


def number_text(value: Any, digits: int = 6) -> str:
    """Writes one number, a float with `digits` significant digits."""
    value = np.asarray(value)
    return f"{float(value):.{digits}g}" if kind_of(value.dtype) == "float" else str(value)


def number_texts(one: Any, other: Any) -> tuple[str, str]:
    """Writes two numbers that differ, with enough digits to tell them apart."""
    return _apart(lambda digits: (number_text(one, digits), number_text(other, digits)))


def array_texts(one: np.ndarray, other: np.ndarray) -> tuple[str, str]:
    """Writes two small arrays that differ, with enough digits to tell them apart."""
    return _apart(lambda digits: (array_text(one, digits), array_text(other, digits)))


def _apart(texts: Callable[[int], tuple[str, str]]) -> tuple[str, str]:
    for digits in (6, 9):
        one, other = texts(digits)
        if one != other:
            return one, other
    return texts(17)


def accuracy(logits: Any, labels: Any) -> float:
    """Returns the fraction of rows whose largest logit is at the label.

    Rows that are not finite count as wrong.

    Args:
      logits: (n, classes).
      labels: (n,) integers.
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    right = (logits.argmax(-1) == labels) & np.all(np.isfinite(logits), -1)
    result = float(np.mean(right))
    return result if math.isfinite(result) else 0.0
