"""`python -m grader new week9`: a new week or task to fill in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from grader.cli.usage import UsageError
from grader.course import Course

ABOUT = """\
Writes a new week with one task, or a new task of an existing week.

  python -m grader new WEEK [NAME]            NAME is the first task's (default: first_task)
  python -m grader new task NAME --week WEEK

The command writes the solution, its check, the exercise made from it, the lesson, the explanation
and wrong answers, all small and complete: `python -m grader WEEK --solutions` passes at once. Then
replace them with your own; comments say what to write, docs/new-week.md explains how. The command
overwrites nothing, and you need to change no other file.
"""


def new(argv: Sequence[str], course: Course) -> int:
    """Writes a new week or task."""
    parser = argparse.ArgumentParser(
        prog="python -m grader new",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s WEEK [NAME] | task NAME --week WEEK",
    )
    parser.add_argument("what", metavar="WEEK", help='"week" and its number, or "task"')
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="name of the task and of its function"
    )
    parser.add_argument("--week", metavar="WEEK", help="the week of the task")
    arguments = parser.parse_args(argv)
    is_task = arguments.what == "task"
    if is_task and not (arguments.name and arguments.week):
        raise UsageError("Name the task and its week: python -m grader new task NAME --week WEEK")
    if not is_task and arguments.week:
        raise UsageError("--week needs a task: python -m grader new task NAME --week WEEK")
    if not course.solutions.is_dir():
        raise UsageError(
            "There is no solutions/ here: this is a hand-out for students. New weeks and tasks are "
            "written in the complete course."
        )
    if not course.holds(course.checks):
        raise UsageError(
            f"This is not the grader of {course.root}; its checks are in {course.checks}. "
            "Run the command in its own checkout."
        )

    from grader.authoring.new import AuthoringError, new_task, new_week

    week = arguments.week if is_task else arguments.what
    name = arguments.name or "first_task"
    try:
        files = (new_task if is_task else new_week)(course, week, name)
    except AuthoringError as error:
        raise UsageError(str(error)) from None
    for path in files:
        print(path.relative_to(course.root))
    print(
        f"It passes already: python -m grader {week} --solutions --task {name}\n"
        f"Replace it with your own, then: python -m grader stubs {week}"
    )
    return 0
