"""The `judge` fixture: compares what came back with our own computation, and says it helpfully.

A message has one form: what your code gave, what was expected, your line, what to try.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from grader.judge.student import Refused, Student, StudentRaised

if TYPE_CHECKING:
    from flax import linen as nn

    from grader.secret import TaskSecret
from grader.judge.failure import Failure, PartsFailed
from grader.judge.images import Request, RunData, run_data
from grader.judge.slips import shape_slip, slip
from grader.judge.values import (
    NOT_GIVEN,
    _close,
    _few_numbers,
    _finite,
    _number,
    _wide,
    as_array,
    kind_of,
    show,
)


class Judge:
    """Compares and explains. One for each task."""

    def __init__(
        self,
        student: Student,
        secret: TaskSecret,
        source: str = "embedded",
        your_line: Callable[[str], str] = lambda name: "",
        ahead: Mapping[Request, RunData] | None = None,
    ) -> None:
        """Made by the session.

        Args:
          student: the fixture of the same task.
          secret: the streams of the task.
          source: where images come from: "embedded", "tfds" or a folder.
          your_line: given a function's name, quotes the line of it to look at.
          ahead: images of this task that are being made already.
        """
        self._student = student
        self._secret = secret
        self._source = source
        self._your_line = your_line
        self._ahead = ahead or {}
        self.earned = 0.0
        self._first_part: Exception | None = None

    # Saying -----------------------------------------------------------------------------------

    def fail(
        self, message: str, hint: str = "", got: Any = NOT_GIVEN, expected: Any = NOT_GIVEN
    ) -> NoReturn:
        """Says that the answer is wrong.

        Args:
          message: a sentence: what is wrong.
          hint: what to try.
          got: what the student's code gave, shown if given.
          expected: what was expected, shown if given.

        Raises:
          Failure: always.
        """
        rows = [("", message)]
        if got is not NOT_GIVEN:
            rows.append(("your code gave", got if isinstance(got, str) else show(got)))
        if expected is not NOT_GIVEN:
            rows.append(("expected", expected if isinstance(expected, str) else show(expected)))
        raise Failure([*rows, *self._line()], hint)

    def check(self, holds: Any, message: str, hint: str = "") -> None:
        """Fails with the message unless `holds` is true."""
        if not bool(holds):
            self.fail(message, hint)

    def _line(self) -> list[tuple[str, str]]:
        line = self._your_line(self._student._function)
        return [("your line", line)] if line else []

    def _wrong(
        self, what: str, got: str, expected: str, hint: str = "", extra: str = ""
    ) -> Failure:
        rows = [("", what), ("your code gave", got), ("expected", expected)]
        if extra:
            rows.append(("", extra))
        return Failure([*rows, *self._line()], hint)

    def _what(self, what: str) -> str:
        return what or self._student._call

    # Comparing --------------------------------------------------------------------------------

    def same(
        self,
        got: Any,
        expected: Any,
        what: str = "",
        *,
        atol: float = 1e-5,
        rtol: float = 1e-4,
        hint: str = "",
        mistakes: Mapping[str, Any] | None = None,
        any_dtype: bool = False,
        tell: bool = True,
    ) -> None:
        """Compares a value with the right one: type, shape, dtype kind, finiteness, then numbers.

        Args:
          got: what came back.
          expected: our own: a number, array, str, bool, None, or a list, tuple or dict of these.
          what: what is compared, for the message; the call by default.
          atol, rtol: tolerance for floats; other kinds must be equal.
          hint: what to try.
          mistakes: sentence to the value that a known mistake gives; the sentence is told if `got`
            is that value.
          any_dtype: accept another kind of number (an integer where a float is expected …).
          tell: show expected values; without it only shapes and dtypes are told.

        Raises:
          Failure: if they differ.
        """
        what = self._what(what)
        if isinstance(expected, list | tuple):
            if type(got) not in (list, tuple):
                raise self._wrong(what, show(got), f"a {type(expected).__name__}", hint)
            if len(got) != len(expected):
                raise self._wrong(
                    what,
                    f"a {type(got).__name__} of {len(got)}",
                    f"a {type(expected).__name__} of {len(expected)}",
                    hint,
                )
            for number, (one, other) in enumerate(zip(got, expected, strict=True)):
                self._same_item(
                    one, other, f"{what}, item {number}", atol, rtol, hint, any_dtype, tell
                )
            return
        if isinstance(expected, Mapping):
            if type(got) is not dict or got.keys() != expected.keys():
                keys = ", ".join(sorted(expected)) or "none"
                raise self._wrong(what, show(got), f"a dict with keys {keys}"[:200], hint)
            for key, other in expected.items():
                self._same_item(
                    got[key], other, f"{what}, {key}", atol, rtol, hint, any_dtype, tell
                )
            return
        if expected is None or isinstance(expected, str | bytes):
            if type(got) is not type(expected) or got != expected:
                right = repr(expected) if tell else f"another {type(expected).__name__}"
                raise self._wrong(what, show(got), right, hint)
            return
        self._same_array(got, expected, what, atol, rtol, hint, mistakes or {}, any_dtype, tell)

    def _same_item(
        self,
        got: Any,
        expected: Any,
        what: str,
        atol: float,
        rtol: float,
        hint: str,
        any_dtype: bool,
        tell: bool,
    ) -> None:
        self.same(
            got, expected, what, atol=atol, rtol=rtol, hint=hint, any_dtype=any_dtype, tell=tell
        )

    def _same_array(
        self,
        got: Any,
        expected: Any,
        what: str,
        atol: float,
        rtol: float,
        hint: str,
        mistakes: Mapping[str, Any],
        any_dtype: bool,
        tell: bool,
    ) -> None:
        right = np.asarray(expected)
        kind = kind_of(right.dtype)
        form = f"shape {right.shape}, {kind}" if right.shape else f"one {kind}"
        array = as_array(got)
        if array is None:
            extra = ""
            if type(got) in (list, tuple) and right.ndim:
                extra = "A list is not an array: jnp.array(…) makes one of it."
            raise self._wrong(what, show(got), form, hint, extra)
        for sentence, wrong in mistakes.items():
            other = np.asarray(wrong)
            if array.shape == other.shape and not _close(_wide(other), _wide(right), rtol, atol):
                if _finite(array) and _close(_wide(array), _wide(other), rtol, atol):
                    wanted = form + _few_numbers(right) if tell else form
                    raise self._wrong(what, show(array), wanted, hint, sentence)
        if array.shape != right.shape:
            by_value = slip(array, right, rtol, atol) if _finite(array) else ""
            turned = sorted(array.shape) == sorted(right.shape)
            by_shape = shape_slip(array.shape, right.shape)
            extra = (by_value or by_shape) if turned else (by_shape or by_value)
            raise self._wrong(what, show(array), form, hint, extra)
        if kind_of(array.dtype) != kind and not any_dtype:
            # A Python int where one float is expected is a matter of taste only when exact.
            if not (array.shape == () and type(got) is int and kind == "float"):
                extra = f"The numbers are {kind_of(array.dtype)}, they should be {kind}."
                if kind == "float":
                    extra += " .astype(jnp.float32) converts; / divides with fractions, // without."
                elif kind == "integer":
                    extra += " // divides whole numbers, / makes floats; int(…) converts."
                raise self._wrong(what, show(array), form, hint, extra)
        if _finite(right) and not _finite(array):
            count = int(np.sum(~np.isfinite(_wide(array))))
            name = "NaN" if np.any(np.isnan(_wide(array))) else "infinite"
            extra = f"{count} of {array.size} numbers are {name}." if array.size > 1 else ""
            raise self._wrong(what, show(array), f"{form}, all finite", hint, extra)
        exact = kind in ("integer", "bool") and kind_of(array.dtype) in ("integer", "bool")
        if exact and np.array_equal(array, right):
            return
        wide, ours = _wide(array), _wide(right)
        if exact:
            atol = rtol = 0.0
        if _close(wide, ours, rtol, atol):
            return
        raise self._wrong_numbers(what, array, right, wide, ours, atol, rtol, hint, tell, form)

    def _wrong_numbers(
        self,
        what: str,
        array: np.ndarray,
        right: np.ndarray,
        wide: np.ndarray,
        ours: np.ndarray,
        atol: float,
        rtol: float,
        hint: str,
        tell: bool,
        form: str,
    ) -> Failure:
        extra = slip(array, right, max(rtol, 1e-5), max(atol, 1e-7))
        if right.ndim == 0:
            return self._wrong(what, show(array), show(right) if tell else form, hint, extra)
        bad = np.abs(wide - ours) > atol + rtol * np.abs(ours)
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f"[{', '.join(map(str, index))}]"
        gave = f"{show(array)}; at {place} it is {_number(array[index])}"
        numbers = f"{_few_numbers(right)}; at {place} {_number(right[index])}"
        wanted = form + numbers if tell else form
        count = int(bad.sum())
        share = f"{count:,} of {bad.size:,} numbers differ."
        return self._wrong(what, gave, wanted, hint, f"{share} {extra}".strip())

    # Parts ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def part(self, points: float, title: str) -> Iterator[None]:
        """A part of a task: its points count if it holds, and the next part is judged in any case.

        Args:
          points: what it is worth, part of the task's points.
          title: what it is about, said when it does not hold.
        """
        try:
            yield
        except Failure as failure:
            failure.rows.insert(0, ("", f"{title}:"))
            self._first_part = self._first_part or failure
        except (StudentRaised, Refused) as error:
            self._first_part = self._first_part or error
        else:
            self.earned += points

    def finish(self) -> None:
        """Called by the session when the check is through.

        Raises:
          PartsFailed: if a part did not hold.
        """
        if self._first_part is not None:
            raise PartsFailed(self._first_part)

    # Data -------------------------------------------------------------------------------------

    def data(self, name: str, train: int, test: int, edge: int | None = None) -> RunData:
        """Returns images of the run's source, the test part never seen before if it is drawn.

        Args:
          name: as `lib.load`.
          train: how many training examples.
          test: how many test examples. Keep their labels here: the worker gets images only.
          edge: height and width of the images; None for the set's own.

        The images raise `lib.DataError` if the source has no such set; the task is then ungraded.
        """
        request = Request(name, train, test, edge)
        return self._ahead.get(request) or run_data(self._source, self._secret, request)

    @property
    def source(self) -> str:
        """Where images come from: "embedded", "tfds" or a folder. Targets depend on it."""
        return self._source

    # Models ------------------------------------------------------------------------------

    def params(
        self,
        got: Any,
        model: nn.Module,
        input_shape: tuple[int, ...],
        what: str = "",
        hint: str = "",
    ) -> Any:
        """Checks that something is a tree of parameters that fits our model.

        Args:
          got: what the student's code returned.
          model: our model.
          input_shape: its input, batch first.
          what: what it is, for the message; the call by default.
          hint: what to try.

        Returns:
          The parameters in our model's tree: kernels matched by shape, biases with their kernel.

        Raises:
          Failure: if it is anything else, or holds numbers that are not finite.
        """
        from grader.judge import architecture

        return architecture.fit_params(self, got, model, input_shape, self._what(what), hint)

    def architecture(
        self,
        handle: Any,
        model: nn.Module,
        smallest_input_shape: tuple[int, ...],
        full_input_shape: tuple[int, ...],
        *,
        hint: str = "",
        mistakes: Mapping[str, nn.Module] | None = None,
        atol: float = 1e-4,
    ) -> None:
        """Judges a model: with our numbers for its parameters it must compute what ours computes.

        Random numbers take the place of the student's parameters; the student's model runs on
        them in the worker, ours runs here, kernels matched by shape and biases with their kernel,
        never by name or order. At full size the layers' shapes and parameters, which are the
        worker's claim, are compared as well.

        Args:
          handle: the student's model.
          model: ours.
          smallest_input_shape: the smallest legal input, batch first, such as (2, 10, 10, 1).
          full_input_shape: the input of the exercise, such as (1, 28, 28, 1).
          hint: what to try.
          mistakes: sentence to a model that a known mistake makes.
          atol: tolerance for logits of size about 1.

        Raises:
          Failure: if it is another model.
        """
        from grader.judge import architecture

        architecture.judge_model(
            self, handle, model, smallest_input_shape, full_input_shape, hint, mistakes or {}, atol
        )
