"""Draws small images as blocks of text: what came next to what was expected."""

from __future__ import annotations

import numpy as np

from grader.judge.values import FEW, kind_of, widened

SHADES = " ░▒▓█"
MOST = 16  # rows and columns of an image that is drawn
TITLES = ("your code gave", "expected")


def side_by_side(got: np.ndarray, expected: np.ndarray) -> tuple[str, ...]:
    """Draws two images next to each other, on a scale from their smallest number to the largest.

    Args:
      got, expected: numbers, (height, width) or (height, width, channels) with 1 or 3 channels,
        which are averaged. Of two stacks of equal length, it draws the first pair that differs.

    Returns:
      Lines of text, each pixel two characters wide, "??" for NaN; none if one of the two is not an
      image of 2 to 16 rows and columns, or if both look the same.
    """
    if got.ndim == expected.ndim == 4 and got.shape[0] == expected.shape[0]:
        pairs = zip(got, expected, strict=True)
        return next((lines for pair in pairs if (lines := side_by_side(*pair))), ())
    if not (_is_picture(got) and _is_picture(expected)):
        return ()
    grey = [_grey(got), _grey(expected)]
    numbers = np.concatenate([each[np.isfinite(each)] for each in grey])
    if not numbers.size or numbers.min() == numbers.max():
        return ()
    low, high = float(numbers.min()), float(numbers.max())
    left, right = (_rows(each, low, high) for each in grey)
    if left == right:
        return ()
    width = max(len(TITLES[0]), len(left[0]))
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    lines = [f"{one:<{width}}   {other}" for one, other in zip(left, right, strict=True)]
    return (
        f"{TITLES[0]:<{width}}   {TITLES[1]}",
        *(line.rstrip() for line in lines),
        f"from {low:.4g} (blank) to {high:.4g} ({SHADES[-1]})",
    )


def _is_picture(array: np.ndarray) -> bool:
    flat = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3))
    fits = flat and all(2 <= size <= MOST for size in array.shape[:2])
    return fits and array.size > FEW and kind_of(array.dtype) in ("float", "integer", "bool")


def _grey(array: np.ndarray) -> np.ndarray:
    wide = widened(array)
    with np.errstate(all="ignore"):
        return wide.mean(axis=2) if wide.ndim == 3 else wide


def _rows(grey: np.ndarray, low: float, high: float) -> list[str]:
    with np.errstate(all="ignore"):
        share = np.clip((grey - low) / (high - low), 0, 1)
    rows = []
    for line in share:
        shades = (
            "?" if np.isnan(value) else SHADES[min(int(value * len(SHADES)), len(SHADES) - 1)]
            for value in line
        )
        rows.append(f"│{''.join(2 * shade for shade in shades)}│")
    return rows
