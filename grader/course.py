"""Where the course is: its root, its weeks, its folders."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

WEEK_NAME = re.compile(r"week[1-9][0-9]*|project")


def week_order(week: str) -> tuple[int, int]:
    """Sort key: week1 … week10, then the project."""
    return (1, 0) if week == "project" else (0, int(week[4:]))


@dataclass(frozen=True)
class Course:
    """The folders of a course.

    Attributes:
      root: the folder of the checkout.
      checks: the folder of the rubric; other folders are for tests of the grader itself.
    """

    root: Path
    checks: Path

    @property
    def exercises(self) -> Path:
        """The folder of the stubs and lessons."""
        return self.root / "exercises"

    @property
    def explanations(self) -> Path:
        """The folder with what is said about each task when it has passed, beside the rubric."""
        return self.checks.parent / "explanations"

    @property
    def solutions(self) -> Path:
        """The folder of the complete weeks; a student's hand-out has none."""
        return self.root / "solutions"

    @property
    def stubs(self) -> Path:
        """In a student's hand-out the exercises as they were handed out."""
        return self.root / "stubs"

    @property
    def state(self) -> Path:
        """The folder of a student's progress and hint state."""
        return self.root / ".flaxlings"

    def weeks(self) -> list[str]:
        """Returns the weeks that have checks, in order."""
        names = [path.stem for path in self.checks.glob("*.py")]
        return sorted((name for name in names if WEEK_NAME.fullmatch(name)), key=week_order)

    def holds(self, path: Path) -> bool:
        """True if the path lies in the course's own tree."""
        return path.resolve().is_relative_to(self.root.resolve())


# The course that this grader belongs to: whose checks, lib and solutions are used.
COURSE = Course(Path(__file__).resolve().parent.parent, Path(__file__).resolve().parent / "checks")


def is_course_root(folder: Path) -> bool:
    """True if the folder's pyproject.toml says that it is this course."""
    try:
        with open(folder / "pyproject.toml", "rb") as file:
            return tomllib.load(file).get("project", {}).get("name") == "flaxlings"
    except (OSError, tomllib.TOMLDecodeError, AttributeError):
        return False


def find_course(start: Path | None = None) -> Course:
    """Finds the course somebody works in by walking up from a folder.

    Args:
      start: where to begin; the current folder by default.

    Returns:
      The course found there, with this grader's own checks; this grader's course if none is found.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if is_course_root(folder):
            return Course(folder, COURSE.checks)
    return COURSE
