"""The `judge` fixture: compares a result with our own computation, and explains the difference.

Every message has the same form: what your code gave, what was expected, your line, what to try.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from grader.judge.architecture import fit_params, judge_model
from grader.judge.comparison import Comparison
from grader.judge.failure import Failure, PartsFailed
from grader.judge.images import Request, RunData, run_data
from grader.judge.student import Refused, Student, StudentRaised
from grader.judge.values import NOT_GIVEN

if TYPE_CHECKING:
    from flax import linen as nn

    from grader.secret import TaskSecret


class Judge:
    """Compares and explains; there is one for each task."""

    def __init__(
        self,
        student: Student,
        secret: TaskSecret,
        source: str = "embedded",
        your_line: Callable[..., str] = lambda name, pattern="": "",
        ahead: Mapping[Request, RunData] | None = None,
    ) -> None:
        """The session makes it.

        Args:
          student: the fixture of the same task.
          secret: the streams of the task.
          source: where images come from: "embedded", "tfds" or a folder.
          your_line: takes a function's name and quotes the line of it to look at; with a pattern,
            the first line that has it, or "".
          ahead: images of this task that are already being made.
        """
        self._student = student
        self._secret = secret
        self._source = source
        self._your_line = your_line
        self._ahead = ahead or {}
        self.earned = 0.0
        self._first_part: Exception | None = None

    # Failing ----------------------------------------------------------------------------------

    def fail(
        self, message: str, hint: str = "", got: Any = NOT_GIVEN, expected: Any = NOT_GIVEN
    ) -> NoReturn:
        """Says that the answer is wrong.

        Args:
          message: a sentence: what is wrong.
          hint: what to try.
          got: what the student's code gave, shown if given; a str is shown unchanged.
          expected: what was expected, likewise.

        Raises:
          Failure: always.
        """
        with self._quoting():
            raise Failure.of(message, hint, got, expected)

    def check(self, holds: Any, message: str, hint: str = "") -> None:
        """Fails with the message unless `holds` is true."""
        if not bool(holds):
            self.fail(message, hint)

    def line_with(self, pattern: str) -> str:
        """Quotes the first line of the student's function that a regular expression finds, or "".

        Args:
          pattern: the expression.
        """
        return self._your_line(self._student.last_function, pattern)

    @contextlib.contextmanager
    def _quoting(self) -> Iterator[None]:
        """Adds the student's line to a failure."""
        try:
            yield
        except Failure as failure:
            if line := self._your_line(self._student.last_function):
                failure.rows.append(("your line", line))
            raise

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
        tell: bool = True,
    ) -> None:
        """Compares a value with the right one: type, shape, dtype kind, finiteness, then numbers.

        Args:
          got: what came back.
          expected: our own: a number, array, str, bool, None, or a list, tuple or dict of these.
          what: what is compared, for the message; the call by default.
          atol, rtol: tolerance for floats; other kinds must be equal.
          hint: what to try: how to find the cause, not what it is.
          mistakes: maps a sentence to the value that a known mistake gives for this very input.
            The message has the sentence if `got` is that value: shape, kind of dtype, the places of
            NaN and all numbers within the tolerance (whole numbers exactly); every item of a list,
            tuple or dict. If several match, it has the nearest one.
          tell: show expected values; without it, only shapes and dtypes.

        Raises:
          Failure: if they differ.
        """
        what = what or self._student.last_call
        with self._quoting():
            Comparison(what, atol, rtol, hint, tell, mistakes or {}).compare(got, expected)

    def unpack(
        self,
        got: Any,
        count: int,
        message: str,
        hint: str = "",
        expected: Any = NOT_GIVEN,
        stacked: tuple[int, ...] | None = None,
    ) -> tuple[Any, ...]:
        """Returns the items of a tuple or list: `state, loss = judge.unpack(got, 2, "…")`.

        Args:
          got: what came back.
          count: how many items there must be.
          message: a sentence that says what the function must return.
          hint: what to try.
          expected: what was expected, shown if given; a str is shown unchanged.
          stacked: the shape of an item, if one array of all items is also accepted.

        Raises:
          Failure: if it is anything else, or has a different number of items.
        """
        if stacked is not None and isinstance(got, np.ndarray) and got.shape == (count, *stacked):
            return tuple(got)
        if type(got) not in (tuple, list) or len(got) != count:
            self.fail(message, hint, got=got, expected=expected)
        return tuple(got)

    # Parts ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def part(self, points: float, title: str) -> Iterator[None]:
        """Judges a part of a task: it earns its points if it holds, and the next part follows.

        Args:
          points: what it is worth, a share of the task's points.
          title: what it is about, shown if it does not hold.
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
        """The session calls it at the end of the check.

        Raises:
          PartsFailed: if a part did not hold.
        """
        if self._first_part is not None:
            raise PartsFailed(self._first_part)

    # Data -------------------------------------------------------------------------------------

    def data(
        self,
        name: str,
        train: int,
        test: int,
        edge: int | None = None,
        classes: tuple[str, ...] = (),
        grey: bool = False,
    ) -> RunData:
        """Returns images of the run's source. If they are drawn, the test images are new each time.

        Args:
          name: as for `lib.load`, or the name of the course's own set in `grader/targets.toml`.
          train: how many training examples.
          test: how many test examples. Keep their labels here: the worker gets images only.
          edge: height and width of the images; None for the set's own.
          classes: the classes to take, in the order of their labels; empty for all.
          grey: whether images of the course's own set become grey.

        Reading the images raises `lib.DataError` if the source has no such set; the task is then
        ungraded.
        """
        request = Request(name, train, test, edge, classes, grey)
        return self._ahead.get(request) or run_data(self._source, self._secret, request)

    @property
    def source(self) -> str:
        """Where the images come from: "embedded", "tfds" or a folder. Targets depend on it."""
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
        """Checks that a value is a tree of parameters that fits our model.

        Args:
          got: what the student's code returned.
          model: our model.
          input_shape: the shape of its input, batch first.
          what: what the value is, for the message; the call by default.
          hint: what to try.

        Returns:
          The parameters in our model's tree: kernels matched by shape, biases with their kernel.

        Raises:
          Failure: if it is anything else, or holds numbers that are not finite.
        """
        with self._quoting():
            return fit_params(got, model, input_shape, what or self._student.last_call, hint)

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

        Random numbers replace the student's parameters. The student's model runs on them in the
        worker, and ours runs here, with kernels matched by shape and biases with their kernel,
        never by name or order. At full size, the judge also compares the layers' shapes and
        parameter counts, as the worker reports them.

        Args:
          handle: the student's model.
          model: ours.
          smallest_input_shape: the smallest legal input, batch first, such as (2, 10, 10, 1).
          full_input_shape: the input of the exercise, such as (1, 28, 28, 1).
          hint: what to try.
          mistakes: maps a sentence to the model that a known mistake makes.
          atol: tolerance for logits of size about 1.

        Raises:
          Failure: if it is a different model.
        """
        rng = self._secret.numpy("architecture")
        with self._quoting():
            judge_model(
                handle,
                model,
                smallest_input_shape,
                full_input_shape,
                rng,
                hint=hint,
                mistakes=mistakes,
                atol=atol,
            )
