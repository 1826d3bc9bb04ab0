"""How training may have changed frozen parameters, and wrong rules for detecting it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.frozen_paths import (
    Tree,
    draw_trees,
    first_part_is_frozen,
    is_frozen,
    leaves_of,
    same_bits,
)


@dataclass(frozen=True)
class Change:
    """How training may have changed parameters.

    Attributes:
      about: a sentence that describes the change.
      before, after: the parameters.
      frozen: the frozen paths.
    """

    about: str
    before: Tree
    after: Tree
    frozen: tuple[str, ...] = ("backbone", "head/dense/bias")

    @property
    def right(self) -> bool:
        """The right answer."""
        return is_unchanged(self)


def is_unchanged(
    change: Change,
    frozen: Callable[[str, Sequence[str]], bool] = is_frozen,
    alike: Callable[[np.ndarray, np.ndarray], bool] = same_bits,
    missing: bool = False,
) -> bool:
    """Says whether the frozen parameters are unchanged, by the right rule or another.

    Args:
      change: the change.
      frozen: says whether a path is frozen.
      alike: says whether an array is unchanged.
      missing: the answer for an array that is missing afterwards.
    """
    old, new = leaves_of(change.before), leaves_of(change.after)
    return all(
        alike(old[path], new[path]) if path in new else missing
        for path in old
        if frozen(path, change.frozen)
    )


def _same_bytes(one: np.ndarray, other: np.ndarray) -> bool:
    return one.tobytes() == other.tobytes()


def _same_numbers(one: np.ndarray, other: np.ndarray, nan: bool = False) -> bool:
    return np.array_equal(one, other, equal_nan=nan)


def _close_numbers(one: np.ndarray, other: np.ndarray, nan: bool = False) -> bool:
    return one.shape == other.shape and np.allclose(one, other, equal_nan=nan)


def _close_where_shapes_agree(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape != other.shape or _close_numbers_or_nan(one, other)


def _same_numbers_or_nan(one: np.ndarray, other: np.ndarray) -> bool:
    return _same_numbers(one, other, nan=True)


def _close_numbers_or_nan(one: np.ndarray, other: np.ndarray) -> bool:
    return _close_numbers(one, other, nan=True)


def _strict(alike: Callable[[np.ndarray, np.ndarray], bool]) -> Any:
    return lambda one, other: (
        (one.shape, one.dtype) == (other.shape, other.dtype) and alike(one, other)
    )


NAN = " nan == nan is False: compare the bytes."


TOLERANCE = "You compare numbers with a tolerance, which misses small changes."


EQUAL = "You compare numbers with ==. −0.0 == 0.0 is True and" + NAN


NUMBERS = "You compare numbers. −0.0 == 0.0 is True, although the bits differ: compare the bytes."


WRONG_RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "You return True every time. Compare `before` with `after`.",
        {"frozen": lambda path, frozen: False},
    ),
    (
        "You return False every time. Compare `before` with `after`.",
        {"alike": lambda one, other: False},
    ),
    (
        "You compare all arrays, but only the frozen ones count.",
        {"frozen": lambda path, frozen: True},
    ),
    (
        "You compare only the first name of a path with `frozen`, but a path may be longer.",
        {"frozen": first_part_is_frozen},
    ),
    (
        "You compare the beginnings of names. Compare whole parts of the path.",
        {"frozen": lambda path, frozen: path.startswith(tuple(frozen))},
    ),
    (
        "You skip an array that is missing in `after`. It has changed: return False.",
        {"missing": True},
    ),
    ("You compare only bytes: compare shapes and dtypes too.", {"alike": _same_bytes}),
    (TOLERANCE + NAN, {"alike": _close_numbers}),
    (TOLERANCE + NAN, {"alike": _strict(_close_numbers)}),
    (TOLERANCE, {"alike": _close_numbers_or_nan}),
    (TOLERANCE, {"alike": _strict(_close_numbers_or_nan)}),
    (TOLERANCE + " Compare shapes too.", {"alike": _close_where_shapes_agree}),
    (EQUAL, {"alike": _same_numbers}),
    (EQUAL, {"alike": _strict(_same_numbers)}),
    (NUMBERS, {"alike": _same_numbers_or_nan}),
    (NUMBERS, {"alike": _strict(_same_numbers_or_nan)}),
)
"""Wrong rules for whether frozen parameters are unchanged."""


def _deep(rng: np.random.Generator) -> Tree:
    return draw_trees(rng)[1][0]


def draw_changes(rng: np.random.Generator) -> list[Change]:
    """Draws changes that any careful comparison of numbers detects."""
    before = _deep(rng)

    def after(*path: str, by: float = 1.0, tree: Tree = before) -> Tree:
        name, *inner = path
        if inner:
            return {**tree, name: after(*inner, by=by, tree=tree[name])}
        return {**tree, name: tree[name] + np.float32(by)}

    learned = after("head", "dense", "kernel", tree=after("head", "backbone", "bias", by=2.0))
    new = {"kernel": np.ones((2, 2), np.float32)}
    less = {**before, "backbone": {"block": before["backbone"]["block"]}}
    flat = draw_trees(rng)[0][0]
    return [
        Change("Nothing has changed.", before, dict(before)),
        Change(
            "Only parameters that are not frozen have changed, which does not matter.",
            before,
            learned,
        ),
        Change(
            "A frozen kernel, three dicts deep, has changed.",
            before,
            after("backbone", "block", "conv1", "kernel"),
        ),
        Change(
            "A frozen bias, named by its path, has changed.",
            before,
            after("head", "dense", "bias", by=0.5),
        ),
        Change(
            "With another path frozen, the change of a bias does not matter.",
            before,
            after("head", "dense", "bias", by=0.5),
            ("backbone",),
        ),
        Change(
            "A new array that is not frozen does not matter.",
            before,
            {**learned, "head": {**learned["head"], "new": new}},
        ),
        Change("A frozen array is missing afterwards.", before, less),
        Change(
            "conv10 has changed, which does not matter: only conv1 is frozen.",
            flat,
            after("conv10", "bias", tree=flat),
            ("conv1",),
        ),
    ]


def draw_changes_of_bits(rng: np.random.Generator) -> list[Change]:
    """Draws changes that only a comparison of the bits detects."""
    before = _deep(rng)
    kernel = before["backbone"]["block"]["conv1"]["kernel"]
    kernel.ravel()[:2] = [0.0, 1.5]

    def after(**arrays: np.ndarray) -> Tree:
        inner = {**before["backbone"]["block"]["conv1"], **arrays}
        return {**before, "backbone": {**before["backbone"], "block": {"conv1": inner}}}

    moved, minus, other = kernel.copy(), kernel.copy(), kernel.copy()
    last = tuple(n - 1 for n in kernel.shape)
    other[last] += 1
    moved[last] = np.nextafter(moved[last], np.float32(9), dtype=np.float32)
    minus.ravel()[0] = -0.0
    bias = {"conv": {"bias": np.array([1.5, np.nan, -0.0, 2], np.float32)}}
    zeros = {"conv": {"bias": np.zeros(4, np.float32)}}
    head = {**before, "head": {**before["head"], "backbone": {}}}
    return [
        Change(
            "Nothing has changed, and a number that was nan is still nan.",
            bias,
            {"conv": {"bias": bias["conv"]["bias"].copy()}},
            ("conv",),
        ),
        Change("Nothing frozen has changed, bit by bit.", before, head),
        Change("One number in a frozen kernel has changed by 1.", before, after(kernel=other)),
        Change("Nothing has changed: all numbers are zero.", zeros, dict(zeros), ("conv/bias",)),
        Change(
            "One number in a frozen kernel has changed in its last bit.",
            before,
            after(kernel=moved),
        ),
        Change(
            "A 0.0 in a frozen kernel has become −0.0, which has other bits.",
            before,
            after(kernel=minus),
        ),
        Change(
            "A frozen kernel has been reshaped; its bytes are the same.",
            before,
            after(kernel=kernel.reshape(-1)),
        ),
        Change(
            "A frozen bias has a different dtype; the bytes of a zero are the same in each.",
            zeros,
            {"conv": {"bias": np.zeros(4, np.int32)}},
            ("conv",),
        ),
        Change(
            "A frozen bias has a different shape; its bytes are the same.",
            zeros,
            {"conv": {"bias": np.zeros((2, 2), np.float32)}},
            ("conv",),
        ),
    ]
