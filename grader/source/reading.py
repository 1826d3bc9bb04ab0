"""Finds a student's file and reads it, without running anything in it.

A submission is weekN.py or weekN.ipynb.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
import tokenize
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.source.cells import assemble, cells_of_program
from grader.source.notebook import code_cells, is_notebook, without_outputs
from grader.source.program import Program
from grader.source.submission import Submission, SubmissionError

MAX_BYTES = 2 * 2**20  # a week's exercise has 20 KiB, a notebook without its outputs a little more
MAX_NOTEBOOK = 64 * 2**20  # with its outputs
MAX_SOURCE = 512 * 2**10
# The first bytes of each encoding; UTF-32's begin like UTF-16's, so it comes first.
WIDE = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
ALPHABETS = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp\d+|windows-\d+|koi8-[rtu]|mac-\w+|tis-620|hz|johab"
    r"|gb2312|gbk|gb18030|big5(hkscs)?|shift_ji\w+|euc_\w+"
)
CODING = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)[-\w.]+", re.MULTILINE)


class NothingWritten(SubmissionError):
    """The file has no line of program."""


@dataclass(frozen=True)
class Work:
    """A student's week as handed in: a program, or why there is none.

    Attributes:
      week: "week3".
      path: the file, or where it should be.
      program: the program, or an error that tells the student why the file is unreadable.
      note: which of two files this is, and why, or "".
    """

    week: str
    path: Path
    program: Program | SubmissionError
    note: str = ""


def read_work(
    place: Path, week: str, functions: Collection[str] = (), newest: bool = False
) -> Work:
    """Reads a week from a folder or a file.

    Args: as for `find`.
    """
    path, note = place / f"{week}.py" if place.is_dir() else place, ""
    try:
        path, note = find(place, week, functions, newest)
        return Work(week, path, Program(from_bytes(path, week, read_bytes(path))), note)
    except SubmissionError as error:
        return Work(week, path, error, note)


def work_of(files: Mapping[str, bytes], week: str, functions: Collection[str] = ()) -> Work:
    """Reads a week from the contents of its files: week3.py, week3.ipynb or both, by name."""
    found = [Path(name) for name in files]
    path, note = Path(f"{week}.py"), ""
    try:
        if not found:
            raise SubmissionError(f"There is no {week}.py (or {week}.ipynb) in the hand-in.")
        path, note = _one_of(found, week, functions, lambda path: files[path.name])
        return Work(week, path, Program(from_bytes(path, week, files[path.name])), note)
    except SubmissionError as error:
        return Work(week, path, error, note)


def find(
    place: Path, week: str, functions: Collection[str] = (), newest: bool = False
) -> tuple[Path, str]:
    """Finds the file of a week: `place` itself, or week3.py or week3.ipynb in that folder.

    Args:
      place: a folder or a file.
      week: "week3".
      functions: the tasks' functions. If there are a program and a notebook, and one of them has
        only stubs for these, the other counts.
      newest: if that does not decide, take the file that was changed last.

    Returns:
      The file, and a sentence that says why it is this one, or "".

    Raises:
      SubmissionError: if there is no file, or two with work in them.
    """
    if place.is_dir():
        found = [place / f"{week}{ending}" for ending in (".py", ".ipynb")]
        found = [path for path in found if path.is_symlink() or path.exists()]
        if not found:
            raise SubmissionError(
                f"There is no {week}.py (or {week}.ipynb) in the folder {place.resolve().name}. "
                f"`python -m grader reset {week}` makes a new one in exercises/."
            )
        return _one_of(found, week, functions, read_bytes, newest)
    if place.suffix not in (".py", ".ipynb"):
        if not place.exists():
            raise SubmissionError(f"{place.name} does not exist.")
        raise SubmissionError(f"{place.name} is neither a .py nor a .ipynb file.")
    return place, ""


def _one_of(
    found: list[Path],
    week: str,
    functions: Collection[str],
    load: Callable[[Path], bytes],
    newest: bool = False,
) -> tuple[Path, str]:
    """Returns which of a program and a notebook counts, and why; raises like `find`."""
    if len(found) == 1:
        return found[0], ""
    states = [_state(path, load, week, functions) if functions else "" for path in found]
    for state in ("is still the stub", "has none of the tasks' functions"):
        if states.count(state) == 1:
            less = found[states.index(state)]
            (path,) = (path for path in found if path != less)
            return path, f"{path.name} is graded: {less.name} next to it {state}."
    if newest:
        older, path = sorted(found, key=lambda path: path.lstat().st_mtime_ns)
        return path, f"{path.name} is graded: it was changed after {older.name}."
    if any(states):
        return found[0], ""
    raise SubmissionError(
        f"There are both {week}.py and {week}.ipynb, with work in both. Keep only the one to "
        "grade, or name it."
    )


def _state(path: Path, load: Callable[[Path], bytes], week: str, functions: Collection[str]) -> str:
    """Says what a file is if it has no work on the tasks, or else ""."""
    try:
        program = Program(from_bytes(path, week, load(path)))
    except SubmissionError:
        return ""
    if program.has_only_stubs(functions):
        return "is still the stub"
    known = program.definitions.keys() | program.bound | program.unread.keys()
    return "" if known.intersection(functions) else "has none of the tasks' functions"


def read_bytes(path: Path) -> bytes:
    """Reads an untrusted file, if it is a regular one, not a link, and not too large.

    Raises:
      SubmissionError: if it is anything else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SubmissionError(f"{path.name} does not exist.") from None
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(
                f"{path.name} is a link, which the grader does not follow. Put the file itself "
                "there."
            ) from None
        raise SubmissionError(f"{path.name} cannot be opened: {error.strerror}.") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise SubmissionError(f"{path.name} is not a regular file.")
    with open(descriptor, "rb") as file:
        most = MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_BYTES
        if status.st_size > most:
            raise SubmissionError(
                f"{path.name} has {status.st_size / 2**20:.1f} MiB; the grader reads at most "
                f"{most >> 20} MiB."
            )
        return file.read(most + 1)


