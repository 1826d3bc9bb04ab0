"""Finds the course: its root, its weeks and its folders."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

UNWRITTEN = "Not written yet"  # `python -m grader new` puts it where the author must write
NUMBERED = re.compile(r"week[1-9][0-9]*")
CHECK = re.compile(r"^def check_", re.MULTILINE)


def week_order(week: str) -> tuple[int, int, str]:
    """Sort key: week1 … week10, then the weeks without a number."""
    return (0, int(week[4:]), "") if NUMBERED.fullmatch(week) else (1, 0, week)


@dataclass(frozen=True)
class Course:
    """The folders of a course.

    Attributes:
      root: the folder of the checkout.
      checks: the folder of the rubric; only tests of the grader use other folders.
    """

    root: Path
    checks: Path

    @property
    def exercises(self) -> Path:
        """The folder of the stubs and lessons."""
        return self.root / "exercises"

    @property
    def explanations(self) -> Path:
        """The folder next to the rubric with the explanations for passed tasks."""
        return self.checks.parent / "explanations"

    @property
    def solutions(self) -> Path:
        """The folder of the solutions; a student's hand-out has none."""
        return self.root / "solutions"

    @property
    def stubs(self) -> Path:
        """The folder of the original exercises, in a student's hand-out."""
        return self.root / "stubs"

    @property
    def state(self) -> Path:
        """The folder with a student's progress and hints."""
        return self.root / ".flaxlings"

    def weeks(self) -> list[str]:
        """Returns the weeks in order: files of the rubric that have a number or contain a check."""
        return sorted(
            (path.stem for path in self.checks.glob("*.py") if _is_week(path)), key=week_order
        )

    def words(self) -> list[str]:
        """Returns the names of the weeks without a number."""
        return [week for week in self.weeks() if not NUMBERED.fullmatch(week)]

    def holds(self, path: Path) -> bool:
        """True if the path is inside the course's own tree."""
        return path.resolve().is_relative_to(self.root.resolve())


def _is_week(path: Path) -> bool:
    """True for a file of the rubric that is not a helper of the others."""
    if NUMBERED.fullmatch(path.stem):
        return True
    return CHECK.search(path.read_text(encoding="utf-8")) is not None


# The course that this grader belongs to: it uses this course's checks, lib and solutions.
COURSE = Course(Path(__file__).resolve().parent.parent, Path(__file__).resolve().parent / "checks")

# What a week may be called in a submitted or stored file: any number, or a week's word.
WEEK_NAME = re.compile("|".join([NUMBERED.pattern, *map(re.escape, COURSE.words())]))


def is_course_root(folder: Path) -> bool:
    """True if the folder's pyproject.toml says that it is this course."""
    try:
        with open(folder / "pyproject.toml", "rb") as file:
            return tomllib.load(file).get("project", {}).get("name") == "flaxlings"
    except (OSError, tomllib.TOMLDecodeError, AttributeError):
        return False


def find_course(start: Path | None = None) -> Course:
    """Finds the course around a folder by walking up from it.

    Args:
      start: where to start; the current folder by default.

    Returns:
      The course found there, with this grader's own checks; this grader's course if there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if is_course_root(folder):
            return Course(folder, COURSE.checks)
    return COURSE
