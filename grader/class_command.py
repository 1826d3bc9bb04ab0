"""`python -m grader class DIR --out OUT`: every submission in a folder, into one gradebook."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import isolation
from grader.cli import UsageError, chosen_weeks, image_source
from grader.course import Course
from grader.submission import SubmissionError

ABOUT = """\
Grades the submissions in DIR, many at a time, and keeps the marks in OUT. DIR holds a folder or a
zip for each student, with week1.py, week3.ipynb, project.py … in it; exports of Moodle, Canvas and
GitHub Classroom are understood. Run it again to go on after a stop, to judge again what could not
be judged, and to grade what has changed; what is judged is not judged twice.
"""
EPILOG = """\
OUT holds grades.csv (one row per student), results/<student>/<week>.json with every message, and
grades.sqlite, which is the truth. `secret` in it belongs to the instructor alone: with it every
verdict can be had again.

Exit status: 0 every submission was judged, whatever its marks; 2 wrong usage, or something could
not be judged.
"""


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m grader class",
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("folder", metavar="DIR", type=Path, help="the submissions")
    made.add_argument("--out", metavar="OUT", type=Path, required=True, help="the gradebook")
    made.add_argument(
        "--weeks", nargs="+", default=[], metavar="WEEK", help="default: what somebody handed in"
    )
    made.add_argument("--data", metavar="embedded|tfds|DIR", default="embedded")
    made.add_argument("--seed", metavar="N", type=int, help="in place of a secret, to try it out")
    made.add_argument(
        "--isolation",
        choices=isolation.TIERS,
        default="auto",
        help="auto insists on the sandbox; `process` gives student code the rights of whoever "
        "grades",
    )
    made.add_argument(
        "--jobs", metavar="N", type=int, help="submissions at a time (default: cores)"
    )
    made.add_argument("--scheduler", metavar="ADDRESS", help=argparse.SUPPRESS)
    made.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="weights, due dates, waivers (TOML); it is copied to OUT/policy.toml and holds from "
        "then on",
    )
    return made


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _tier(asked: str) -> str:
    """Returns the tier; without being told so, nothing weaker than the sandbox.

    Raises:
      UsageError: if there is no sandbox here, and nothing else was asked for.
    """
    try:
        return isolation.choose("sandbox" if asked == "auto" else asked)
    except isolation.IsolationError as error:
        raise UsageError(
            f"{error}\nMarks are made in the sandbox. `--isolation process` grades without it: a "
            "submission can then read and change whatever you can."
        ) from None


def grade_class(argv: Sequence[str], course: Course) -> int:
    """Grades a class.

    Args:
      argv: the arguments after `class`.
      course: the grader's course.

    Returns:
      The exit status.
    """
    arguments = _parser().parse_args(argv)
    if arguments.scheduler is not None:
        raise UsageError("--scheduler is not available in this version yet.")
    if arguments.jobs is not None and arguments.jobs < 1:
        raise UsageError("--jobs is 1 or more.")
    data = image_source(arguments.data)
    tier = _tier(arguments.isolation)

    from grader.gradebook import Gradebook, GradebookError
    from grader.judging import Job
    from grader.marks import rubrics
    from grader.policy import PolicyError, bring_policy
    from grader.roster import read_roster

    try:
        roster = read_roster(arguments.folder)
    except SubmissionError as error:
        raise UsageError(str(error)) from None
    out = arguments.out.resolve()
    if out == arguments.folder.resolve():
        raise UsageError("OUT and DIR are the same folder; the marks need one of their own.")
    known = course.weeks()
    weeks = chosen_weeks(arguments.weeks, course) or [w for w in roster.weeks if w in known]
    try:
        book = Gradebook(out, {"data": data, "isolation": tier}, arguments.seed)
    except GradebookError as error:
        raise UsageError(str(error)) from None
    with book:
        everybody = frozenset(roster.students)
        try:
            policy, roster.times = bring_policy(arguments.policy, out, rubrics(), weeks, everybody)
        except PolicyError as error:
            raise UsageError(str(error)) from None
        book.set_class(roster, weeks)
        jobs, judged = [], 0
        for student in roster.students:
            for week in weeks:
                handed = roster.of(student, week)
                if handed is None:
                    continue
                if book.is_judged(student, week, handed.digest):
                    judged += 1
                    continue
                secret = book.attempt_secret(student, week, handed.digest)
                files, problem = handed.files, handed.problem
                jobs.append(Job(student, week, files, problem, handed.digest, secret, data, tier))
        for note in roster.notes:
            print(f"note: {note}")
        print(
            f"{len(roster.students)} students, {', '.join(weeks) or 'no week'}: "
            f"{len(jobs)} to judge, {judged} judged before; isolation {tier}."
        )
        return _judge_all(book, policy, jobs, arguments.jobs or _cores())


def _judge_all(book, policy, jobs, processes: int) -> int:
    from grader import classroom, tables
    from grader.marks import class_marks
    from grader.results import write_text

    progress = classroom.Progress(len(jobs))
    open_cases = []
    try:
        for job, result in classroom.run(jobs, processes):
            book.record(job.student, job.digest, result)
            progress.judged(job, result)
            if any(task["status"] == "ungraded" for task in result["tasks"]):
                open_cases.append((job, result))
    finally:
        progress.close()
        table = book.folder / "grades.csv"
        write_text(table, tables.grades(class_marks(book, policy)))
    print(f"{table} holds the points; results/ beside it every message.")
    if not open_cases:
        return 0
    print(f"{len(open_cases)} could not be judged; run the command again to try once more:")
    for job, result in open_cases[:10]:
        why = next(t["message"] for t in result["tasks"] if t["status"] == "ungraded")
        print(f"  {job.student}  {job.week}  {why.splitlines()[0][:200]}")
    return 2
