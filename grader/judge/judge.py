"""The `judge` fixture: compares what came back with our own computation, and says it helpfully.

A message has one form: what your code gave, what was expected, your line, what to try.
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
          got: what the student's code gave, shown if given; a str is said as it is.
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
          mistakes: sentence to the value that a known mistake gives for this very input; the
            sentence is told if `got` is that value: shape, kind of dtype, the places of NaN and all
            numbers within the tolerance (whole numbers exactly), for a list, tuple or dict the
            whole of it. Of several the nearest is told.
          tell: show expected values; without it only shapes and dtypes are told.

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
          message: a sentence that says what must be returned.
          hint: what to try.
          expected: what was expected, shown if given; a str is said as it is.
          stacked: the shape of an item, where one array of all of them is as good.

        Raises:
          Failure: if it is anything else, or has another number of items.
        """
        if stacked is not None and isinstance(got, np.ndarray) and got.shape == (count, *stacked):
            return tuple(got)
        if type(got) not in (tuple, list) or len(got) != count:
            self.fail(message, hint, got=got, expected=expected)
        return tuple(got)

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

    def data(
        self,
        name: str,
        train: int,
        test: int,
        edge: int | None = None,
        classes: tuple[str, ...] = (),
        grey: bool = False,
    ) -> RunData:
        """Returns images of the run's source, the test part never seen before if it is drawn.

        Args:
          name: as `lib.load`, or that of the course's own set in `grader/targets.toml`.
          train: how many training examples.
          test: how many test examples. Keep their labels here: the worker gets images only.
          edge: height and width of the images; None for the set's own.
          classes: the classes to take, in the order of their labels; none for all.
          grey: whether pictures of the course's own set become grey.

        The images raise `lib.DataError` if the source has no such set; the task is then ungraded.
        """
        request = Request(name, train, test, edge, classes, grey)
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
