"""Answers by a course author: wrong ones with the words of their message, and other right ones.

`tests/mistakes/weekN/TASK/NAME.py` begins with a header, a line for each entry:

    # task: convolve2d
    # status: failed
    # words: "flipped", "first place"
    # not: "more epochs"
    # points: 0.5

Message and hint must contain `words` and must not contain `not`, in capitals or small letters.
`points` are those of the parts that still pass; leave them out if they depend on the drawn inputs.
The wrong version of one of the task's functions or classes follows, with all that it needs. It
replaces the solution's version, and the task is graded. `# <-` marks the line that the message must
name; without a mark, it must name a line of the version, or of another function that the header
`names`. `right_NAME.py` is a right answer in a different form.

`equal.toml` in the same folder explains mutants that are equivalent to the solution.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.rubric import Task

MARK = "# <-"
ENTRIES = ("task", "status", "words", "not", "points", "names")
EQUAL = "equal.toml"


class AnswerError(Exception):
    """A file of answers cannot be read; the text says why."""


@dataclass(frozen=True)
class Answer:
    """One file: its week, task and name, its header, and the text below it."""

    week: str
    task: str
    name: str
    status: str
    words: tuple[str, ...]
    unwanted: tuple[str, ...]
    points: float | None
    names: str
    version: str

    @classmethod
    def read(cls, path: Path) -> Answer:
        """Reads tests/mistakes/weekN/TASK/NAME.py.

        Raises:
          AnswerError: if its header is not as described above.
        """
        header, _, version = path.read_text(encoding="utf-8").partition("\n\n")
        week, task = path.parts[-3:-1]
        entries = {}
        for line in header.split("\n"):
            name, colon, text = line.removeprefix("# ").partition(": ")
            if not line.startswith("# ") or not colon or name not in ENTRIES:
                known = ", ".join(ENTRIES)
                raise AnswerError(
                    f"{path}: {line!r} is not a line of a header. Write `# name: value` with one "
                    f"of {known}, and end the header with an empty line."
                )
            entries[name] = text
        if entries.get("task") != task:
            raise AnswerError(f"{path}: its header must say `# task: {task}`, as its folder does.")
        right = path.stem.startswith("right_")
        if right != (entries.get("status") == "passed"):
            raise AnswerError(
                f"{path}: the header's status must be `passed` for right_*.py, and only for these."
            )
        try:
            return cls(
                week=week,
                task=task,
                name=path.stem,
                status=entries["status"],
                words=tuple(ast.literal_eval(f"[{entries.get('words', '')}]")),
                unwanted=tuple(ast.literal_eval(f"[{entries.get('not', '')}]")),
                points=float(entries["points"]) if "points" in entries else None,
                names=entries.get("names", ""),
                version=version.strip("\n"),
            )
        except (ValueError, SyntaxError, KeyError) as error:
            raise AnswerError(f"{path}: its header cannot be read: {error}.") from None

    @property
    def right(self) -> bool:
        """Whether the answer must pass."""
        return self.status == "passed"

    def lines(self, source: str) -> Sequence[int]:
        """The lines of a source with this version in it; the message must name one of them."""
        if self.right or self.status == "todo":
            return []
        marked = [n for n, line in enumerate(source.split("\n"), 1) if line.endswith(MARK)]
        if marked:
            return marked[:1]
        for node in ast.parse(source).body if self.names else []:
            if getattr(node, "name", None) == self.names:
                assert isinstance(node, ast.stmt)
                return range(node.lineno, (node.end_lineno or node.lineno) + 1)
        first = source[: source.index(self.version)].count("\n") + 1
        return range(first, first + self.version.count("\n") + 1)


def answers_folder(course: Course, week: str, task: str) -> Path:
    """The folder of a task's answers, which may be missing."""
    return course.root / "tests" / "mistakes" / week / task


def read_answers(course: Course, week: str, task: str) -> list[Answer]:
    """Reads all answers to a task.

    Raises:
      AnswerError: if the header of one cannot be read.
    """
    return [Answer.read(path) for path in sorted(answers_folder(course, week, task).glob("*.py"))]


def read_equal(course: Course, week: str, task: str) -> dict[tuple[str, str], str]:
    """Reads which mutants are equivalent to a task's solution, and why.

    Returns:
      The reason by (the line of the solution, the mutant's line), as `Mutant.change` has them.

    Raises:
      AnswerError: if the file is not a list of [[equal]] with was, becomes and why.
    """
    path = answers_folder(course, week, task) / EQUAL
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["equal"]
        return {(each["was"], each["becomes"]): each["why"] for each in found}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise AnswerError(
            f"{path}: not a list of [[equal]] with `was`, `becomes` and `why`: {error}."
        ) from None


def definitions(source: str) -> dict[str, tuple[int, int]]:
    """First and last line, counted from 1, of each function and class at the top of a source."""
    return {
        node.name: (
            min([node.lineno, *(item.lineno for item in node.decorator_list)]),
            node.end_lineno or node.lineno,
        )
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def swapped(solution: str, task: Task, version: str) -> str:
    """Puts another version of one or more of a task's functions into a solution.

    Args:
      solution: its source.
      task: its first function is replaced if the version has none of the solution's names.
      version: the source of the other functions, with all that they need.
    """
    there = definitions(solution)
    replaced = [name for name in definitions(version) if name in there] or [task.functions[0]]
    lines: list[str | None] = list(solution.split("\n"))
    for first, last in (there[name] for name in replaced):
        lines[first - 1 : last] = [None] * (last - first + 1)
    lines[there[replaced[0]][0] - 1] = version.strip("\n")
    return "\n".join(line for line in lines if line is not None)


def without_mark(source: str) -> str:
    """Returns a source without the mark of the line that a message must name."""
    return re.sub(rf" *{MARK}$", "", source, flags=re.M)


def complaints(
    text: str,
    words: Sequence[str],
    lines: Container[int],
    file: str,
    unwanted: Sequence[str] = (),
) -> list[str]:
    """Lists what is wrong with a message.

    Args:
      text: message and hint.
      words: it must contain these, in capitals or small letters.
      lines: numbers of lines of the submission; it must name one of them, or any if there are none.
      file: the submission's name.
      unwanted: it must not contain these, in capitals or small letters.
    """
    # The student's own line does not count as teaching.
    taught = re.sub(r"^(your line|called from) .*$", "", text, flags=re.M).lower()
    wrong = [f"it does not say {word!r}" for word in words if word.lower() not in taught]
    wrong += [f"it says {word!r}" for word in unwanted if word.lower() in taught]
    places = [int(number) for number in re.findall(rf"{re.escape(file)}:(\d+)\b", text)]
    if lines and not any(number in lines for number in places):
        wrong.append("it does not name the wrong line")
    return wrong
