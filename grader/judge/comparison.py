"""Compares a value with the right one, and says in what they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.judge.failure import Failure
from grader.judge.slips import shape_slip, slip
from grader.judge.values import (
    as_array,
    close,
    few_numbers,
    is_finite,
    kind_of,
    number_text,
    show,
    widened,
)


@dataclass(frozen=True)
class Comparison:
    """How to compare, and what to say; see `Judge.same`.

    Attributes:
      what: what is compared, for the message.
      atol, rtol: tolerance for floats; other kinds must be equal.
      hint: what to try.
      tell: show expected values; without it only shapes and dtypes are told.
      mistakes: sentence to the value that a known mistake gives in place of the whole.
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
            if not self._is(got, expected):
                right = repr(expected) if self.tell else f"another {type(expected).__name__}"
                raise self._differs(show(got), right, self._mistake(got, expected))
        else:
            self._compare_arrays(got, np.asarray(expected))

    def _differs(self, gave: str, expected: str, cause: str = "") -> Failure:
        return Failure.of(self.what, self.hint, gave, expected, cause)

    # Containers -------------------------------------------------------------------------------

    def _compare_sequences(self, got: Any, expected: list[Any] | tuple[Any, ...]) -> None:
        kind = type(expected).__name__
        size = f"a {kind} of {len(expected)}"
        if mistake := self._mistake(got, expected):
            raise self._differs(show(got), show(expected) if self.tell else size, mistake)
        if type(got) not in (list, tuple):
            raise self._differs(show(got), f"a {kind}")
        if len(got) != len(expected):
            raise self._differs(f"a {type(got).__name__} of {len(got)}", size)
        for number, (one, other) in enumerate(zip(got, expected, strict=True)):
            self._item(f"item {number}").compare(one, other)

    def _compare_dicts(self, got: Any, expected: Mapping[str, Any]) -> None:
        form = f"a dict with keys {', '.join(sorted(expected)) or 'none'}"[:200]
        if mistake := self._mistake(got, expected):
            raise self._differs(show(got), form, mistake)
        if type(got) is not dict or got.keys() != expected.keys():
            raise self._differs(show(got), form)
        for key, other in expected.items():
            self._item(key).compare(got[key], other)

    def _item(self, name: str) -> Comparison:
        return dataclasses.replace(self, what=f"{self.what}, {name}", mistakes={})

    # Known mistakes ---------------------------------------------------------------------------

    def _mistake(self, got: Any, right: Any) -> str:
        """Returns the sentence of the known mistake that gives this value, or ""."""
        for sentence, wrong in self.mistakes.items():
            value = np.asarray(wrong) if isinstance(right, np.ndarray) else wrong
            if self._is(got, value) and not self._is(value, right):
                return sentence
        return ""

    def _is(self, got: Any, value: Any) -> bool:
        """True if `got` is a value; numbers may be of another kind, and differ by the tolerance."""
        if isinstance(value, list | tuple):
            return (
                isinstance(got, list | tuple)
                and len(got) == len(value)
                and all(map(self._is, got, value))
            )
        if isinstance(value, Mapping):
            return (
                isinstance(got, Mapping)
                and got.keys() == value.keys()
                and all(self._is(got[key], other) for key, other in value.items())
            )
        if value is None or isinstance(value, str | bytes):
            return type(got) is type(value) and got == value
        array, other = as_array(got), np.asarray(value)
        if array is None or array.shape != other.shape or not is_finite(array):
            return False
        return close(widened(array), widened(other), self.rtol, self.atol)

    # Arrays -----------------------------------------------------------------------------------

    def _compare_arrays(self, got: Any, right: np.ndarray) -> None:
        kind = kind_of(right.dtype)
        form = f"shape {right.shape}, {kind}" if right.shape else f"one {kind}"
        array = as_array(got)
        if array is None:
            as_list = type(got) in (list, tuple) and right.ndim
            cause = "A list is not an array: jnp.array(…) makes one of it." if as_list else ""
            raise self._differs(show(got), form, cause)
        if mistake := self._mistake(array, right):
            wanted = form + few_numbers(right) if self.tell else form
            raise self._differs(show(array), wanted, mistake)
        if array.shape != right.shape:
            raise self._differs(show(array), form, self._shape_cause(array, right))
        # A Python int where one float is expected is a matter of taste only when exact.
        whole = type(got) is int and kind == "float"
        if kind_of(array.dtype) != kind and not whole:
            raise self._differs(show(array), form, _kind_cause(kind_of(array.dtype), kind))
        if is_finite(right) and not is_finite(array):
            raise self._differs(show(array), f"{form}, all finite", _not_finite_cause(array))
        self._compare_numbers(array, right, form)

    def _shape_cause(self, array: np.ndarray, right: np.ndarray) -> str:
        by_value = slip(array, right, self.rtol, self.atol) if is_finite(array) else ""
        by_shape = shape_slip(array.shape, right.shape)
        turned = sorted(array.shape) == sorted(right.shape)
        return (by_value or by_shape) if turned else (by_shape or by_value)

    def _compare_numbers(self, array: np.ndarray, right: np.ndarray, form: str) -> None:
        exact = {kind_of(array.dtype), kind_of(right.dtype)} <= {"integer", "bool"}
        if exact and np.array_equal(array, right):
            return
        rtol, atol = (0.0, 0.0) if exact else (self.rtol, self.atol)
        wide, ours = widened(array), widened(right)
        if close(wide, ours, rtol, atol):
            return
        cause = slip(array, right, max(rtol, 1e-5), max(atol, 1e-7))
        if right.ndim == 0:
            raise self._differs(show(array), show(right) if self.tell else form, cause)
        bad = np.abs(wide - ours) > atol + rtol * np.abs(ours)
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f"[{', '.join(map(str, index))}]"
        gave = f"{show(array)}; at {place} it is {number_text(array[index])}"
        wanted = f"{form}{few_numbers(right)}; at {place} {number_text(right[index])}"
        share = f"{int(bad.sum()):,} of {bad.size:,} numbers differ."
        raise self._differs(gave, wanted if self.tell else form, f"{share} {cause}".strip())


def _kind_cause(got: str, wanted: str) -> str:
    cause = f"The numbers are {got}, they should be {wanted}."
    if wanted == "float":
        cause += " .astype(jnp.float32) converts; / divides with fractions, // without."
    elif wanted == "integer":
        cause += " // divides whole numbers, / makes floats; int(…) converts."
    return cause


def _not_finite_cause(array: np.ndarray) -> str:
    if array.size <= 1:
        return ""
    wide = widened(array)
    name = "NaN" if np.any(np.isnan(wide)) else "infinite"
    return f"{int(np.sum(~np.isfinite(wide)))} of {array.size} numbers are {name}."
