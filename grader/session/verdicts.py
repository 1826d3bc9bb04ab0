"""Turns what a check raised into a finding, and a finding into the contract's result of a task."""

from __future__ import annotations

from grader.judge.explain import explain
from grader.judge.failure import Failure
from grader.judge.student import Refused, StudentRaised
from grader.results.model import TaskResult
from grader.results.text import compose
from grader.rubric import Task
from grader.session.loading import CellStopped
from grader.session.settle import Finding, Rows, head_line, your_line
from grader.source.program import Program
from grader.source.silent import silent_mistake
from grader.worker.inside.frames import FrameError
from grader.worker.output import printable
from grader.worker.supervisor import WAITING, HostFault, WorkerGone

# What a check may raise if an answer does not have the form that it expects.
MISFITS = (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError)


def verdict(task: Task, finding: Finding | None, points: float, seconds: float) -> TaskResult:
    """Returns the result of a task.

    Args:
      task: the task.
      finding: why it did not pass; None if it did.
      points: what it earned, 0 … task.points.
      seconds: how long judging it took.
    """
    rows = finding.rows if finding else []
    result = TaskResult(
        name=task.name,
        title=task.title,
        status=finding.status if finding else "passed",
        points=points,
        max_points=float(task.points),
        seconds=seconds,
        message=compose([(label, printable(text, 400)) for label, text in rows]),
        hint=printable(finding.hint, 600) if finding else "",
    )
    result.drawing = finding.drawing if finding else ()
    return result


def ungraded(task: Task, why: str) -> TaskResult:
    """Returns the result of a task that could not be judged, through no fault of the student's."""
    return TaskResult(task.name, task.title, "ungraded", 0.0, float(task.points), message=why)


def finding_of(error: Exception, task: Task, program: Program, answered: bool) -> Finding:
    """Explains what a check, or the worker it asked, raised.

    Args:
      error: what was raised.
      task: the task.
      program: the student's.
      answered: whether the student's code had given the check something to work with.
    """
    import lib

    submission, head = program.submission, head_line(program, task.functions[0])
    if isinstance(error, CellStopped):
        return _stopped(error, program)
    if isinstance(error, Failure):
        hint = error.hint
        if any(text.startswith("None (") for _, text in error.rows) and any(
            program.print_line(name) for name in task.functions
        ):
            hint = "print only shows a value. `return` passes it back to the caller."
        rows = _with_silent_mistake(error.rows, task, program)
        return Finding("failed", rows, hint, error.drawing)
    if isinstance(error, Refused):
        rows = [("", f"The grader cannot take what your code returned: {error}."), *head]
        hint = "Return numbers, arrays, or lists, tuples and dicts of them."
        return Finding("failed", rows, hint)
    if isinstance(error, StudentRaised):
        returned = program.last_statement(task.functions[0])
        rows, hint = explain(error, submission, task.training, returned)
        if not any(label == "your line" for label, _ in rows):
            # It came from using what the function had returned.
            rows += your_line(program, program.last_line(task.functions[0]))
        return Finding("failed" if error.forbidden else "error", rows, hint)
    if isinstance(error, WorkerGone):
        if error.line is not None and submission.text(error.line):
            where = [("your line", submission.quote(error.line))]
        else:
            where = head
        hint = ""
        if error.cause == "timeout":
            hint = "Does a loop never end, or does Python loop over single numbers?"
            if WAITING in error.text:
                hint = (
                    "Does it wait for input, a lock or another program? If the machine was busy "
                    "with other work, that can also be the cause: grade it again."
                )
        return Finding(error.cause, [("", error.text), *where], hint)
    if isinstance(error, HostFault | lib.DataError):
        return Finding("ungraded", [("", str(error))])
    said = ("it said", f"{type(error).__name__}: {error}")
    if answered and isinstance(error, MISFITS):
        what = "The check cannot work with the form of what your code returned."
        rows = [("", what), said, *head]
        return Finding("failed", rows, "Compare types and shapes with the docstring.")
    what = "cannot send" if isinstance(error, FrameError) else "failed"
    return Finding("ungraded", [("", f"The check itself {what}; this is not your fault."), said])


def _with_silent_mistake(rows: Rows, task: Task, program: Program) -> Rows:
    """Adds a student's line that does not do what it seems to, if there is one."""
    silent = silent_mistake(program, task.functions)
    if silent is None:
        return rows
    line = program.submission.quote(silent.line)
    kept = [row for row in rows if row != ("your line", line)]
    first = next((i for i, row in enumerate(kept) if row[0] == "your line"), len(kept))
    return [*kept[:first], ("look at", line), ("", silent.sentence), *kept[first:]]


def _stopped(found: CellStopped, program: Program) -> Finding:
    """Explains that something is not defined because its cell stopped first."""
    submission, stop, error = program.submission, found.stop, found.stop.error
    part = "cell" if len(submission.cells) > 1 else "file"
    why = f"its {part} stopped first"
    if found.missed:
        why = f"its cell needs {found.missed}, whose cell stopped first"
    rows = [("", f"{found.name} is not defined: {why}.")]
    if isinstance(error, StudentRaised):
        raised, hint = explain(error, submission)
        if not any(label == "your line" for label, _ in raised):
            raised += your_line(program, stop.line)
        return Finding("error", rows + raised, hint)
    line = stop.line
    if error.line is not None and submission.text(error.line):
        line = error.line
    hint = 'Put lines that try things out under `if __name__ == "__main__":`.'
    return Finding(error.cause, [*rows, ("", error.text), *your_line(program, line)], hint)
