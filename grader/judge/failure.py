"""What a check raises when the answer is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge.differences import differences
from grader.judge.values import NOT_GIVEN, differing, show, widened


class Failure(Exception):
    """The answer is wrong.

    Attributes:
      rows: (label, text) pairs in the order they are shown: "your code gave", "expected", …
      hint: what to try, or "".
      drawing: lines that draw what came and what was expected, for a terminal that can show
        blocks; they add nothing to the rows.
    """

    def __init__(self, rows: list[tuple[str, str]], hint: str = "") -> None:
        super().__init__(rows, hint)
        self.rows = rows
        self.hint = hint
        self.drawing: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        message: str,
        hint: str = "",
        got: Any = NOT_GIVEN,
        expected: Any = NOT_GIVEN,
        cause: str = "",
    ) -> Failure:
        """Makes one in the form of all messages.

        Args:
          message: what is wrong.
          hint: what to try.
          got: what the student's code gave, if given; a str is shown unchanged.
          expected: what was expected, likewise.
          cause: what the difference looks like, such as "The sign is the wrong way round.".
        """
        rows = [("", message)]
        gave, wanted = _texts(got, expected)
        if got is not NOT_GIVEN:
            rows.append(("your code gave", gave))
        if expected is not NOT_GIVEN and wanted != gave:  # two equal lines tell nothing
            rows.append(("expected", wanted))
        if cause:
            rows.append(("", cause))
        return cls(rows, hint)

    def __str__(self) -> str:
        return "; ".join(f"{label} {text}".strip() for label, text in self.rows)


def _texts(got: Any, expected: Any) -> tuple[str, str]:
    if isinstance(got, np.ndarray) and isinstance(expected, np.ndarray):
        if got.shape == expected.shape:
            bad = differing(widened(got), widened(expected), 0.0, 0.0)
            if np.any(bad):
                return differences(got, expected, np.asarray(bad))
    gave, wanted = (each if isinstance(each, str) else show(each) for each in (got, expected))
    return gave, wanted


class PartsFailed(Exception):
    """At least one part of a task failed.

    Attributes:
      first: what the first of them raised.
    """

    def __init__(self, first: Exception) -> None:
        super().__init__(str(first))
        self.first = first
