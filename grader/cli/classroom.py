"""`python -m grader class DIR --out OUT`: every submission in a folder, into one gradebook."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.cli.usage import UsageError, chosen_weeks, image_source
from grader.course import Course
from grader.source.submission import SubmissionError
from grader.worker import bubblewrap, tiers

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
        choices=tiers.TIERS,
        default="auto",
        help="auto insists on the sandbox or a user of its own; `process` gives student code the "
        "rights of whoever grades",
    )
    made.add_argument(
        "--jobs", metavar="N", type=int, help="submissions at a time (default: cores)"
    )
    made.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster that judges; default: this machine",
    )
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


def _tier(asked: str, private: Sequence[Path]) -> str:
    """Returns the tier; without being told so, none in which a submission has the grader's rights.

    Raises:
      UsageError: if what was asked for is not to be had, or by default neither of the two.
    """
    try:
        tier = tiers.choose(asked, private)
    except tiers.IsolationError as error:
        raise UsageError(str(error)) from None
    if tier == "process" and asked == "auto":
        raise UsageError(
            f"sandbox: {bubblewrap.sandbox_lack() or tiers.shown(private)}\n"
            f"user: {tiers.user_lack(tuple(map(str, private)))}\n"
            "Marks are made in one of these. `--isolation process` grades without: a submission "
            "can then read and change whatever you can."
        )
    return tier


def grade_class(argv: Sequence[str], course: Course) -> int:
    """Grades a class.

    Args:
      argv: the arguments after `class`.
      course: the grader's course.

    Returns:
      The exit status.
    """
    arguments = _parser().parse_args(argv)
    if arguments.scheduler and arguments.jobs:
        raise UsageError("--jobs is about this machine; on a cluster, `dask worker --nthreads N`.")
    if arguments.jobs is not None and arguments.jobs < 1:
        raise UsageError("--jobs is 1 or more.")
    data = image_source(arguments.data)
    private = [arguments.folder, arguments.out, *tiers.data_folders(data)]
    # On a cluster each machine has to have the tier; what one lacks is ungraded.
    if arguments.scheduler:
        tier = "sandbox" if arguments.isolation == "auto" else arguments.isolation
    else:
        tier = _tier(arguments.isolation, [Path(place).resolve() for place in private])

    from grader.classroom import dask, local
    from grader.classroom.gradebook import Gradebook, GradebookError
    from grader.classroom.intake import read_roster
    from grader.classroom.marks import rubrics
    from grader.classroom.policy_file import PolicyError, bring_policy
    from grader.classroom.pool import Job

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
        roster.notes += roster.without_time(weeks)
        book.set_class(roster, weeks)
        jobs, judged = [], 0
        for student in roster.students:
            for week in weeks:
                handed = roster.of(student, week)
                if handed is None:
                    continue
                if book.is_judged(student, week, handed.digest):
                    book.write_result(student, week, handed.digest)
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
        if arguments.scheduler is None:
            verdicts = local.run(jobs, arguments.jobs or _cores())
            return _judge_all(book, policy, jobs, verdicts)
        try:
            return _judge_all(book, policy, jobs, dask.run(jobs, arguments.scheduler))
        except dask.ClusterError as error:
            raise UsageError(str(error)) from None


def _judge_all(book, policy, jobs, verdicts) -> int:
    from grader.classroom import local, tables
    from grader.classroom.marks import class_marks
    from grader.results.files import write_text

    progress = local.Progress(len(jobs))
    open_cases = []
    try:
        with contextlib.closing(verdicts):
            for job, result in verdicts:
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
