"""`python -m grader week3`: grades weeks, then shows and saves the verdicts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.cli import streams
from grader.cli.usage import (
    UsageError,
    begun_weeks,
    chosen_tasks,
    chosen_weeks,
    image_source,
    place_of,
)
from grader.course import COURSE, Course
from grader.worker import tiers

DESCRIPTION = """\
Grades the course's exercises, shows hints and remembers your progress.

  python -m grader                      show your progress and what to do next
  python -m grader {week}                grade exercises/{week}.py
  python -m grader WEEK WEEK            grade several weeks; `all` means every week, `begun`
                                        the weeks with your work in them
  python -m grader watch [WEEK]         grade on every save
  python -m grader hint WEEK [TASK]     give the next hint
  python -m grader explain WEEK TASK    sum up what a task taught, once it has passed
  python -m grader quiz WEEK            ask five questions about the lesson; no points
  python -m grader reset WEEK           restore the stub; your file is kept next to it
  python -m grader notebook WEEK        turn the exercise into a notebook
  python -m grader new WEEK             write a new week; `new task NAME --week WEEK`: a new task
  python -m grader stubs                write exercises/ from solutions/
  python -m grader class DIR --out OUT  grade DIR/<student>/WEEK.py; resumes after a stop
  python -m grader report OUT           show a class as an HTML page; --format canvas, moodle …
  python -m grader release DEST         write the hand-out for students, without solutions;
                                        --gradescope WEEK: a zip that grades on Gradescope
  python -m grader check-the-checks WEEK
                                        test a week's checks: solutions, wrong answers, mutants
  python -m grader doctor               report what this machine lacks and how to fix it
"""
EPILOG = """\
WEEK is one of {weeks}.

Exit status: 0 every task passed (other commands: done); 1 at least one task did not pass;
2 wrong usage, or something could not be judged.
"""


def _parser(course: Course) -> argparse.ArgumentParser:
    weeks = course.weeks()
    made = argparse.ArgumentParser(
        prog="python -m grader",
        description=DESCRIPTION.format(week=weeks[0]),
        epilog=EPILOG.format(weeks=", ".join(weeks)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("weeks", nargs="*", metavar="WEEK", help="a week, all, or begun")
    made.add_argument("--solutions", action="store_true", help="grade solutions/ instead")
    made.add_argument(
        "--submission",
        metavar="PATH",
        help="a folder with WEEK.py (or .ipynb), or that file",
    )
    made.add_argument(
        "--task", metavar="NAME", action="append", default=[], help="one task only (repeatable)"
    )
    made.add_argument(
        "--data",
        metavar="embedded|tfds|DIR",
        default="embedded",
        help="the source of the images (default: embedded)",
    )
    made.add_argument("--seed", metavar="N", type=int, help="use the same inputs in every run")
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


def grade_command(argv: Sequence[str], course: Course) -> int:
    """Grades weeks; returns the exit status."""
    arguments = _parser(course).parse_args(argv)
    if not arguments.weeks:
        raise UsageError(f"Say which week to grade: python -m grader {course.weeks()[0]}.")
    begun = "begun" in arguments.weeks
    weeks = chosen_weeks([name for name in arguments.weeks if name != "begun"], course)
    place = place_of(arguments, course.weeks() if begun else weeks, course)
    if begun:
        weeks = list(dict.fromkeys(weeks + begun_weeks(place, course)))
    tasks = chosen_tasks(arguments.task, weeks, course)
    if [arguments.json, arguments.junit, arguments.gradescope].count("-") > 1:
        raise UsageError("Only one of --json, --junit and --gradescope can go to stdout.")
    data = image_source(arguments.data)
    try:
        tier = tiers.choose(arguments.isolation, tiers.data_folders(data))
    except tiers.IsolationError as error:
        raise UsageError(str(error)) from None

    from grader.cli import progress
    from grader.cli.display import Display
    from grader.results.files import json_text, write_text
    from grader.results.gradescope import gradescope_text
    from grader.results.junit import junit_text
    from grader.results.model import exit_status
    from grader.secret import Secret
    from grader.session.options import Options
    from grader.session.week import grade
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
    own = place == course.exercises
    at_desk = own or (COURSE.holds(place) and not arguments.solutions)
    display = Display(
        stderr=piped,
        course=course if own else None,
        prints=at_desk and not streams.in_workflow(),
    )
    if begun:
        others = ", ".join(week for week in course.weeks() if week not in weeks)
        display.say(f"Not begun, or no file of that name there: {others or 'no week'}.")
    results = []
    stopped = None
    # Whatever a library prints while grading, stdout then holds only the results.
    with contextlib.redirect_stdout(sys.stderr if piped else sys.stdout):
        try:
            for result in grade(weeks, place, options, display, compiled):
                results.append(result)
                if own:
                    progress.record(course, result)
        except KeyboardInterrupt as stop:
            # Verdicts so far are saved; the rest of that week is ungraded.
            stopped = stop
            if display.week is not None and display.week not in results:
                results.append(display.week)
    for target, text in files:
        if target == "-":
            sys.stdout.write(text(results))
            sys.stdout.flush()
        elif target:
            write_text(Path(target), text(results))
    if stopped is not None:
        raise stopped
    return exit_status(results) if weeks else 0
