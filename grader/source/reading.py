"""Finds a student's file and reads it: nothing in it is run here.

A submission is weekN.py or weekN.ipynb.
"""

from __future__ import annotations

import io
import os
import re
import stat
import tokenize
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.source.notebook import notebook_source
from grader.source.program import Program
from grader.source.submission import Submission, SubmissionError

MAX_BYTES = 2 * 2**20  # a week's exercise has 20 KiB; notebooks with pictures are a little larger
MAX_SOURCE = 512 * 2**10
CODING = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)[-\w.]+", re.MULTILINE)


@dataclass(frozen=True)
class Work:
    """A student's week as it was handed in: a program, or why there is none.

    Attributes:
      week: "week3".
      path: the file, or where it should be.
      program: what its text says; the error tells the student why it cannot be read.
    """

    week: str
    path: Path
    program: Program | SubmissionError


def read_work(place: Path, week: str, functions: Collection[str] = ()) -> Work:
    """Reads a week from a folder or a file.

    Args: as for `find`.
    """
    path = place / f"{week}.py" if place.is_dir() else place
    try:
        path = find(place, week, functions)
        return Work(week, path, Program(from_bytes(path, week, read_bytes(path))))
    except SubmissionError as error:
        return Work(week, path, error)


def work_of(files: Mapping[str, bytes], week: str, functions: Collection[str] = ()) -> Work:
    """Takes a week from what its files hold: week3.py, week3.ipynb or both, by name."""
    found = [Path(name) for name in files]
    path = Path(f"{week}.py")
    try:
        path = _one_of(found, "what was handed in", week, functions, lambda path: files[path.name])
        return Work(week, path, Program(from_bytes(path, week, files[path.name])))
    except SubmissionError as error:
        return Work(week, path, error)


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
        return _one_of(found, str(place), week, functions, read_bytes)
    if place.suffix not in (".py", ".ipynb"):
        if not place.exists():
            raise SubmissionError(f"{place} does not exist.")
        raise SubmissionError(f"{place.name} is neither a .py nor a .ipynb file.")
    return place


def _one_of(
    found: list[Path],
    place: str,
    week: str,
    functions: Collection[str],
    load: Callable[[Path], bytes],
) -> Path:
    """Returns the file that counts, of a program and a notebook; raises as `find` does."""
    if not found:
        raise SubmissionError(
            f"There is no {week}.py (or {week}.ipynb) in {place}. "
            f"`python -m grader reset {week}` makes a new one in exercises/."
        )
    if len(found) == 2 and functions:
        found = [path for path in found if not _is_untouched(path, load, week, functions)] or [
            found[0]
        ]
    if len(found) == 2:
        raise SubmissionError(
            f"There are both {week}.py and {week}.ipynb in {place}. "
            "Name the one to grade with --submission, or move the other away."
        )
    return found[0]


def _is_untouched(
    path: Path, load: Callable[[Path], bytes], week: str, functions: Collection[str]
) -> bool:
    try:
        program = Program(from_bytes(path, week, load(path)))
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
    except (UnicodeError, LookupError):
        text = None
    if text is None:
        good = data.decode("utf-8", "ignore").encode()
        same = len(os.path.commonprefix([good, data]))
        line = data[:same].count(b"\n") + 1
        raise SubmissionError(
            f"{name} is not saved as UTF-8 (the first such character is in line {line}). "
            'Choose "Save with encoding: UTF-8" in your editor.',
            f"{name}:{line}",
        )
    head, two, rest = _first_lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    # From here on it is UTF-8, whatever it declared.
    return CODING.sub(r"\1utf-8", head) + two + rest


def _first_lines(text: str) -> tuple[str, str, str]:
    first, newline, rest = text.partition("\n")
    second, end, rest = rest.partition("\n")
    return f"{first}{newline}{second}", end, rest


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
