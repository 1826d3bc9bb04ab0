"""Compares a value with the right one, and says how they differ."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.judge.blocks import side_by_side
from grader.judge.differences import differences, extent
from grader.judge.failure import Failure
from grader.judge.slips import shape_slip, slip
from grader.judge.values import (
    as_array,
    differing,
    few_numbers,
    kind_of,
    show,
    widened,
)

SHORT = 100  # characters; a message shows only a part of a longer text
MOST_ORDERED = 50  # items; the order of a longer list is not checked
EXACT = {"integer", "bool"}


@dataclass(frozen=True)
class Comparison:
    """How to compare, and what to say; see `Judge.same`.

    Attributes:
      what: what is compared, for the message.
      atol, rtol: tolerance for floats; other kinds must be equal.
      hint: what to try.
      tell: show expected values; without it, only shapes and dtypes.
      mistakes: maps a sentence to the value that a known mistake gives instead. The message has it
        only if that value is what came: shape, kind of dtype, the places of NaN, and all numbers.
    """

    what: str
    atol: float = 1e-5
    rtol: float = 1e-4
    hint: str = ""
    tell: bool = True
    mistakes: Mapping[str, Any] = field(default_factory=dict)

    def compare(self, got: Any, expected: Any) -> None:
        """Compares type, shape, dtype kind, finiteness, then numbers.

        Args:
          got: what came back.
          expected: our own: a number, array, str, bool, None, or a list, tuple or dict of these.

        Raises:
          Failure: if they differ.
        """
        if isinstance(expected, list | tuple):
            self._compare_sequences(got, expected)
        elif isinstance(expected, Mapping):
            self._compare_dicts(got, expected)
        elif expected is None or isinstance(expected, str | bytes):
            self._compare_plain(got, expected)
        else:
            self._compare_arrays(got, np.asarray(expected))

    def _differs(
        self, gave: str, expected: str, cause: str = "", drawing: tuple[str, ...] = ()
    ) -> Failure:
        failure = Failure.of(self.what, self.hint, gave, expected, cause)
        failure.drawing = drawing
        return failure

    # Texts ------------------------------------------------------------------------------------

    def _compare_plain(self, got: Any, right: str | bytes | None) -> None:
        if type(got) is type(right) and got == right:
            return
        cause = self._mistake(got, right)
        if not self.tell:
            raise self._differs(show(got), f"another {type(right).__name__}", cause)
        if isinstance(got, str) and isinstance(right, str):
            raise self._differs(*_texts(got, right), cause or _text_cause(got, right))
        raise self._differs(show(got), repr(right), cause)

    # Containers -------------------------------------------------------------------------------

    def _compare_sequences(self, got: Any, expected: list[Any] | tuple[Any, ...]) -> None:
        size = f"a {type(expected).__name__} of {len(expected)}"
        right = show(expected) if self.tell else size
        mistake = self._mistake(got, expected)
        if type(got) not in (list, tuple):
            raise self._differs(show(got), right, mistake)
        if len(got) != len(expected):
            raise self._differs(show(got), right, mistake)
        for number, (one, other) in enumerate(zip(got, expected, strict=True)):
            try:
                self._item(f"item {number}").compare(one, other)
            except Failure as failure:
                if cause := mistake or self._order_cause(got, expected):
                    raise self._of_item(failure, cause) from None
                raise

    def _order_cause(self, got: Any, expected: list[Any] | tuple[Any, ...]) -> str:
        if len(expected) > MOST_ORDERED:
            return ""
        left = list(expected)
        for one in got:
            place = next((i for i, other in enumerate(left) if self._error(one, other) <= 1), None)
            if place is None:
                return ""
            del left[place]
        return "The items are right, but they are in another order."

    def _compare_dicts(self, got: Any, expected: Mapping[str, Any]) -> None:
        form = f"a dict with keys {', '.join(sorted(expected)) or 'none'}"[:200]
        mistake = self._mistake(got, expected)
        if type(got) is not dict:
            raise self._differs(show(got), form, mistake)
        if got.keys() != expected.keys():
            raise self._differs(show(got), form, mistake or _keys_cause(got, expected))
        for key, other in expected.items():
            try:
                self._item(key).compare(got[key], other)
            except Failure as failure:
                if mistake:
                    raise self._of_item(failure, mistake) from None
                raise

    def _item(self, name: str) -> Comparison:
        return dataclasses.replace(self, what=f"{self.what}, {name}", mistakes={})

    def _of_item(self, failure: Failure, cause: str) -> Failure:
        """Turns an item's failure into one that names the cause of all differences."""
        rows = [row for row in failure.rows[1:] if row[0]]
        return Failure([failure.rows[0], *rows, ("", cause)], self.hint)

    # Known mistakes ---------------------------------------------------------------------------

    def _mistake(self, got: Any, right: Any) -> str:
        """Returns the sentence of the known mistake that gives this very value, or "".

        If several match, it is the nearest one. A right answer has none.
        """
        if self._error(got, right) <= 1:
            return ""
        said, least = "", 1.0
        for sentence, wrong in self.mistakes.items():
            value = wrong
            if isinstance(right, np.ndarray) and isinstance(wrong, list | tuple):
                value = np.asarray(wrong)
            error = self._error(got, value, right)
            if error <= least and (error < least or not said):
                if self._error(value, right) > 1:
                    said, least = sentence, error
        return said

    def _error(self, got: Any, value: Any, right: Any = None) -> float:
        """Returns the largest error of a value, in units of the tolerance.

        Args:
          got: what came back.
          value: what it may be.
          right: the right value, if `value` is a mistake's. Where the right value is a float, the
            mistake's may be a whole number.

        Returns:
          The error, or infinity if type, size, shape, kind of dtype or the places of NaN differ.
        """
        if isinstance(value, list | tuple):
            if not isinstance(got, list | tuple) or len(got) != len(value):
                return math.inf
            alike = isinstance(right, list | tuple) and len(right) == len(got)
            also = right if alike else [None] * len(got)
            return max(map(self._error, got, value, also), default=0.0)
        if isinstance(value, Mapping):
            if not isinstance(got, Mapping) or got.keys() != value.keys():
                return math.inf
            also = right if isinstance(right, Mapping) else {}
            errors = (self._error(got[k], other, also.get(k)) for k, other in value.items())
            return max(errors, default=0.0)
        if value is None or isinstance(value, str | bytes):
            return 0.0 if type(got) is type(value) and got == value else math.inf
        array, other = as_array(got), np.asarray(value)
        if array is None or array.shape != other.shape:
            return math.inf
        kind, wanted = kind_of(array.dtype), kind_of(other.dtype)
        if kind != wanted:
            asked = as_array(right)
            whole = type(got) is int and wanted == "float"
            meant = asked is not None and kind_of(asked.dtype) == kind == "float"
            if not (whole or (meant and wanted == "integer")):
                return math.inf
        if {kind, wanted} <= EXACT:
            return 0.0 if np.array_equal(array, other) else math.inf
        return self._distance(widened(array), widened(other))

    def _distance(self, array: np.ndarray, other: np.ndarray) -> float:
        if np.any(differing(array, other, self.rtol, self.atol)):
            return math.inf
        with np.errstate(all="ignore"):
            errors = np.abs(array - other) / (self.atol + self.rtol * np.abs(other))
        # Two equal numbers may give NaN here: 0 / 0, or both infinite.
        return float(np.nan_to_num(errors, nan=0.0).max(initial=0.0))

    # Arrays -----------------------------------------------------------------------------------

    def _compare_arrays(self, got: Any, right: np.ndarray) -> None:
        kind = kind_of(right.dtype)
        form = f"shape {right.shape}, {kind}" if right.shape else f"one {kind}"
        array = as_array(got)
        if array is None:
            as_list = type(got) in (list, tuple) and right.ndim
            cause = "A list is not an array: jnp.array(…) makes one." if as_list else ""
            raise self._differs(show(got), form, self._mistake(got, right) or cause)
        mistake = self._mistake(got, right)
        if array.shape != right.shape:
            wanted = form + few_numbers(right) if self.tell else form
            cause = mistake or self._shape_cause(array, right)
            raise self._differs(show(got), wanted, cause, self._drawing(array, right))
        # A Python int instead of a float is fine if the number is exact.
        whole = type(got) is int and kind == "float"
        if kind_of(array.dtype) != kind and not whole:
            cause = mistake or _kind_cause(kind_of(array.dtype), kind, array.ndim > 0)
            raise self._differs(show(got), form, cause)
        self._compare_numbers(array, right, form, mistake)

    def _drawing(self, array: np.ndarray, right: np.ndarray) -> tuple[str, ...]:
        return side_by_side(array, right) if self.tell else ()

    def _shape_cause(self, array: np.ndarray, right: np.ndarray) -> str:
        exact = {kind_of(array.dtype), kind_of(right.dtype)} <= EXACT
        tolerance = (0.0, 0.0) if exact else (self.rtol, self.atol)
        return slip(array, right, *tolerance) or shape_slip(array.shape, right.shape)

    def _compare_numbers(
        self, array: np.ndarray, right: np.ndarray, form: str, mistake: str
    ) -> None:
        exact = {kind_of(array.dtype), kind_of(right.dtype)} <= EXACT
        rtol, atol = (0.0, 0.0) if exact else (self.rtol, self.atol)
        bad = array != right if exact else differing(widened(array), widened(right), rtol, atol)
        if not np.any(bad):
            return
        gave, wanted = differences(array, right, np.asarray(bad))
        cause = mistake
        if not cause and (right.ndim or not exact):
            cause = slip(array, right, rtol, atol)
        if not cause and right.ndim:
            cause = extent(array, right, np.asarray(bad))
        if not self.tell:
            raise self._differs(gave, "another number" if right.ndim == 0 else form, cause)
        raise self._differs(gave, wanted, cause, self._drawing(array, right))


