"""The command line: `python -m grader …`."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course, find_course
from grader.worker import tiers

DESCRIPTION = """\
Grades the exercises of the course, shows hints and keeps your progress.

  python -m grader                      your progress, and what to do next
  python -m grader week3                grade exercises/week3.py
  python -m grader week1 week2          grade several weeks; `all` takes every week
  python -m grader watch [week3]        grade on every save
  python -m grader hint week3 [TASK]    the next hint, one tier at a time
  python -m grader reset week3          put the stub back; your file is kept beside it
  python -m grader notebook week3       the exercise as a notebook
  python -m grader stubs                make exercises/ from solutions/
  python -m grader class DIR --out OUT  grade DIR/<student>/week*.py; goes on where it stopped
  python -m grader report OUT           the class as one HTML page; --format canvas, moodle, junit …
  python -m grader release DEST         the hand-out for students: no solutions
  python -m grader doctor               what this machine can do, and how to mend what it cannot
"""
EPILOG = """\
Exit status: 0 every task passed (other commands: done); 1 some task did not pass;
2 wrong usage, or something could not be judged.
"""


class UsageError(Exception):
    """A sentence for the person who typed the command."""


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the grading command."""
    made = argparse.ArgumentParser(
        prog="python -m grader",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("weeks", nargs="*", metavar="WEEK", help="week1, week2 …, or all")
    made.add_argument("--solutions", action="store_true", help="grade solutions/ instead")
    made.add_argument(
        "--submission",
        metavar="PATH",
        help="a folder that holds week3.py (or .ipynb), or that file",
    )
    made.add_argument(
        "--task", metavar="NAME", action="append", default=[], help="one task only (repeatable)"
    )
    made.add_argument(
        "--data",
        metavar="embedded|tfds|DIR",
        default="embedded",
        help="where the images come from (default: embedded)",
    )
    made.add_argument("--seed", metavar="N", type=int, help="the same inputs at every run")
    made.add_argument("--device", choices=("cpu", "gpu", "tpu"), default="cpu")
    made.add_argument("--isolation", choices=tiers.TIERS, default="auto")
    made.add_argument("--json", metavar="FILE", help="write the results as JSON (- is stdout)")
    made.add_argument(
        "--junit", metavar="FILE", help="write the results as JUnit XML (- is stdout)"
    )
    made.add_argument(
        "--gradescope", metavar="FILE", help="write Gradescope's results.json (- is stdout)"
    )
    return made


def chosen_weeks(names: Sequence[str], course: Course) -> list[str]:
    """Returns the weeks that were asked for.

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


def chosen_tasks(names: Sequence[str], weeks: Sequence[str], course: Course) -> tuple[str, ...]:
    """Finds tasks by their names, or by those of their functions, in any case of letters.

    Returns:
      The names of the tasks.

    Raises:
      UsageError: for one that no chosen week has, or if a week is left with none.
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
        raise UsageError("--solutions and --submission exclude each other.")
    if arguments.solutions:
        if not course.solutions.is_dir():
            raise UsageError("There is no solutions/ here: this is a hand-out for students.")
        return course.solutions
    if arguments.submission is None:
        return course.exercises
    place = Path(arguments.submission)
    if not place.exists() and not place.is_symlink():
        raise UsageError(f"--submission {place} does not exist.")
    if not place.is_dir() and len(weeks) > 1:
        raise UsageError(f"{place} is one file and cannot be {len(weeks)} weeks; name a folder.")
    return place


def image_source(data: str) -> str:
    """Returns what --data names: "embedded", "tfds", or a folder by its whole path.

    Raises:
      UsageError: if it is none of them.
    """
    if data in ("embedded", "tfds"):
        return data
    if not Path(data).is_dir():
        raise UsageError(f"--data {data}: neither embedded nor tfds, and no such folder.")
    return str(Path(data).resolve())


def grade_command(argv: Sequence[str], course: Course) -> int:
    """Grades weeks; returns the exit status."""
    arguments = parser().parse_args(argv)
    weeks = chosen_weeks(arguments.weeks, course)
    if not weeks:
        raise UsageError("Say which week to grade: python -m grader week1.")
    tasks = chosen_tasks(arguments.task, weeks, course)
    place = place_of(arguments, weeks, course)
    if [arguments.json, arguments.junit, arguments.gradescope].count("-") > 1:
        raise UsageError("Only one of --json, --junit and --gradescope can go to stdout.")
    data = image_source(arguments.data)
    try:
        tier = tiers.choose(arguments.isolation, tiers.data_folders(data))
    except tiers.IsolationError as error:
        raise UsageError(str(error)) from None

    from grader import progress
    from grader.display import Display
    from grader.results.files import json_text, write_text
    from grader.results.gradescope import gradescope_text
    from grader.results.junit import junit_text
    from grader.results.model import exit_status
    from grader.secret import Secret
    from grader.session import Options, grade
    from grader.worker import compile_cache

    secret = Secret.fresh() if arguments.seed is None else Secret.from_seed(arguments.seed)
    options = Options(course, data, secret, arguments.device, tier, tasks)
    compiled = compile_cache.folder(course, place, tier)
    files = (
        (arguments.json, json_text),
        (arguments.junit, junit_text),
        (arguments.gradescope, gradescope_text),
    )
    piped = "-" in [target for target, _ in files]
    display = Display(stderr=piped)
    results = []
    stopped = False
    # Whatever a library prints while grading, stdout then holds the results alone.
    with contextlib.redirect_stdout(sys.stderr if piped else sys.stdout):
        try:
            for result in grade(weeks, place, options, display, compiled):
                results.append(result)
                if place == course.exercises:
                    progress.record(course, result)
        except KeyboardInterrupt:
            # What was judged until now is written down; the rest of that week is ungraded.
            stopped = True
            if display.week is not None and display.week not in results:
                results.append(display.week)
    for target, text in files:
        if target == "-":
            sys.stdout.write(text(results))
            sys.stdout.flush()
        elif target:
            write_text(Path(target), text(results))
    if stopped:
        raise KeyboardInterrupt
    return exit_status(results)


def main(argv: Sequence[str] | None = None, course: Course | None = None) -> int:
    """Runs a command.

    Args:
      argv: the arguments, those of the process by default.
      course: the course to work in; found from the current folder by default.

    Returns:
      The exit status.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a ✓ must not stop a run in an old locale
    course = course or find_course()
    try:
        if not argv:
            from grader import progress

            return progress.overview(course)
        from grader.commands import COMMANDS

        if argv[0] in COMMANDS:
            return COMMANDS[argv[0]](argv[1:], course)
        return grade_command(argv, course)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, and Python should not try.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return 2
    except Exception:
        # 1 would mean that a task did not pass; a fault of the grader's is 2.
        traceback.print_exc()
        print("This is a fault of the grader, not of your work.", file=sys.stderr)
        return 2
