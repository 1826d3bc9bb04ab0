"""Judges what the text of a submission alone decides, before any worker starts."""

from __future__ import annotations

from dataclasses import dataclass

from grader.judge.explain import explain_unreadable
from grader.rubric import Task
from grader.source.forbidden import forbidden_use, reason
from grader.source.pasted import pasted
from grader.source.program import Program
from grader.source.submission import Cell, SubmissionError

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Finding:
    """Why a task did not pass.

    Attributes:
      status: one of the contract's, except "passed".
      rows: (label, text) pairs of the message.
      hint: what to try, or "".
      drawing: lines of blocks, for a terminal that can show them; see `Failure`.
    """

    status: str
    rows: Rows
    hint: str = ""
    drawing: tuple[str, ...] = ()


def settle(
    task: Task, program: Program | SubmissionError, reference: Program | None
) -> Finding | None:
    """Judges what the text shows: unreadable file, stub, missing name, forbidden piece.

    Args:
      task: the task.
      program: the student's, or why there is none.
      reference: the solution's, to compare signatures with; None compares none.

    Returns:
      None if the check must run.
    """
    if isinstance(program, SubmissionError):
        line = [("your line", program.your_line)] if program.your_line else []
        rows, hint = explain_unreadable(str(program), program.your_line)
        return Finding("error", [*rows, *line], hint)
    return (
        _unread(task, program)
        or _stub(task, program)
        or _missing(task, program)
        or _wrong_signature(task, program, reference)
        or (_pasted(task, program) if task.training else None)
        or _forbidden(task, program)
    )


def your_line(program: Program, line: int | None) -> Rows:
    """Returns the row of a message that quotes a student's line; none without a line."""
    return [("your line", program.submission.quote(line))] if line else []


def head_line(program: Program, name: str) -> Rows:
    """Returns the row that quotes where a function or class is defined; none if it is not."""
    definition = program.definition(name)
    return your_line(program, definition.lineno if definition else None)


def _unread(task: Task, program: Program) -> Finding | None:
    lost = program.lost(task.functions, {})
    return _broken(program, lost[1], lost[0]) if lost else None


def _broken(program: Program, cell: Cell, name: str) -> Finding:
    """Says why Python cannot read a cell that defines something a task needs."""
    rows, hint = explain_unreadable(cell.problem, program.submission.text(cell.line))
    rows += [*your_line(program, cell.line), ("it should define", name)]
    return Finding("error", rows, hint)


def _stub(task: Task, program: Program) -> Finding | None:
    for name in task.functions:
        if not program.is_stub(name):
            continue
        if not program.shadowed_line(name):
            return Finding("todo", [("", f"{name} is still the stub.")])
        said = f"{name} is defined twice, and the stub below is the one that counts:"
        return Finding("failed", [("", said), *head_line(program, name)], "Delete the stub.")
    return None


def _missing(task: Task, program: Program) -> Finding | None:
    for name in task.functions:
        if program.has(name):
            continue
        rows = [("", f"There is no {name} in {program.submission.path.name}.")]
        near = program.near_miss(name)
        if near:
            hint = f"Is it {near}? If so, rename it to {name}."
            return Finding("failed", rows + head_line(program, near), hint)
        for cell in reversed(program.submission.cells):
            if cell.problem:
                return _broken(program, cell, name)
        return Finding("failed", rows, f"Define it with this name: def {name}(…).")
    return None


def _wrong_signature(task: Task, program: Program, reference: Program | None) -> Finding | None:
    for name in task.functions if reference else ():
        expected = reference.definition(name) if reference else None
        wrong = program.wrong_signature(name, expected) if expected else None
        if wrong:
            line, sentence = wrong
            rows = [("", sentence), *your_line(program, line)]
            return Finding("failed", rows, "Keep the names and the order of the stub.")
    return None


def _forbidden(task: Task, program: Program) -> Finding | None:
    use = forbidden_use(program, task.functions, task.forbids)
    if use is None:
        return None
    said, hint = reason(use.name, task.training)
    if use.by_name:
        said = f"This task does not allow imports by name or computed names: {use.name}."
        hint = "Write import at the top of the file, and the name after a dot."
    return Finding("failed", [("", said), *your_line(program, use.line)], hint)


def _pasted(task: Task, program: Program) -> Finding | None:
    found = pasted(program, task.functions)
    if found is None:
        return None
    said = (
        f"Your training code uses {found.size / 1024:,.0f} KiB of {found.what} in the file. "
        f"At most {found.most // 1024} KiB are allowed, because a network must learn what it "
        "knows from training."
    )
    hint = "Return what you learn here from the arguments. Pasted parameters earn nothing."
    return Finding("failed", [("", said), *your_line(program, found.line)], hint)
