"""A student's week as text, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


class SubmissionError(Exception):
    """The file cannot be graded; the text says why and what to do.

    Attributes:
      your_line: where in the student's file, as from `Submission.quote`, or "".
      submission: what was read, if it can still be shown.
    """

    def __init__(
        self, text: str, your_line: str = "", submission: Submission | None = None
    ) -> None:
        super().__init__(text)
        self.your_line = your_line
        self.submission = submission


@dataclass(frozen=True)
class Cell:
    """A part of a program that runs on its own.

    Attributes:
      first, last: its lines.
      problem: a sentence that says why it is unreadable, or "".
      line: where the problem is.
      names: what it would have defined.
    """

    first: int
    last: int
    problem: str = ""
    line: int = 0
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Submission:
    """A student's week, as source.

    Attributes:
      week: "week3".
      path: the file it comes from.
      source: the program text to analyse and run, with "\\n" line ends.
      cells: its parts; if none are given, all of it is one cell.
      places: (cell number, line in the cell) of each line of `source`; the cell is 0 in a program.
      written: the text as the student wrote it, if different, with the same number of lines.
      notes: (line, what was left out there).
      lines: the lines of the text as the student wrote it.
    """

    week: str
    path: Path
    source: str
    cells: tuple[Cell, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    written: str = ""
    notes: tuple[tuple[int, str], ...] = ()
    lines: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", (self.written or self.source).split("\n"))
        if not self.cells:
            object.__setattr__(self, "cells", (Cell(1, len(self.lines)),))

    def where(self, line: int) -> str:
        """Names a place: "week3.py:42", or "week3.ipynb, cell 5, line 3"."""
        cell, inner = 0, line
        if 1 <= line <= len(self.places):
            cell, inner = self.places[line - 1]
        if cell:
            return f"{self.path.name}, cell {cell}, line {inner}"
        return f"{self.path.name}:{inner}"

    def line_at(self, place: str) -> int:
        """Returns the line that a text names at its beginning, like `where`; 0 if it names none."""
        name = re.escape(self.path.name)
        found = re.match(
            rf"{name}(?::(\d{{1,7}})|, cell (\d{{1,7}}), line (\d{{1,7}}))(?!\d)", place
        )
        if found is None:
            return 0
        wanted = (int(found[2] or 0), int(found[3] or found[1]))
        if not self.places:
            return wanted[1] if not wanted[0] and 1 <= wanted[1] <= len(self.lines) else 0
        return self.places.index(wanted) + 1 if wanted in self.places else 0

    def text(self, line: int) -> str:
        """Returns a line as the student wrote it, stripped, or ""."""
        return self.lines[line - 1].strip() if 1 <= line <= len(self.lines) else ""

    def quote(self, line: int) -> str:
        """Names a place and shows its line."""
        return f"{self.where(line)}  {self.text(line)}".rstrip()