def _kind_cause(got: str, wanted: str, several: bool) -> str:
    """Names the kind of the numbers and the right one, and says how to convert them.

    Args:
      got, wanted: kinds, as from `kind_of`.
      several: whether it is an array with axes, not one number.
    """
    if several:
        names = {"integer": "integers", "float": "floats", "bool": "True and False"}
        cause = f"These are {names.get(got, got)}, but should be {names.get(wanted, wanted)}."
    else:
        names = {"integer": "an integer", "float": "a float", "bool": "True or False"}
        cause = f"This is {names.get(got, got)}, but should be {names.get(wanted, wanted)}."
    if wanted == "float":
        how = ".astype(jnp.float32)" if several else "jnp.float32(…)"
        cause += f" Convert with {how}."
        if got == "integer":
            cause += " / keeps fractions, // drops them."
    elif wanted == "integer":
        how = ".astype(jnp.int32)" if several else "int(…)"
        cause += f" Convert with {how}."
        if got == "float":
            cause += " // divides whole numbers, / returns floats."
    return cause


def _keys_cause(got: dict[str, Any], expected: Mapping[str, Any]) -> str:
    missing = [repr(key) for key in expected if key not in got]
    more = [repr(key) for key in got if key not in expected]
    parts = [f"missing: {', '.join(missing)}"] if missing else []
    parts += [f"not expected: {', '.join(more)}"] if more else []
    return f"Keys {'; '.join(parts)}"[:250] + "."


def _texts(got: str, right: str) -> tuple[str, str]:
    """Writes two texts that differ; of long ones, the part around the first difference."""
    if len(got) <= SHORT and len(right) <= SHORT:
        return repr(got), repr(right)
    pairs = enumerate(zip(got, right, strict=False))
    place = next((i for i, (one, other) in pairs if one != other), min(len(got), len(right)))
    part = slice(max(0, place - 20), place + 40)
    return f"{got[part]!r} around character {place}", f"{right[part]!r} there"


def _text_cause(got: str, right: str) -> str:
    if got.casefold() == right.casefold():
        return "Only capital and small letters differ."
    if got.split() == right.split():
        return "Only spaces or line breaks differ."
    return ""
