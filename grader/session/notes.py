"""Describes what was left out of a submission at no cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.judge.student import StudentRaised
from grader.results.model import TaskResult
from grader.session.loading import Loading
from grader.source.program import Program
from grader.source.reading import Work
from grader.worker.output import printable

MOST = 8


def notes_on(work: Work, loading: Loading | None, tasks: Sequence[TaskResult]) -> list[str]:
    """Returns a sentence for each thing that was left out and that no task's message names.

    Args:
      work: the submission.
      loading: what happened to its cells, if any ran.
      tasks: the verdicts.
    """
    notes: list[str] = []
    if isinstance(work.program, Program):
        said = "\n".join(task.message for task in tasks)
        for place, text in _left_out(work.program, loading):
            if f"{place} " not in said:
                notes.append(printable(f"{place}: {text}", 300))
    if loading and loading.missing:
        names = ", ".join(loading.missing)
        notes.append(printable(f"Not available during grading: {names}.", 300))
    if len(notes) > MOST:
        notes[MOST - 1 :] = [f"And {len(notes) - MOST + 1} more things were left out."]
    return notes


def _left_out(program: Program, loading: Loading | None) -> Iterator[tuple[str, str]]:
    """Yields where something was left out, and what."""
    submission = program.submission
    for line, note in submission.notes:
        yield submission.where(line), f"{note}."
    for cell in submission.cells:
        if cell.problem:
            yield submission.where(cell.line), cell.problem
    for stop in loading.stopped.values() if loading else ():
        error = stop.error
        said = f"{error.kind}: {error.text}" if isinstance(error, StudentRaised) else error.text
        yield submission.where(stop.line), f"the cell stopped here. {said}"