def decode(name: str, data: bytes) -> str:
    """Returns the text of a Python file, as Python itself would read it.

    Raises:
      SubmissionError: if its bytes are not text in UTF-8, or in the encoding it declares.
    """
    _refuse_wide(name, data)
    if b"\0" in data:
        raise SubmissionError(
            f"{name} is not text: it contains zero bytes. Save it as UTF-8 in your editor."
        )
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        # Other codecs are not alphabets, and may take minutes.
        text = data.decode(encoding) if ALPHABETS.fullmatch(codecs.lookup(encoding).name) else None
    except SyntaxError:
        text = None
    except (UnicodeError, LookupError):
        text = None
    if text is None and _is_utf8(data):
        line = next(n for n, text in enumerate(data.split(b"\n"), start=1) if b"coding" in text)
        raise SubmissionError(
            f"{name} declares an encoding that it is not saved in, or that Python does not know. "
            "Delete the comment with `coding` at its top, and save it as UTF-8.",
            f"{name}:{line}",
        )
    if text is None:
        good = data.decode("utf-8", "ignore").encode()
        same = len(os.path.commonprefix([good, data]))
        line = data[:same].count(b"\n") + 1
        raise SubmissionError(
            f"{name} is not saved as UTF-8 (the first character that is not is on line {line}). "
            'Choose "Save with encoding: UTF-8" in your editor.',
            f"{name}:{line}",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_wide(name: str, data: bytes) -> None:
    for encoding, marks in WIDE.items():
        if data.startswith(marks):
            raise SubmissionError(
                f"{name} is saved as {encoding}. Save it as UTF-8 in your editor."
            )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared_utf8(text: str) -> str:
    """Returns a program that declares no encoding other than the one it will be saved in."""
    head, rest = text.split("\n")[:2], text.split("\n")[2:]
    return "\n".join([CODING.sub(r"\1utf-8", "\n".join(head)), *rest])


def read(place: Path, week: str, functions: Collection[str] = ()) -> Submission:
    """Finds and reads a week's submission.

    Args:
      place: a folder that holds it, or the file.
      week: "week3".
      functions: as for `find`.

    Raises:
      SubmissionError: with a sentence for the student.
    """
    path, _ = find(place, week, functions)
    return from_bytes(path, week, read_bytes(path))


def from_bytes(path: Path, week: str, data: bytes) -> Submission:
    """Reads a week's submission from the contents of its file.

    Args:
      path: names the file, without reading it.
      week: "week3".
      data: the file's content.

    Raises:
      SubmissionError: with a sentence for the student.
    """
    if path.suffix == ".ipynb":
        _refuse_wide(path.name, data)
        if len(data) > MAX_BYTES:
            data = without_outputs(data)
        written = code_cells(path.name, data)
    else:
        text = decode(path.name, data).removeprefix("\ufeff")
        if is_notebook(text):
            raise SubmissionError(
                f"{path.name} is a Jupyter notebook under another name. Rename it to {week}.ipynb."
            )
        written = cells_of_program(text)
    if len(data) > MAX_BYTES:
        raise SubmissionError(
            f"{path.name} has {len(data) / 2**20:.1f} MiB; the grader reads at most "
            f"{MAX_BYTES >> 20} MiB, without a notebook's outputs."
        )
    size = sum(len(line) + 1 for cell in written for line in cell.lines)
    if not any(line.strip() for cell in written for line in cell.lines):
        raise NothingWritten(
            f"{path.name} is empty. Did you save it? `python -m grader reset {week}` restores the "
            "exercise."
        )
    if size > MAX_SOURCE:
        raise SubmissionError(
            f"{path.name} contains {size // 1024} KiB of program; "
            f"the grader reads at most {MAX_SOURCE // 1024} KiB."
        )
    made = assemble(written)
    source = _declared_utf8(made.source)
    submission = Submission(week, path, source, made.cells, made.places, made.written, made.notes)
    broken = next((cell for cell in made.cells if cell.problem), None)
    if broken and not source.strip():
        raise SubmissionError(broken.problem, submission.quote(broken.line), submission)
    return submission
