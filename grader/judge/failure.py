"""What a check raises when the answer is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


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
