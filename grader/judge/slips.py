"""Recognises common slips: it names one only if the slip gives these very numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from grader.judge.values import close, is_finite, widened

MAX_FACTOR = 10**6


def slip(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Returns the sentence of a slip that gives these very numbers, or "".

    Args:
      got: the student's array, any shape.
      expected: ours, any shape.
      rtol, atol: tolerance within which two arrays are alike.
    """
    if not (got.size and expected.size and is_finite(got) and is_finite(expected)):
        return ""
    got, expected = widened(got), widened(expected)
    if got.shape != expected.shape:
        return _moved(got, expected, rtol, atol) or _cropped(got, expected, rtol, atol)
    if not np.any(expected):
        return ""
    if not np.any(got):
        return "All of it is zero." if got.ndim else ""
    return (
        _moved(got, expected, rtol, atol)
        or _scaled(got, expected, rtol, atol)
        or _reversed(got, expected, rtol, atol)
        or _shifted(got, expected, rtol, atol)
    )


def _varies(array: np.ndarray) -> bool:
    return bool(np.any(array != array.flat[0]))


def _moved(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Finds the right numbers with their axes in another order, or in another shape."""
    if not _varies(expected) or got.size != expected.size:
        return ""
    if expected.ndim >= 2:
        for axes in itertools.islice(itertools.permutations(range(expected.ndim)), 1, 24):
            if close(got, expected.transpose(axes), rtol, atol):
                return "The values are right, but the axes are in the wrong order: transposed."
    if got.shape != expected.shape and close(got.ravel(), expected.ravel(), rtol, atol):
        if end := _end(got.shape, expected.shape):
            return f"The values are right, but {end}."
        return f"The values are right, but the shape is {got.shape} instead of {expected.shape}."
    return ""


def _scaled(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Finds the right numbers with the wrong sign, or times or divided by a whole number."""
    if close(got, -expected, rtol, atol):
        return "The sign is the wrong way round."
    largest = np.unravel_index(int(np.abs(expected).argmax()), expected.shape)
    ratio = complex(got[largest] / expected[largest])
    if ratio.imag or not 1 / MAX_FACTOR < ratio.real < MAX_FACTOR:
        return ""
    factor, part = round(ratio.real), round(1 / ratio.real)
    if factor > 1 and close(got, expected * factor, rtol, atol):
        if factor == 255:
            return "It is 255 times too large: look for a missing division by 255."
        return (
            f"It is exactly {factor} times too large: look for an extra factor, or for a sum "
            "instead of a mean."
        )
    # Multiply rather than divide, so that the tolerance shrinks with the numbers.
    if part > 1 and close(got * part, expected, rtol, atol):
        if part == 255:
            return "It is 255 times too small: look for an extra division by 255."
        return (
            f"It is exactly 1/{part} of what it should be: look for a missing factor, or for a "
            "mean instead of a sum."
        )
    return ""


def _reversed(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and close(got, np.flip(expected, axis), rtol, atol):
            return f"It is the right answer in reverse order along axis {axis}."
    return ""


def _shifted(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    if got.size == 1:
        return ""
    offsets = np.real(got - expected)
    offset = float(np.median(offsets))
    # An offset about as small as the tolerance would fit any noise.
    if np.ptp(offsets) > 0.01 * abs(offset) or not close(got, expected + offset, rtol, atol):
        return ""
    return f"Every number is off by the same amount, {offset:.4g}."


def _cropped(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Finds a border too many or too few, one item instead of all, or all pairs combined."""
    if got.ndim == 2 and expected.ndim == 1 and got.shape == expected.shape * 2:
        if close(got.diagonal(), expected, rtol, atol):
            return (
                "Each value was paired with every other: (n,) and (n, 1) broadcast to (n, n). "
                "Give both the same shape first."
            )
    if got.shape == expected.shape[1:] and _varies(expected):
        for number, one in enumerate(expected):
            if close(got, one, rtol, atol):
                return f"It is only [{number}] of the answer: the first axis is missing."
    if got.ndim != expected.ndim or not _varies(expected):
        return ""
    for sentence, ours, theirs in _parts(got, expected):
        if close(theirs, ours, rtol, atol):
            return sentence
    return ""


def _parts(got: np.ndarray, expected: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yields sentences, each with the parts of both arrays that are equal if it is true."""
    more = [g - e for g, e in zip(got.shape, expected.shape, strict=True)]
    longer, shorter = all(n >= 0 for n in more), all(n <= 0 for n in more)
    if not (longer or shorter):
        return
    sizes = {abs(n) for n in more} - {0}
    axes = [axis for axis, n in enumerate(more) if n]
    named = f"{'axis' if len(axes) == 1 else 'axes'} {' and '.join(map(str, axes))}"
    if sizes == {2}:
        inner = tuple(slice(1, -1) if n else slice(None) for n in more)
        if longer:
            said = "It is 2 larger, but right inside its border: leave out the border."
            yield said, expected, got[inner]
        else:
            said = "It is 2 smaller, but otherwise right: the border is missing."
            yield said, expected[inner], got
    elif sizes == {1}:
        for name, part in (("last", slice(None, -1)), ("first", slice(1, None))):
            inner = tuple(part if n else slice(None) for n in more)
            if longer:
                said = f"It is off by one: it is right without the {name} place along {named}."
                yield said, expected, got[inner]
            else:
                said = f"It is off by one: the {name} place along {named} is missing."
                yield said, expected[inner], got


def shape_slip(got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Returns a sentence that says how two shapes differ, if that is simple, or ""."""
    if end := _end(got, expected):
        return f"{end[0].upper()}{end[1:]}."
    if sorted(got) == sorted(expected):
        return "The lengths of the axes are right, but not their order."
    if got == expected[1:]:
        return f"The first axis, of length {expected[0]}, is missing."
    if len(got) != len(expected):
        wanted = f"{len(expected)} are" if len(expected) > 1 else "1 is" if expected else "none is"
        return f"It has {_axes(len(got))}; {wanted} expected."
    return ""


def _end(got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if got == (*expected, 1):
        return f"there is an extra axis of length 1 at the end: {got} is not {expected}"
    if expected == (*got, 1):
        return f"an axis of length 1 is missing at the end: {got} is not {expected}"
    return ""


def _axes(count: int) -> str:
    return {0: "no axis", 1: "1 axis"}.get(count, f"{count} axes")
