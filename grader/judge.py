"""The `judge` fixture: compares what came back with our own computation, and says it helpfully.

A message has one form: what your code gave, what was expected, your line, what to try.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from grader.student import Handle, Refused, Student, StudentRaised, short

if TYPE_CHECKING:
    from flax import linen as nn

    from grader.secret import TaskSecret
    from lib.data import Dataset, Split


NOT_GIVEN = object()  # None may be what the student's code gave

FEW = 9
"""Of an array of up to as many numbers a message shows each: a matrix of 3 × 3."""


class Failure(Exception):
    """The answer is wrong.

    Attributes:
      rows: (label, text) pairs in the order they are shown: "your code gave", "expected", …
      hint: what to try, or "".
    """

    def __init__(self, rows: list[tuple[str, str]], hint: str = "") -> None:
        """Keeps rows and hint."""
        super().__init__("; ".join(f"{label} {text}".strip() for label, text in rows))
        self.rows = rows
        self.hint = hint


class PartsFailed(Exception):
    """At least one part of a task did not hold.

    Attributes:
      first: what the first of them raised.
    """

    def __init__(self, first: Exception) -> None:
        """Keeps the exception."""
        super().__init__(str(first))
        self.first = first


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
            return f"{_number(value)} (one {kind_of(value.dtype)})"
        return f"shape {value.shape}, {value.dtype.name}{_few_numbers(value)}"
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


def _few_numbers(array: np.ndarray) -> str:
    """The numbers of a small array, to follow what else is said of it; "" for a large one."""
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


def _wide(array: np.ndarray) -> np.ndarray:
    """Returns an array in the widest type of its kind: differences neither wrap nor round."""
    if kind_of(array.dtype) == "complex":
        return array.astype(np.complex128)
    return array.astype(np.float64)


def _close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    return got.shape == expected.shape and bool(
        np.all(np.abs(got - expected) <= atol + rtol * np.abs(expected))
    )


def slip(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """Recognises common slips by value; returns a sentence or "".

    Args:
      got: the student's array, any shape, finite.
      expected: ours.
      rtol, atol: tolerance within which two arrays are alike.
    """
    got, expected = _wide(got), _wide(expected)

    def alike(other: np.ndarray) -> bool:
        return _close(got, other, rtol, atol)

    trivial = bool(np.all(expected == expected.flat[0])) if expected.size else True
    if expected.ndim >= 2 and not trivial:
        for axes in itertools.islice(itertools.permutations(range(expected.ndim)), 1, 24):
            if got.shape == tuple(expected.shape[a] for a in axes) and alike(
                expected.transpose(axes)
            ):
                return "The values are right, but the axes are in another order: transposed."
    if got.size == expected.size and got.shape != expected.shape and not trivial:
        if _close(got.ravel(), expected.ravel(), rtol, atol):
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


class RunData:
    """What a training learns from, and what it is judged with.

    Both are made on a thread of their own, while the student's code compiles, which leaves a core
    free.
    """

    def __init__(
        self, make_known: Callable[[], Dataset], make_test: Callable[[Dataset], Split]
    ) -> None:
        """Begins to make them.

        Args:
          make_known: makes the set to learn from.
          make_test: makes, given that set, the images to judge with.
        """
        self._known: Future[Dataset] = Future()
        self._test: Future[Split] = Future()

        def make() -> None:
            try:
                self._known.set_result(make_known())
                self._test.set_result(make_test(self._known.result()))
            except Exception as error:
                for each in (self._known, self._test):
                    if not each.done():
                        each.set_exception(error)

        # A daemon: who stops the grader does not wait for it.
        threading.Thread(target=make, daemon=True).start()

    @property
    def train(self) -> Split:
        """The images to learn from; waits until they are made."""
        return self._known.result().train

    @property
    def class_names(self) -> Sequence[str]:
        """The name of each label, in order."""
        return self._known.result().class_names

    @property
    def test(self) -> Split:
        """Images that the student's code has never seen; waits until they are made."""
        return self._test.result()


class Request(NamedTuple):
    """Images that a check asks for; see `Judge.data`."""

    name: str
    train: int
    test: int
    edge: int | None


def run_data(source: str, secret: TaskSecret, request: Request) -> RunData:
    """Begins to make the images of a run; `source` and `secret` as in `Judge`."""
    import lib

    name, train, test, edge = request
    if source != "embedded":
        return RunData(
            lambda: lib.load(name, source, train_size=train, test_size=test, edge=edge),
            lambda known: known.test,
        )
    seed = secret.seed(f"test images of {name}")
    return RunData(
        lambda: lib.load(name, "embedded", train_size=train, test_size=1, edge=edge),
        lambda known: lib.draw(name, test, seed, edge),
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
        from grader import architecture

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
        from grader import architecture

        architecture.judge_model(
            self, handle, model, smallest_input_shape, full_input_shape, hint, mistakes or {}, atol
        )


def _finite(array: np.ndarray) -> bool:
    return bool(np.all(np.isfinite(_wide(array))))


def _number(value: Any) -> str:
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
