"""`python -m grader class DIR --out OUT`: every submission in a folder, into one gradebook."""

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
archive for each student, with a file for each week in it, WEEK.py or WEEK.ipynb; exports of Moodle,
Canvas, GitHub Classroom, Gradescope, Blackboard and Brightspace are understood. Run it again to go
on after a stop, to judge again what could not be judged, and to grade what has changed; what is
judged is not judged twice. OUT remembers a term: grade each week's export into the same OUT.
"""
EPILOG = """\
OUT holds grades.csv (one row per student; an empty cell where something came in and could not be
taken or judged), intake.csv (one row for every file that was found, and what became of it),
results/<student>/<week>.json with every message, and grades.sqlite, which is the truth. `secret` in
it belongs to the instructor alone: with it every verdict can be had again.

Exit status: 0 every submission was judged, whatever its marks; 2 wrong usage, or something could
not be taken or judged.
"""
LONGEST = 240  # characters of why a cell is empty
LISTED = 20  # empty cells that are named at the end


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
        help="weights, due dates, waivers, which file counts (TOML); it is copied to "
        "OUT/policy.toml and holds from then on",
    )
    made.add_argument(
        "--roster",
        metavar="FILE",
        type=Path,
        help="everybody in the class (CSV: name,id,username,email,also); it is copied to "
        "OUT/roster.csv and holds from then on",
    )
    made.add_argument(
        "--again",
        action="store_true",
        help="judge anew all that was judged, of --weeks or of the whole term, as it was handed in "
        "then; a verdict stands until the new one is there",
    )
    return made


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
    from grader.classroom.gradebook import ROSTER, Gradebook, GradebookError
    from grader.classroom.policy_file import PolicyError
    from grader.classroom.term import changed_rubrics, take_in
    from grader.intake.collect import collect
    from grader.intake.roster import RosterError, read_roster, with_earlier

    out = arguments.out.resolve()
    if out == arguments.folder.resolve():
        raise UsageError("OUT and DIR are the same folder; the marks need one of their own.")
    chosen = chosen_weeks(arguments.weeks, course)
    if out.is_relative_to(arguments.folder.resolve()):
        raise UsageError(
            f"{arguments.out} lies in {arguments.folder}, where it is taken for a student's. Name "
            "a folder elsewhere; one with marks in it may be moved there."
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
    """Returns what waits for a verdict, of some weeks and of who is in the class."""
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
        print(f"note: not written, but kept in grades.sqlite: {each}")
    print(f"{table} holds the points; results/ beside it every message.")
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
        f"{len(empty)} could not be taken or judged, and count nothing yet. The policy says which "
        "file counts; what could not be judged is tried again when you run the command again:"
    )
    for student, week, reason in empty[:LISTED]:
        print(f"  {student}  {week}  {_shortened(reason)}")
    if len(empty) > LISTED:
        print(f"  and {len(empty) - LISTED} more; {book.folder / 'intake.csv'} has all files.")
    return 2


def _shortened(reason: str) -> str:
    """Returns a reason on one line: what is long loses its middle, and what to do stays."""
    cause, _, remedy = reason.partition("\n")
    cause = " ".join(cause.split())
    if len(cause) > LONGEST:
        cause = f"{cause[: LONGEST // 2]} … {cause[-LONGEST // 2 :]}"
    return f"{cause} {' '.join(remedy.split())}"[: 4 * LONGEST].strip()


def _lack(mark: WeekMark) -> str:
    """Returns why there are no points."""
    messages = [task["message"] for task in mark.tasks if task["status"] == "ungraded"]
    return next(filter(None, [mark.open, *messages, *mark.notes]), mark.state)
