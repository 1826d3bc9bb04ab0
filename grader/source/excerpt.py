"""Finds the part of a student's file that a verdict is about, to show next to its message."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.source.program import Definition, Program
from grader.source.reading import from_bytes
from grader.source.submission import Submission, SubmissionError
from grader.worker.output import printable

MOST = 40  # lines of an excerpt; the longest function of the solutions has 26
AROUND = 4  # lines before and after a line outside functions
WIDTH = 160
YOUR_LINE = re.compile(r"^your line +(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """A line of a student's file.

    Attributes:
      number: its number, from 1, in the file or in the program of a notebook's code cells.
      text: its text; control characters are shown as escapes.
      marked: True if the message names it.
    """

    number: int
    text: str
    marked: bool


class Source:
    """A student's week, as text to show parts of."""

    def __init__(self, name: str, week: str, content: bytes) -> None:
        """Reads the file; if it is unreadable or not a program, it has fewer excerpts, or none.

        Args:
          name: such as "week3.py".
          week: "week3".
          content: the file's content.
        """
        self._submission: Submission | None = None
        self._program: Program | None = None
        try:
            self._submission = from_bytes(Path(name), week, content)
            self._program = Program(self._submission)
        except SubmissionError as error:
            self._submission = self._submission or error.submission

    def excerpt(self, functions: Collection[str], message: str) -> list[Line]:
        """Returns what a message is about: the function around its line, or that line's neighbours.

        It leaves out docstrings, which are the exercise's.

        Args:
          functions: names of the functions that the task asks for.
          message: the verdict's message; a row "your line" in it names a place.
        """
        if self._submission is None:
            return []
        at = self._line_of(message)
        definition = self._definition(functions, at)
        if definition is not None:
            shown = _without_docstrings(definition, at)
        elif at:
            last = min(len(self._submission.lines), at + AROUND)
            shown = list(range(max(1, at - AROUND), last + 1))
        else:
            shown = []
        if len(shown) > MOST:
            middle = shown.index(at) if at else 0
            first = max(0, min(middle - MOST // 2, len(shown) - MOST))
            shown = shown[first : first + MOST]
        lines = self._submission.lines
        return [
            Line(number, printable(lines[number - 1].expandtabs(4), WIDTH), number == at)
            for number in shown
        ]

    def _line_of(self, message: str) -> int:
        """Returns the number of the line that a message names, or 0."""
        assert self._submission is not None
        named = YOUR_LINE.search(message)
        return self._submission.line_at(named[1]) if named else 0

    def _definition(self, functions: Collection[str], at: int) -> Definition | None:
        """Returns the definition that contains a line; without a line, the task's first one."""
        if self._program is None:
            return None
        if at == 0:
            found = (self._program.definition(name) for name in functions)
            return next((definition for definition in found if definition), None)
        for definitions in self._program.definitions.values():
            for definition in definitions:
                if definition.lineno <= at <= (definition.end_lineno or 0):
                    return definition
        return None


def _without_docstrings(definition: Definition, at: int) -> list[int]:
    """Returns a definition's line numbers, without docstrings but with the named line."""
    hidden: set[int] = set()
    for node in ast.walk(definition):
        if isinstance(node, Definition) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            hidden.update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    every = range(definition.lineno, (definition.end_lineno or definition.lineno) + 1)
    return [number for number in every if number not in hidden or number == at]
