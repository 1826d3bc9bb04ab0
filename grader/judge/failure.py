"""What a check raises when the answer is wrong."""

from __future__ import annotations

from typing import Any

from grader.judge.values import NOT_GIVEN, show


class Failure(Exception):
    """The answer is wrong.

    Attributes:
      rows: (label, text) pairs in the order they are shown: "your code gave", "expected", …
      hint: what to try, or "".
    """

    def __init__(self, rows: list[tuple[str, str]], hint: str = "") -> None:
        super().__init__(rows, hint)
        self.rows = rows
        self.hint = hint

    @classmethod
    def of(
        cls,
        message: str,
        hint: str = "",
        got: Any = NOT_GIVEN,
        expected: Any = NOT_GIVEN,
        cause: str = "",
    ) -> Failure:
        """Makes one in the form that all messages have.

        Args:
          message: what is wrong.
          hint: what to try.
          got: what the student's code gave, if given; a str is said as it is.
          expected: what was expected, likewise.
          cause: what the difference looks like, such as "The sign is the wrong way round.".
        """
        rows = [("", message)]
        if got is not NOT_GIVEN:
            rows.append(("your code gave", got if isinstance(got, str) else show(got)))
        if expected is not NOT_GIVEN:
            rows.append(("expected", expected if isinstance(expected, str) else show(expected)))
        if cause:
            rows.append(("", cause))
        return cls(rows, hint)

    def __str__(self) -> str:
        return "; ".join(f"{label} {text}".strip() for label, text in self.rows)


class PartsFailed(Exception):
    """At least one part of a task did not hold.

    Attributes:
      first: what the first of them raised.
    """

    def __init__(self, first: Exception) -> None:
        super().__init__(str(first))
        self.first = first
