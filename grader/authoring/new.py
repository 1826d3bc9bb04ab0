"""Writes a new week or a new task: everything that belongs to it, small, complete and passing.

The files in `templates/` are what is written. `week/` holds the beginning of each of a week's
files; `task/` holds what one task adds to it, and its wrong answers.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import unicodedata
from pathlib import Path
from string import Template

from grader.course import NUMBERED, Course
from grader.results.files import write_text
from grader.rubric import PREFIX, read_rubric
from grader.source.stubs import write_stub

TEMPLATES = Path(__file__).parent / "templates"
AFTER_TASKS = ("\n## Further reading\n", "\n## Questions\n")  # where a lesson's tasks end
CHECK_ARGUMENTS = ("student", "secret", "judge", "task", "check")


class AuthoringError(Exception):
    """It cannot be written; the text says why and what to do."""


def new_week(course: Course, week: str, task: str) -> list[Path]:
    """Writes a week with one task.

    Args:
      course: the complete course.
      week: "week" and a number.
      task: the name of its first task and of its function.

    Returns:
      The files that were written.

    Raises:
      AuthoringError: if a name is no good or something is there already; then nothing is written.
    """
    if not NUMBERED.fullmatch(week):
        numbers = [int(name[4:]) for name in course.weeks() if NUMBERED.fullmatch(name)]
        free = f"week{max(numbers, default=0) + 1}"
        raise AuthoringError(f"A week is called week and its number, such as {free}; not {week!r}.")
    files = _Files(course, week)
    here = [path for path in (*files.parts.values(), files.exercise) if path.exists()]
    if here or files.mistakes.exists():
        there = course.root / (here or [files.mistakes])[0]
        raise AuthoringError(
            f"{week} is there already: {there.relative_to(course.root)}. "
            f"A task for it: python -m grader new task NAME --week {week}"
        )
    for part, path in files.parts.items():
        files.texts[path] = files.template(f"week/{part}.txt", task)
    return files.with_task(task)


def new_task(course: Course, week: str, task: str) -> list[Path]:
    """Writes a task of a week that there is, at the end of its files.

    Args:
      course: the complete course.
      week: one of the course.
      task: its name and that of its function.

    Returns:
      The files that were written.

    Raises:
      AuthoringError: as `new_week`.
    """
    if week not in course.weeks():
        raise AuthoringError(
            f"There is no {week}. There are: {', '.join(course.weeks())}. "
            f"A new one: python -m grader new {week}"
        )
    files = _Files(course, week)
    for part, path in files.parts.items():
        if path.exists():
            files.texts[path] = path.read_text(encoding="utf-8")
        elif part in ("solution", "check"):
            raise AuthoringError(f"{week} has no {path.relative_to(course.root)} to add it to.")
        else:
            files.texts[path] = files.template(f"week/{part}.txt", task)
    return files.with_task(task)


class _Files:
    """The files of a week before they are written."""

    def __init__(self, course: Course, week: str) -> None:
        self.course, self.week = course, week
        self.parts = {
            "solution": course.solutions / f"{week}.py",
            "check": course.checks / f"{week}.py",
            "lesson": course.exercises / f"{week}.md",
            "explanation": course.explanations / f"{week}.md",
        }
        self.exercise = course.exercises / f"{week}.py"
        self.mistakes = course.root / "tests" / "mistakes" / week
        self.texts: dict[Path, str] = {}

    def template(self, name: str, task: str) -> str:
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        title = self.week.replace("week", "Week ", 1).capitalize()
        return Template(text).substitute(week=self.week, title=title, task=task)

    def with_task(self, task: str) -> list[Path]:
        """Adds a task, then writes all there is to write."""
        self._refuse_name(task)
        for part, path in self.parts.items():
            added = self.template(f"task/{part}.txt", task)
            text, newline = self.texts[path].rstrip("\n"), "\n"
            end = next((title for title in AFTER_TASKS if title in text), "")
            if part == "lesson" and end:
                before, _, after = text.rpartition(end)
                added, text = added + end + after + newline, before.rstrip("\n")
            self.texts[path] = f"{text}\n\n{newline * path.name.endswith('.py')}{added}"
        for path in sorted((TEMPLATES / "task" / "mistakes").glob("*.txt")):
            name = self.mistakes / task / f"{path.stem}.py"
            self.texts[name] = self.template(f"task/mistakes/{path.name}", task)
        for path, text in self.texts.items():
            write_text(path, text)
        read_rubric.cache_clear()
        write_stub(self.course, self.week, always_copy=False)
        return [*self.texts, self.exercise]

    def _refuse_name(self, task: str) -> None:
        """Refuses a task whose name is no good, or whose files could not work."""
        if (
            not task.isidentifier()
            or keyword.iskeyword(task)
            or task.startswith("_")
            or unicodedata.normalize("NFKC", task) != task  # Python would spell it otherwise
            or hasattr(builtins, task)
            or task in CHECK_ARGUMENTS
        ):
            raise AuthoringError(
                "A task is named after its function: a new Python name that does not begin with an "
                f"underscore, such as mean_of_rows; not {task!r}."
            )
        for part, needed in (
            ("solution", {"jax"}),
            ("check", {"np", "task", "Student", "TaskSecret", "Judge"}),
        ):
            path = self.parts[part]
            where = path.relative_to(self.course.root)
            try:
                names = _bound(self.texts[path])
            except SyntaxError as error:
                raise AuthoringError(
                    f"{where} cannot be read: {error.msg}, line {error.lineno}."
                ) from None
            if missing := sorted(needed - names):
                raise AuthoringError(
                    f"{where} does not import {', '.join(missing)}, which a new task begins with. "
                    "Add the import first."
                )
            if taken := {task, PREFIX + task} & names:
                raise AuthoringError(f"{where} has a {taken.pop()} already. Take another name.")
        if (self.mistakes / task).exists():
            where = (self.mistakes / task).relative_to(self.course.root)
            raise AuthoringError(f"{where} is there already. Take another name.")


def _bound(text: str) -> set[str]:
    """Returns the names that a program binds at its top level, by imports and otherwise."""
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            names |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names
