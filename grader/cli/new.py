"""`python -m grader new week9`: a new week, or a new task, to be filled in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from grader.cli.usage import UsageError
from grader.course import Course

ABOUT = """\
Writes a new week with one task, or a new task of a week that there is.

  python -m grader new WEEK [NAME]            NAME is the first task's; first_task if left out
  python -m grader new task NAME --week WEEK

Written are the solution, its check, the exercise made from it, the lesson, the explanation and
wrong answers, all of them small and complete: `python -m grader WEEK --solutions` passes at once.
Then put your own in their place; comments say what, docs/new-week.md says how. Nothing that is
there is overwritten, and no other file has to be touched.
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
    parser.add_argument("name", metavar="NAME", nargs="?", help="of the task and of its function")
    parser.add_argument("--week", metavar="WEEK", help="whose task it is")
    arguments = parser.parse_args(argv)
    is_task = arguments.what == "task"
    if is_task and not (arguments.name and arguments.week):
        raise UsageError("Name the task and its week: python -m grader new task NAME --week WEEK")
    if not is_task and arguments.week:
        raise UsageError("--week goes with a task: python -m grader new task NAME --week WEEK")
    if not course.solutions.is_dir():
        raise UsageError(
            "There is no solutions/ here: this is a hand-out for students. New weeks and tasks are "
            "written in the complete course."
        )
    if not course.holds(course.checks):
        raise UsageError(
            f"This grader is not that of {course.root}; its checks are in {course.checks}. "
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
        f"Put your own in its place, then: python -m grader stubs {week}"
    )
    return 0
