"""The part of a student's file that a verdict is about, to be shown beside its message."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.source import Program
from grader.submission import Submission, SubmissionError, from_bytes
from grader.supervisor import printable

MOST = 40  # lines of an excerpt: two of the solutions' functions
AROUND = 4  # lines before and after one that stands alone
WIDTH = 160
YOUR_LINE = re.compile(r"^your line +(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """A line of a student's file.

    Attributes:
      number: in the file, or in the program made of a notebook's code cells, from 1.
      text: what stands there; control characters are shown as escapes.
      marked: True if the message names it.
    """

    number: int
    text: str
    marked: bool


class Source:
    """A student's week as text that parts can be shown of."""

    def __init__(self, name: str, week: str, content: bytes) -> None:
        """Reads the file; what cannot be read or is no program has fewer excerpts, or none.

        Args:
          name: such as "week3.py".
          week: "week3".
          content: of the file.
        """
        self._submission: Submission | None = None
        self._program: Program | None = None
        try:
            self._submission = from_bytes(Path(name), week, content)
            self._program = Program(self._submission)
        except SubmissionError:
            pass

    def excerpt(self, functions: Collection[str], message: str) -> list[Line]:
        """Returns what a message is about: the function around its line, or that line's neighbours.

        Args:
          functions: names of the functions that the task asks for.
          message: of the verdict; a row "your line" in it names a place.
        """
        if self._submission is None:
            return []
        at = self._line_of(message)
        if at == 0:
            first, last = self._function(functions)
        else:
            first, last = self._around(at)
        if last - first >= MOST:
            middle = at or first
            first = max(first, min(middle - MOST // 2, last - MOST + 1))
            last = first + MOST - 1
        return [
            Line(
                number,
                printable(self._submission.lines[number - 1].expandtabs(4), WIDTH),
                number == at,
            )
            for number in range(first, last + 1)
        ]

    def _line_of(self, message: str) -> int:
        """Returns the number of the line that a message names, or 0."""
        assert self._submission is not None
        named = YOUR_LINE.search(message)
        if named is None:
            return 0
        for number in range(1, len(self._submission.lines) + 1):
            place = self._submission.where(number)
            if named[1] == place or named[1].startswith(f"{place} "):
                return number
        return 0

    def _function(self, functions: Collection[str]) -> tuple[int, int]:
        for name in functions:
            definition = self._program and self._program.definition(name)
            if definition:
                return definition.lineno, definition.end_lineno or definition.lineno
        return 1, 0

    def _around(self, at: int) -> tuple[int, int]:
        """Returns the first and last line of the definition that holds a line, or of its region."""
        assert self._submission is not None
        for definitions in self._program.definitions.values() if self._program else ():
            for definition in definitions:
                last = definition.end_lineno or definition.lineno
                if definition.lineno <= at <= last:
                    return definition.lineno, last
        return max(1, at - AROUND), min(len(self._submission.lines), at + AROUND)
