"""Says where two arrays of one shape differ, and by how much, if no cause is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.judge.values import (
    FEW,
    array_texts,
    kind_of,
    number_text,
    number_texts,
    widened,
)


def differences(got: np.ndarray, expected: np.ndarray, bad: np.ndarray) -> tuple[str, str]:
    """Writes both arrays if they are small, or else the first place where they differ.

    Args:
      got, expected: arrays of one shape.
      bad: where they differ: bools of that shape, at least one of them true.

    Returns:
      Two texts that differ: what came, and what was expected.
    """
    if not got.ndim:
        return number_texts(got, expected)
    if got.size <= FEW:
        return array_texts(got, expected)
    index = _first(bad)
    gave, wanted = number_texts(got[index], expected[index])
    return f"{gave} at {_place(index)}", f"{wanted} at {_place(index)}"


def extent(got: np.ndarray, expected: np.ndarray, bad: np.ndarray) -> str:
    """Says how many numbers differ, by how much, and where if there is an exact phrase for it.

    Args:
      got, expected, bad: as for `differences`; arrays with at least one axis.
    """
    count = int(bad.sum())
    missing = ~np.isfinite(widened(got)) & np.isfinite(widened(expected))
    said = f"{count:,} of {bad.size:,} numbers {'differs' if count == 1 else 'differ'}"
    if np.all(bad) and count > 1:
        said = f"All {count:,} numbers differ" if count > 2 else "Both numbers differ"
    said += f"{_where(bad)}."
    if np.any(missing):
        nan = np.isnan(widened(got)) & missing
        for name, which in (("NaN", nan), ("infinite", missing & ~nan)):
            if np.any(which):
                found = int(which.sum())
                verb = "is" if found == 1 else "are"
                said += f" {found:,} of {bad.size:,} {verb} {name}{_where(which)}."
    elif count > 1 and kind_of(got.dtype) != "bool":
        error = np.where(bad, np.abs(widened(got) - widened(expected)), 0)
        if np.all(np.isfinite(error)):
            index = _first(error == error.max())
            said += f" The largest error is {number_text(error[index], 4)}, at {_place(index)}."
    return said


def _first(bad: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])


def _place(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]"


def _where(bad: np.ndarray) -> str:
    """Says which part of an array holds all the true values, or "" if no phrase is exact."""
    if bad.sum() < 2 or np.all(bad):
        return ""
    return next((f", all {phrase}" for phrase, part in _parts(bad) if not np.any(bad & ~part)), "")


def _parts(bad: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yields phrases, each with the part of an array that it means, smallest parts first."""
    used = [np.unique(places) for places in np.nonzero(bad)]
    single = [len(places) == 1 and size > 1 for places, size in zip(used, bad.shape, strict=True)]
    if any(single):
        phrase = _slices([str(u[0]) if s else ":" for u, s in zip(used, single, strict=True)])
        if bad.ndim == 2:
            phrase = f"row {used[0][0]}" if single[0] else f"column {used[1][0]}"
        yield f"in {phrase}", np.ones_like(bad)
    if bad.ndim == 2 and bad.shape[0] == bad.shape[1]:
        yield "on the diagonal", np.eye(len(bad), dtype=bool)
    if bad.ndim in (2, 3, 4):
        yield from _edges(bad)
    for axis, (places, size) in enumerate(zip(used, bad.shape, strict=True)):
        start = int(places[0])
        if size >= 4 and start < 2 and np.array_equal(places, np.arange(start, size, 2)):
            phrase = _slices([":"] * axis + [f"{start}::2"] + [":"] * (bad.ndim - axis - 1))
            if bad.ndim <= 2:
                what = "place" if bad.ndim == 1 else ("row", "column")[axis]
                phrase = f"every second {what}, {phrase}"
            yield f"in {phrase}", np.ones_like(bad)
        if size >= 4 and bad.ndim == 1 and start > 1 and len(places) == size - start:
            yield f"from [{start}] on", np.ones_like(bad)


def _edges(bad: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yields the borders of an image: of the first two axes, or of the second and third of 4."""
    shift = 1 if bad.ndim == 4 else 0
    if min(bad.shape[shift : shift + 2]) < 3:
        return

    def marked(*places: int) -> np.ndarray:
        part = np.zeros_like(bad)
        for axis in (shift, shift + 1):
            for place in places:
                part[(slice(None),) * axis + (place,)] = True
        return part

    yield "in the last row or the last column", marked(-1)
    yield "in the first row or the first column", marked(0)
    yield "on the border", marked(0, -1)


def _slices(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"
