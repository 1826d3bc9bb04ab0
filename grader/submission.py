"""Finds a student's file and reads it: nothing in it is run here.

A submission is weekN.py or weekN.ipynb. From a notebook the code cells are taken, as JSON;
magics and shell lines are commented out.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import stat
import tokenize
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

MAX_BYTES = 2 * 2**20  # a week's exercise has 20 KiB; notebooks with pictures are a little larger
MAX_SOURCE = 512 * 2**10
CODING = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)[-\w.]+", re.MULTILINE)


class SubmissionError(Exception):
    """The file cannot be graded as it is; the text says why and what to do."""

    def __init__(self, text: str, line: int | None = None) -> None:
        """Keeps the sentence, and the line it is about."""
        super().__init__(text)
        self.line = line


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
        """Splits the source into lines."""
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


def find(place: Path, week: str, functions: Collection[str] = ()) -> Path:
    """Returns the file of a week: `place` itself, or week3.py or week3.ipynb in that folder.

    Args:
      place: a folder or a file.
      week: "week3".
      functions: the tasks' functions. Where there are a program and a notebook, and one of them
        has nothing but stubs for these, the other is taken.

    Raises:
      SubmissionError: if there is none, or both with work in them.
    """
    if place.is_dir():
        found = [place / f"{week}{ending}" for ending in (".py", ".ipynb")]
        found = [path for path in found if path.is_symlink() or path.exists()]
        if len(found) == 2 and functions:
            found = [path for path in found if not _is_untouched(path, week, functions)] or [
                found[0]
            ]
        if len(found) == 2:
            raise SubmissionError(
                f"There are both {week}.py and {week}.ipynb in {place}. "
                "Name the one to grade with --submission, or move the other away."
            )
        if not found:
            raise SubmissionError(
                f"There is no {week}.py (or {week}.ipynb) in {place}. "
                f"`python -m grader reset {week}` makes a new one in exercises/."
            )
        return found[0]
    if place.suffix not in (".py", ".ipynb"):
        if not place.exists():
            raise SubmissionError(f"{place} does not exist.")
        raise SubmissionError(f"{place.name} is neither a .py nor a .ipynb file.")
    return place


def _is_untouched(path: Path, week: str, functions: Collection[str]) -> bool:
    from grader.source import Program

    try:
        program = Program(read(path, week))
    except SubmissionError:
        return False
    return all(program.is_stub(name) for name in functions)


def read_bytes(path: Path) -> bytes:
    """Reads a file nobody vouches for: a regular one, no link, of a bearable size.

    Raises:
      SubmissionError: if it is anything else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SubmissionError(f"{path} does not exist.") from None
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(
                f"{path.name} is a link. Put the file itself there; links are not followed."
            ) from None
        raise SubmissionError(f"{path.name} cannot be opened: {error.strerror}.") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise SubmissionError(f"{path.name} is not a regular file.")
    with open(descriptor, "rb") as file:
        if status.st_size > MAX_BYTES:
            raise SubmissionError(
                f"{path.name} has {status.st_size / 2**20:.1f} MiB; at most {MAX_BYTES >> 20} MiB "
                "are read. If it is a notebook, clear its outputs."
            )
        return file.read(MAX_BYTES + 1)


def decode(name: str, data: bytes) -> str:
    """Returns the text of a Python file, as Python itself would read it.

    Raises:
      SubmissionError: if its bytes are not text in UTF-8, or in the encoding it declares.
    """
    if b"\0" in data:
        encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        what = f"saved as {encoding}" if encoding else "no text: it holds zero bytes"
        raise SubmissionError(f"{name} is {what}. Save it as UTF-8 in your editor.")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except SyntaxError:
        text = None
    except (UnicodeDecodeError, LookupError):
        text = None
    if text is None:
        good = data.decode("utf-8", "ignore").encode()
        same = len(os.path.commonprefix([good, data]))
        line = data[:same].count(b"\n") + 1
        raise SubmissionError(
            f"{name} is not saved as UTF-8 (the first such character is in line {line}). "
            'Choose "Save with encoding: UTF-8" in your editor.',
            line,
        )
    head, two, rest = _first_lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    # From here on it is UTF-8, whatever it declared.
    return CODING.sub(r"\1utf-8", head) + two + rest


def _first_lines(text: str) -> tuple[str, str, str]:
    first, newline, rest = text.partition("\n")
    second, end, rest = rest.partition("\n")
    return f"{first}{newline}{second}", end, rest


def notebook_source(name: str, data: bytes) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Returns the program in a notebook's code cells, and the cell and line of each of its lines.

    Raises:
      SubmissionError: if it is no notebook.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        cells = notebook["cells"]
        lines: list[str] = []
        places: list[tuple[int, int]] = []
        for number, cell in enumerate(cells, start=1):
            if cell["cell_type"] != "code":
                continue
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            for inner, line in enumerate([*comment_out_magics(text), ""], start=1):
                lines.append(line)
                places.append((number, inner))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SubmissionError(
            f"{name} does not read as a Jupyter notebook. Save it again from Jupyter or Colab."
        ) from None
    return "\n".join(lines), tuple(places)


def comment_out_magics(text: str) -> list[str]:
    """Returns a cell's lines with IPython's magics and shell lines made comments.

    A line inside a string or an open bracket that happens to begin with % or ! stays as it is.
    """
    lines = text.split("\n")
    if text.lstrip().startswith("%%"):
        return ["# " + line for line in lines]
    result = list(lines)
    # A magic keeps its indentation and becomes `pass`, so that a block it stood in stays whole.
    for _ in range(len(lines) + 1):
        try:
            ast.parse("\n".join(result))
            return result
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            at = (error.lineno or 0) - 1 if isinstance(error, SyntaxError) else -1
        if not 0 <= at < len(result) or not result[at].lstrip().startswith(("%", "!", "?")):
            break
        stripped = result[at].lstrip()
        result[at] = f"{result[at][: len(result[at]) - len(stripped)]}pass  # {stripped}"
    return result


def read(place: Path, week: str, functions: Collection[str] = ()) -> Submission:
    """Finds and reads a week's submission.

    Args:
      place: a folder that holds it, or the file.
      week: "week3".
      functions: as for `find`.

    Raises:
      SubmissionError: with a sentence for the student.
    """
    path = find(place, week, functions)
    return from_bytes(path, week, read_bytes(path))


def from_bytes(path: Path, week: str, data: bytes) -> Submission:
    """Takes a week's submission from what its file holds.

    Args:
      path: names the file; nothing is read from it.
      week: "week3".
      data: the file's content.

    Raises:
      SubmissionError: with a sentence for the student.
    """
    if path.suffix == ".ipynb":
        source, cells = notebook_source(path.name, data)
    else:
        source, cells = decode(path.name, data), ()
    source = source.removeprefix("\ufeff")
    if not source.strip():
        raise SubmissionError(
            f"{path.name} is empty. Is it saved? `python -m grader reset {week}` brings the "
            "exercise back."
        )
    if len(source) > MAX_SOURCE:
        raise SubmissionError(
            f"{path.name} holds {len(source) // 1024} KiB of program; "
            f"at most {MAX_SOURCE // 1024} KiB are read."
        )
    return Submission(week, path, source, cells)
