"""A run's part in a term: what its DIR adds to OUT, and notes on it for the instructor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from grader.classroom import policy_file, tables
from grader.classroom.gradebook import ROSTER, Gradebook
from grader.classroom.marks import rubrics
from grader.classroom.policy import Policy
from grader.course import COURSE, week_order
from grader.intake.collect import Collected
from grader.intake.decide import decide
from grader.intake.model import Cell, Handed, Intake, Person
from grader.results.files import write_text
from grader.source.program import Program
from grader.source.reading import NothingWritten, work_of
from grader.source.stubs import task_functions

OF_ONE_COPY = 60  # seconds between the times of files that were copied together
NAMED = 4  # students named in a note


def take_in(
    book: Gradebook,
    folder: Path,
    collected: Collected,
    people: Sequence[Person],
    chosen: Sequence[str],
    policy_from: Path | None,
    roster_from: Path | None,
) -> tuple[Policy, list[str], list[str]]:
    """Decides which files in DIR count, and records it in the gradebook.

    Args:
      book: the gradebook.
      folder: DIR.
      collected: what it holds.
      people: the roster.
      chosen: the weeks to judge now; if empty, those that were handed in.
      policy_from: a policy that applies from now on.
      roster_from: the file of a roster that applies from now on.

    Returns:
      The policy, the weeks to judge now, and notes for the instructor.

    Raises:
      PolicyError: if the policy cannot be used.
      SubmissionError: if it names a file that was not handed in.
    """
    everybody = frozenset({*collected.students, *book.students})
    path = policy_from or book.folder / policy_file.NAME
    choices: Mapping[Cell, str] = {}
    if policy_from or path.exists():
        former = {old: name for name, former in collected.former.items() for old in former}
        called = former | book.renamed
        choices = policy_file.read_policy(path, rubrics(), [], everybody, called).files
    intake = decide(collected, COURSE.weeks(), choices)
    came = {week for _, week in (*intake.handed, *intake.open) if week}
    weeks = list(chosen) or sorted(came, key=week_order)
    notes = [*intake.notes, *book.join(intake, people)]

    term = sorted({*book.weeks, *weeks}, key=week_order)
    handed = book.handed
    hints = {cell: why for cell, why in intake.hints.items() if cell[1] in term}
    intake = replace(intake, hints={cell: hints[cell] for cell in hints.keys() - handed.keys()})
    policy, times = policy_file.bring_policy(
        policy_from, book.folder, rubrics(), term, everybody, book.renamed
    )
    if roster_from and roster_from.resolve() != book.folder / ROSTER:
        write_text(book.folder / ROSTER, roster_from.read_bytes().decode("utf-8"))
    before, came_before = book.handed, _came_before(book, intake)
    stubs = _new_stubs(book, intake, policy.files)
    intake = _without(intake, stubs, "empty or all stubs; what was handed in before counts")
    older = _older(book, intake, str(folder.resolve())) - policy.files.keys()
    intake = _without(intake, older, "handed in before a file that could not be accepted")
    none = {cell for cell, place in policy.files.items() if place == "none"}
    gone = book.hand_in(intake, weeks, none, str(folder.resolve()))
    write_text(book.folder / "intake.csv", tables.intake(book.intake))
    if times is not None:
        book.correct_times(times)

    stubs = {cell for cell in stubs if cell[1] in weeks}
    now = {cell for cell in intake.handed if cell[1] in weeks}
    unlisted = now - times.keys() if times is not None else ()
    absent = {cell for cell in before if cell[1] in weeks and cell[0] not in policy.left}
    absent -= now | stubs | none | book.open.keys()
    notes += _note("Not in the list of times, so treated as on time", unlisted)
    notes += _note("Nothing in DIR now, so the mark of an earlier run is kept", absent)
    notes += _note("Empty or all stubs now, so what was handed in before counts", stubs)
    notes += _note("Handed in again after another file, so it counts again", now & came_before)
    notes += _note(
        "Handed in before a file that could not be accepted, so the cell stays empty (write "
        '"none" in the policy to keep the earlier mark)',
        {cell for cell in older if cell[1] in weeks},
    )
    if policy.submitted == "files":
        notes += _times_of_copies({cell: intake.handed[cell].time for cell in now})
    notes += _note("No longer empty, since the file turned out to be another week's", gone)
    return policy, weeks, notes


def changed_rubrics(book: Gradebook) -> Iterator[str]:
    """Yields a sentence for each week with verdicts that were made with an earlier rubric."""
    for week, students in book.outdated().items():
        yield from _note(
            f"The tasks, checks or points of {week}, or lib, have changed since these were judged; "
            "use --again to judge them again",
            {(student, week) for student in students},
        )


def _note(what: str, cells: Collection[Cell]) -> list[str]:
    """Returns a sentence that names the first few cells, if there are any."""
    named = ", ".join(f"{student} {week}" for student, week in sorted(cells)[:NAMED])
    more = f" and {len(cells) - NAMED} more" if len(cells) > NAMED else ""
    return [f"{what} ({len(cells)}): {named}{more}."] if cells else []


def _came_before(book: Gradebook, intake: Intake) -> set[Cell]:
    """Returns the cells whose file was handed in before, but not last."""
    last = book.handed
    return {
        cell
        for cell, work in intake.handed.items()
        if last.get(cell, work.digest) != work.digest
        and any(attempt.digest == work.digest for attempt in book.attempts(*cell))
    }


def _older(book: Gradebook, intake: Intake, folder: str) -> set[Cell]:
    """Returns cells that a file in another folder left empty, and whose work here is older.

    A file with a later time counts as handed in again.
    """
    empty = book.open.keys() - book.open_for(folder)
    return {
        cell
        for cell in empty & intake.handed.keys()
        for work in [intake.handed[cell]]
        for attempt in book.attempts(*cell)
        if attempt.digest == work.digest
        and (None in (work.time, attempt.time) or (work.time or 0) <= (attempt.time or 0))
    }


def _times_of_copies(times: Mapping[Cell, float | None]) -> Iterator[str]:
    """Yields a sentence for each week whose files all have the same time, as after a download."""
    by_week: dict[str, list[float]] = {}
    for (_, week), time in sorted(times.items()):
        if time is not None:
            by_week.setdefault(week, []).append(time)
    for week, found in by_week.items():
        if len(found) > 1 and max(found) - min(found) < OF_ONE_COPY:
            when = datetime.fromtimestamp(max(found)).strftime("%Y-%m-%d %H:%M")
            yield (
                f"All {len(found)} files of {week} are dated {when}, like files that were copied "
                "or are in one archive. They may have been handed in earlier. Unpack the export so "
                "that they keep their times, or list the times in a CSV file (`submitted`)."
            )


def _new_stubs(book: Gradebook, intake: Intake, decided: Collection[Cell]) -> set[Cell]:
    """Returns the cells where a file with nothing but stubs follows another file.

    A clone of the hand-out holds the stubs of all weeks, even of those handed in elsewhere.
    """
    last, empty = book.handed, book.open
    return {
        cell
        for cell, work in intake.handed.items()
        if (cell in empty or last.get(cell, work.digest) != work.digest)
        and cell not in decided
        and _is_stub(work)
    }


def _without(intake: Intake, cells: Collection[Cell], reason: str) -> Intake:
    """Returns the intake without the work of some cells; their files get the reason."""
    left = {cell: work for cell, work in intake.handed.items() if cell not in cells}
    places = {(cell[0], intake.handed[cell].source) for cell in cells}
    files = [
        replace(each, week="", reason=reason) if (each.student, each.file) in places else each
        for each in intake.files
    ]
    return replace(intake, handed=left, files=files)


def _is_stub(work: Handed) -> bool:
    functions = task_functions(COURSE, work.week)
    program = work_of(work.files, work.week, functions).program
    if isinstance(program, NothingWritten):
        return True
    return isinstance(program, Program) and program.has_only_stubs(functions)
