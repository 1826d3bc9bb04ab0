"""`python -m grader class DIR --out OUT`: grades a folder of submissions into one gradebook."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli.usage import UsageError, chosen_weeks, cores, image_source
from grader.course import Course, week_order
from grader.source.submission import SubmissionError
from grader.worker import bubblewrap, tiers

if TYPE_CHECKING:
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marks import ClassMarks, WeekMark
    from grader.classroom.policy import Policy
    from grader.classroom.pool import Job

ABOUT = """\
Grades the submissions in DIR, many at a time, and keeps the marks in OUT. DIR holds a folder or an
archive for each student, with a file for each week in it: WEEK.py or WEEK.ipynb. DIR may also be
an export of Moodle, Canvas, GitHub Classroom, Gradescope, Blackboard or Brightspace. Run the
command again to resume after a stop, to retry what could not be judged, and to grade what has
changed; nothing is judged twice. OUT remembers a term: grade each week's export into the same OUT.
"""
EPILOG = """\
OUT holds grades.csv (one row per student; a cell is empty if a submission could not be accepted or
judged), intake.csv (one row for every file found, and what happened to it),
results/<student>/<week>.json with every message, and grades.sqlite, the source of truth. Keep its
`secret` to yourself: it reproduces every verdict.

Exit status: 0 every submission was judged, whatever its marks; 2 wrong usage, or something could
not be accepted or judged.
"""
LONGEST = 240  # characters of the reason for an empty cell
LISTED = 20  # empty cells named at the end


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
        "--weeks", nargs="+", default=[], metavar="WEEK", help="default: the weeks handed in"
    )
    made.add_argument("--data", metavar="embedded|tfds|DIR", default="embedded")
    made.add_argument(
        "--seed", metavar="N", type=int, help="use N instead of a secret, for a trial run"
    )
    made.add_argument(
        "--isolation",
        choices=tiers.TIERS,
        default="auto",
        help="auto requires the sandbox or a separate user; `process` gives student code your own "
        "rights",
    )
    made.add_argument(
        "--jobs", metavar="N", type=int, help="submissions judged at a time (default: one per core)"
    )
    made.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="judge on this Dask cluster (default: on this machine)",
    )
    made.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="weights, due dates, waivers, which file counts (TOML); copied to "
        "OUT/policy.toml, where it stays in force",
    )
    made.add_argument(
        "--roster",
        metavar="FILE",
        type=Path,
        help="everyone in the class (CSV: name,id,username,email,also); copied to "
        "OUT/roster.csv, where it stays in force",
    )
    made.add_argument(
        "--again",
        action="store_true",
        help="judge everything so far again (--weeks, or the entire term), from the files "
        "handed in at the time; each verdict stays until the new one arrives",
    )
    return made


def _tier(asked: str, private: Sequence[Path]) -> str:
    """Returns the tier; only if asked for, one in which a submission has the grader's rights.

    Raises:
      UsageError: if the tier asked for is not available, or by default neither of the others.
    """
    try:
        tier = tiers.choose(asked, private)
    except tiers.IsolationError as error:
        raise UsageError(str(error)) from None
    if tier == "process" and asked == "auto":
        raise UsageError(
            f"sandbox: {bubblewrap.sandbox_lack() or tiers.shown(private)}\n"
            f"user: {tiers.user_lack(tuple(map(str, private)))}\n"
            "Grading for marks needs one of these. `--isolation process` grades without: a "
            "submission can then read and change everything that you can."
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
        raise UsageError(
            "--jobs is for this machine; on a cluster, use `dask worker --nthreads N`."
        )
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
    from grader.classroom.gradebook import ROSTER, Gradebook, GradebookError
    from grader.classroom.policy_file import PolicyError
    from grader.classroom.term import changed_rubrics, take_in
    from grader.intake.collect import collect
    from grader.intake.roster import RosterError, read_roster, with_earlier

    out = arguments.out.resolve()
    if out == arguments.folder.resolve():
        raise UsageError("OUT and DIR are the same folder; the marks need a separate one.")
    chosen = chosen_weeks(arguments.weeks, course)
    if out.is_relative_to(arguments.folder.resolve()):
        raise UsageError(
            f"{arguments.out} is in {arguments.folder}, and would be taken for a student's folder. "
            "Name a folder elsewhere; you can move one with marks in it."
        )
    roster = arguments.roster or out / ROSTER
    try:
        people = read_roster(roster) if arguments.roster or roster.is_file() else ()
        if (out / "grades.sqlite").is_file():
            with Gradebook(out) as book:
                people = with_earlier(people, book.people, book.numbers)
        collected = collect(arguments.folder, people)
        book = Gradebook(out, {"data": data, "isolation": tier}, arguments.seed)
    except (RosterError, SubmissionError, GradebookError) as error:
        raise UsageError(str(error)) from None
    with book:
        try:
            policy, weeks, notes = take_in(
                book, arguments.folder, collected, people, chosen, arguments.policy,
                arguments.roster,
            )  # fmt: skip
        except (PolicyError, SubmissionError, GradebookError) as error:
            raise UsageError(str(error)) from None
        if arguments.again:
            book.judge_again(chosen or book.weeks)
        for note in [*notes, *changed_rubrics(book), *book.restore_results()]:
            print(f"note: {note}")
        jobs = _jobs(book, policy, chosen or course.weeks(), data, tier)
        waiting = {(job.student, job.week) for job in jobs}
        judged = [cell for cell in book.handed if cell[1] in weeks and cell not in waiting]
        weeks = sorted({*weeks, *(job.week for job in jobs)}, key=week_order)
        print(
            f"{len(book.students)} students, {', '.join(weeks) or 'no week'}: "
            f"{len(jobs)} to judge, {len(judged)} judged before; isolation {tier}."
        )
        if arguments.scheduler is None:
            return _judge_all(book, policy, jobs, local.run(jobs, arguments.jobs or cores()))
        try:
            return _judge_all(book, policy, jobs, dask.run(jobs, arguments.scheduler))
        except dask.ClusterError as error:
            raise UsageError(str(error)) from None


def _jobs(book: Gradebook, policy: Policy, weeks: Sequence[str], data: str, tier: str) -> list[Job]:
    """Returns the jobs of the given weeks and the people in the class that wait for a verdict."""
    from grader.classroom.pool import Job

    return [
        Job(
            student, week, book.files(digest), digest,
            book.attempt_secret(student, week, digest), data, tier,
        )
        for student, week, digest in book.to_judge()
        if week in weeks and student not in policy.left
    ]  # fmt: skip


def _judge_all(
    book: Gradebook,
    policy: Policy,
    jobs: Sequence[Job],
    verdicts: Generator[tuple[Job, dict[str, Any]]],
) -> int:
    from grader.classroom import local, tables
    from grader.classroom.marks import class_marks
    from grader.results.files import write_text

    progress = local.Progress(len(jobs))
    unwritten = []
    try:
        with contextlib.closing(verdicts):
            for job, result in verdicts:
                try:
                    book.record(job.student, job.digest, result)
                except OSError as error:
                    unwritten.append(f"results/{job.student}/{job.week}.json: {error.strerror}")
                progress.judged(job, result)
    finally:
        progress.close()
        marks = class_marks(book, policy)
        table = book.folder / "grades.csv"
        write_text(table, tables.grades(marks))
    for each in unwritten:
        print(f"note: not written, but safe in grades.sqlite: {each}")
    print(f"{table} holds the points; results/ next to it holds every message.")
    return _say_what_is_empty(book, policy, marks)


def _say_what_is_empty(book: Gradebook, policy: Policy, marks: ClassMarks) -> int:
    """Names the empty cells, and why; returns the exit status."""
    empty = [
        (each.student, mark.week, _lack(mark))
        for each in marks.students
        for mark in each.weeks
        if mark.points is None
    ]
    named = {student for student, _, _ in empty}
    empty += [
        (student, "no week", why)
        for (student, week), why in book.open.items()
        if not week and student not in named | policy.left
    ]
    if not empty:
        return 0
    print(
        f"{len(empty)} {'cell has' if len(empty) == 1 else 'cells have'} no points yet: the work "
        "could not be accepted or judged. Choose a file in the policy, or run the command again to "
        "retry:"
    )
    for student, week, reason in empty[:LISTED]:
        print(f"  {student}  {week}  {_shortened(reason)}")
    if len(empty) > LISTED:
        print(f"  and {len(empty) - LISTED} more; {book.folder / 'intake.csv'} has all files.")
    return 2


def _shortened(reason: str) -> str:
    """Returns a reason on one line: a long cause loses its middle, what to do stays."""
    cause, _, remedy = reason.partition("\n")
    cause = " ".join(cause.split())
    if len(cause) > LONGEST:
        cause = f"{cause[: LONGEST // 2]} … {cause[-LONGEST // 2 :]}"
    return f"{cause} {' '.join(remedy.split())}"[: 4 * LONGEST].strip()


def _lack(mark: WeekMark) -> str:
    """Returns why there are no points."""
    messages = [task["message"] for task in mark.tasks if task["status"] == "ungraded"]
    return next(filter(None, [mark.open, *messages, *mark.notes]), mark.state)
