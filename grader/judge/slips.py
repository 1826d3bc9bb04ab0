"""Recognises common slips, by value and by shape."""

from __future__ import annotations

import itertools

import numpy as np

from grader.judge.values import close, widened


def slip(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Recognises common slips by value; returns a sentence or "".

    Args:
      got: the student's array, any shape, finite.
      expected: ours.
      rtol, atol: tolerance within which two arrays are alike.
    """
    got, expected = widened(got), widened(expected)

    def alike(other: np.ndarray) -> bool:
        return close(got, other, rtol, atol)

    trivial = bool(np.all(expected == expected.flat[0])) if expected.size else True
    if expected.ndim >= 2 and not trivial:
        for axes in itertools.islice(itertools.permutations(range(expected.ndim)), 1, 24):
            if got.shape == tuple(expected.shape[a] for a in axes) and alike(
                expected.transpose(axes)
            ):
                return "The values are right, but the axes are in another order: transposed."
    if got.size == expected.size and got.shape != expected.shape and not trivial:
        if close(got.ravel(), expected.ravel(), rtol, atol):
            return (
                f"The values are right, but the shape is {got.shape} instead of {expected.shape}."
            )
    if got.shape != expected.shape or not got.size:
        return ""
    if not np.any(got):
        return "All of it is zero."
    if not np.any(expected):
        return ""
    if alike(-expected):
        return "The sign is the wrong way round."
    if alike(expected * 255):
        return "It is 255 times too large: is the division by 255 missing?"
    if alike(expected / 255):
        return "It is 255 times too small: was it divided by 255 twice?"
    ratios = got[np.abs(expected) > atol] / expected[np.abs(expected) > atol]
    if ratios.size and np.all(np.abs(ratios - ratios[0]) <= 1e-3 * abs(ratios[0])):
        ratio = complex(ratios[0])
        if ratio.imag == 0 and ratio.real > 0:
            factor = ratio.real
            if factor > 1.5 and abs(factor - round(factor)) < 1e-3 * factor:
                return (
                    f"It is exactly {round(factor)} times too large: a sum where a mean is "
                    "asked for, or a factor too much?"
                )
            if factor < 0.7 and abs(1 / factor - round(1 / factor)) < 1e-3 / factor:
                return (
                    f"It is exactly 1/{round(1 / factor)} of what it should be: a factor missing?"
                )
    if got.ndim and expected.size > 1 and not trivial:
        for axis in range(got.ndim):
            if got.shape[axis] > 1 and alike(np.flip(expected, axis)):
                return f"It is the right answer in reverse order along axis {axis}."
    spread = got - expected
    if expected.size > 1 and np.all(np.abs(spread - spread.flat[0]) <= 10 * atol + 1e-6):
        return f"Every number is off by the same amount, {float(np.real(spread.flat[0])):.4g}."
    return ""


def shape_slip(got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Recognises common slips by shape; returns a sentence or ""."""
    if len(got) == len(expected) + 1 and got[-1:] == (1,) and got[:-1] == expected:
        return f"There is an axis of length 1 too many at the end: {got} is not {expected}."
    if len(got) + 1 == len(expected) and expected[-1:] == (1,) and expected[:-1] == got:
        return f"An axis of length 1 is missing at the end: {got} is not {expected}."
    if len(got) == 2 and len(expected) == 1 and got[0] == got[1] == expected[0]:
        return (
            "Each value met every other: (n,) and (n, 1) were combined and broadcast to (n, n). "
            "Give both the same shape first."
        )
    if sorted(got) == sorted(expected) and got != expected:
        return "The axes are in another order: is something transposed?"
    if len(got) == len(expected) - 1 and got == expected[1:]:
        return "The first axis, the batch, is missing."
    if len(got) == len(expected):
        differences = {g - e for g, e in zip(got, expected, strict=True)} - {0}
        if differences and all(abs(difference) == 1 for difference in differences):
            return "It is off by one: count where the first and the last window begin."
        if differences == {2}:
            return "It is 2 larger: is the border padded where it should be left out?"
        if differences == {-2}:
            return "It is 2 smaller: is the border left out where it should be kept?"
    return ""
