"""Explains an exception in the student's code: what happened, on which line, what to try."""

from __future__ import annotations

import re

from grader.judge.errors import advise
from grader.judge.student import StudentRaised
from grader.source.forbidden import reason
from grader.source.submission import Submission
from grader.worker.output import printable

CANNOT_READ = "Python cannot read this line: "


def first_sentence(text: str) -> str:
    """Returns the useful beginning of an exception's text, to which JAX adds pages."""
    text = re.split(r"\n\s*\n|\nSee https?:|The error occurred while tracing", text.strip())[0]
    text = re.sub(r"[:;]?\s*\(?https?://\S+", "", text)
    # A module's path and an object's address help no reader.
    text = re.sub(r" \(/[^()\s]+\)| at 0x[0-9a-f]+", "", text)
    text = " ".join(text.split())
    return printable(text, 260)


def explain(
    error: StudentRaised, submission: Submission, training: bool = False, returned: str = ""
) -> tuple[list[tuple[str, str]], str]:
    """Turns an exception into the rows of a message and what to try.

    Args:
      error: the exception, as the worker reports it.
      submission: the file, for the line.
      training: True if the task trains a network.
      returned: the statement that made what raised it, if it was none of the file's lines.
    """
    kind, said = printable(error.kind, 80), first_sentence(error.text)
    line = _line(error, submission)
    place = [("your line", submission.quote(line))] if line else []
    if error.forbidden:
        name = printable(error.forbidden, 80)
        said, hint = reason(name, training)
        return [("", said), *place], hint
    if kind in ("SystemExit", "KeyboardInterrupt"):
        return [
            ("", f"Your code ended the program ({kind}) instead of returning a value."),
            *place,
        ], ("Remove exit() and sys.exit().")
    if kind == "NotImplementedError" and line and "NotImplementedError" in submission.text(line):
        inner = printable(error.frames[-1][1], 80) if error.frames else "a function"
        return [("", f"This line calls {inner}, which is still the stub."), *place], (
            f"Write {inner} first."
        )
    rows = [("your code raised", f"{kind}: {said}" if said else kind)]
    function = _until(line, submission) if line else ""
    said_on = submission.text(line) if line else returned
    advice = advise(error.kind, error.text, said_on, function)
    hint = advice.do if advice else ""
    if advice:
        rows.append(("", advice.happened))
    if error.frames and error.frames[0][1] == "<module>":
        rows.append(("", "This line ran during the import of the file, before any task."))
        lines = 'Put lines that try things out under `if __name__ == "__main__":`.'
        hint = f"{hint} {lines}".strip()
    rows += place
    if len(error.frames) > 1 and line:
        outer = error.frames[0][0]
        if outer != line and 1 <= outer <= len(submission.lines):
            rows.append(("called from", submission.quote(outer)))
    return rows, hint


def explain_unreadable(problem: str, line: str) -> tuple[list[tuple[str, str]], str]:
    """Turns the reason why a text is not a program into the rows of a message and what to try.

    Args:
      problem: a sentence; in Python's own words where Python cannot read the text.
      line: the student's line.
    """
    rows = [("", problem)]
    if not problem.startswith(CANNOT_READ):
        return rows, ""
    advice = advise("SyntaxError", problem.removeprefix(CANNOT_READ), line)
    if advice is None:
        return rows, ""
    return [*rows, ("", advice.happened)], advice.do


def _until(line: int, submission: Submission) -> str:
    """Returns the text of the function that holds a line, up to this line."""
    first = line
    while first > 1 and submission.lines[first - 1][:1] in ("", " ", "\t", ")"):
        first -= 1
    return "\n".join(submission.lines[first - 1 : line])


def _line(error: StudentRaised, submission: Submission) -> int | None:
    """Returns the student's line to look at: the innermost one in the file, if there is any."""
    if error.line is not None:
        return error.line
    lines = [line for line, _ in error.frames if 1 <= line <= len(submission.lines)]
    return lines[-1] if lines else None
