"""The meaning of the commands' arguments, and errors about them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course


class UsageError(Exception):
    """A sentence for the person who typed the command."""


def chosen_weeks(names: Sequence[str], course: Course) -> list[str]:
    """Returns the requested weeks.

    Raises:
      UsageError: for one that does not exist.
    """
    known = course.weeks()
    weeks: list[str] = []
    for name in names:
        if name == "all":
            weeks += known
        elif name in known:
            weeks.append(name)
        else:
            raise UsageError(f"There is no {name}. There are: {', '.join(known)}, and all.")
    return list(dict.fromkeys(weeks))


def begun_weeks(place: Path, course: Course) -> list[str]:
    """Returns the weeks with work in them: those in which not every task is still the stub.

    A file that cannot be read counts as begun.

    Args:
      place: the folder of the exercises.
      course: whose weeks.
    """
    return [week for week in course.weeks() if is_begun(place, week, course)]


def is_begun(place: Path, week: str, course: Course) -> bool:
    """True if a week has work in it, as for `begun_weeks`."""
    from grader.source.program import Program
    from grader.source.reading import read_work
    from grader.source.stubs import task_functions

    functions = task_functions(course, week)
    program = read_work(place, week, functions).program
    if isinstance(program, Program):
        return not program.has_only_stubs(functions)
    files = [place / f"{week}{ending}" for ending in (".py", ".ipynb")]
    return any(path.exists() or path.is_symlink() for path in files)


def chosen_tasks(names: Sequence[str], weeks: Sequence[str], course: Course) -> tuple[str, ...]:
    """Finds tasks by their names or those of their functions, ignoring case.

    Returns:
      The names of the tasks.

    Raises:
      UsageError: for a task that no chosen week has, or if a week has none of the tasks.
    """
    from grader.rubric import read_rubric

    rubrics = {week: read_rubric(course.checks / f"{week}.py") for week in weeks}
    known = {week: [task.name for task in tasks] for week, tasks in rubrics.items()}
    chosen: list[str] = []
    for name in names:
        meant = [
            task.name
            for tasks in rubrics.values()
            for task in tasks
            if name.lower() in (task.name.lower(), *(f.lower() for f in task.functions))
        ]
        exact = [other for other in meant if other.lower() == name.lower()]
        chosen += exact or meant
        if not meant:
            have = "; ".join(f"{week}: {', '.join(tasks)}" for week, tasks in known.items())
            raise UsageError(f"There is no task {name}. There are, in {have}.")
    for week, tasks in known.items():
        if names and not set(chosen) & set(tasks):
            raise UsageError(f"{week} has none of these tasks; leave it out.")
    return tuple(dict.fromkeys(chosen))


def place_of(arguments: argparse.Namespace, weeks: Sequence[str], course: Course) -> Path:
    """Returns the folder or file to grade.

    Raises:
      UsageError: if it does not exist, or is one file for several weeks.
    """
    if arguments.solutions and arguments.submission:
        raise UsageError("Use either --solutions or --submission.")
    if arguments.solutions:
        if not course.solutions.is_dir():
            raise UsageError("There is no solutions/ here: this is a hand-out for students.")
        return course.solutions
    if arguments.submission is None:
        return course.exercises
    place = Path(arguments.submission)
    if not place.exists() and not place.is_symlink():
        near = course.exercises / place
        here = f" Is it exercises/{place}?" if near.exists() and not place.is_absolute() else ""
        raise UsageError(f"--submission {place} does not exist.{here}")
    if not place.is_dir() and len(weeks) > 1:
        raise UsageError(f"{place} is one file, but you named {len(weeks)} weeks; name a folder.")
    return place


def image_source(data: str) -> str:
    """Returns the value of --data: "embedded", "tfds", or the absolute path of a folder.

    Raises:
      UsageError: if it is none of them.
    """
    if data in ("embedded", "tfds"):
        return data
    if not Path(data).is_dir():
        raise UsageError(f"--data {data}: neither embedded nor tfds, and no such folder.")
    return str(Path(data).resolve())


def cores() -> int:
    """Returns how many of this machine's cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
