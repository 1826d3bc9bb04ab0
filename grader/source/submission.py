"""A student's week as text, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class SubmissionError(Exception):
    """The file cannot be graded as it is; the text says why and what to do.

    Attributes:
      your_line: where in the student's file, as `Submission.quote`, or "".
    """

    def __init__(self, text: str, your_line: str = "") -> None:
        super().__init__(text)
        self.your_line = your_line


@dataclass(frozen=True)
class Submission:
    """A student's week, as source.

    Attributes:
      week: "week3".
      path: where it was found.
      source: the program text, with "\\n" line ends.
      cells: for a notebook, (cell number, line in the cell) of each line of `source`.
    """

    week: str
    path: Path
    source: str
    cells: tuple[tuple[int, int], ...] = ()
    lines: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", self.source.split("\n"))

    def where(self, line: int) -> str:
        """Names a place: "week3.py:42", or "week3.ipynb, cell 5, line 3"."""
        if self.cells and 1 <= line <= len(self.cells):
            cell, inner = self.cells[line - 1]
            return f"{self.path.name}, cell {cell}, line {inner}"
        return f"{self.path.name}:{line}"

    def text(self, line: int) -> str:
        """Returns a source line, stripped, or ""."""
        return self.lines[line - 1].strip() if 1 <= line <= len(self.lines) else ""

    def quote(self, line: int) -> str:
        """Names a place and shows its line."""
        return f"{self.where(line)}  {self.text(line)}".rstrip()
