"""Results as text for people: the lines of a terminal, the rows of a message."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from grader.results.model import TaskResult, WeekResult

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# What a submission can do in a tier but not in the sandbox.
RISKS = {
    "user": "see the machine's other processes and write where every user may",
    "process": "read and change whatever the grading user can",
}
MAX_LINES = 12  # of a message with its hint
MAX_WIDTH = 300
PROSE_WIDTH = 100  # columns, beyond which lines are hard to read
LABEL_WIDTH = 17  # the longest label, "your code raised", and a space
# A row of a message that begins with a label: its text has a column to itself.
LABELLED = re.compile(rf"(?:your code raised |.{{{LABEL_WIDTH - 2}}}  )\S")


def compose(rows: list[tuple[str, str]]) -> str:
    """Puts the rows of a message below each other: a label of fixed width, then the text."""
    lines = []
    for label, text in rows:
        text = text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
        lines.append(f"{label:<{LABEL_WIDTH}}{text}" if label else text)
    return "\n".join(lines[: MAX_LINES - 1])


def tier_note(tiers: Iterable[str]) -> str:
    """Returns a sentence on how the code was isolated while it was judged."""
    found = sorted(set(tiers))
    weaker = [tier for tier in found if tier != "sandbox"]
    if not weaker:
        return "Graded in the sandbox." if found else ""
    return (
        f"Graded in the tier {' and '.join(weaker)}, which is weaker than the sandbox: "
        f"a submission could {'; '.join(RISKS[tier] for tier in weaker)}."
    )


LOOK = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "todo": ("·", "dim"),
    "error": ("✗", "red"),
    "timeout": ("✗", "red"),
    "crashed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "ungraded": ("?", "yellow"),
}


LINK = re.compile(r"\[([^]]+)\]\(([^)\s]+)\)")
BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])")  # but not a power in code
COMMAND = re.compile(r"##(?=\[)|^\s*:(?=:)", re.MULTILINE)
# Replacements for signs that an output's encoding does not have.
WORDS = {
    **{"✓": "ok", "✗": "failed", "·": "-", "…": "...", "–": "-", "—": "-", "×": "x", "→": "->"},
    **{"│": "|", "■": "#", "□": "-", "≥": ">=", "≤": "<=", "“": '"', "”": '"', "’": "'", "‘": "'"},
    **dict.fromkeys("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "*"),  # the sign of what is running
}


def in_words(error: UnicodeError) -> tuple[str, int]:
    """Replaces what cannot be encoded with a word or "?", as `codecs.register_error` asks.

    Raises:
      UnicodeError: the same, for bytes that cannot be decoded.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(WORDS.get(sign, "?") for sign in signs), error.end


def without_commands(text: str) -> str:
    """Returns a text in which GitHub's runner finds no command: `##[…]` anywhere, `::` first.

    It puts a space into each.
    """
    return COMMAND.sub(r"\g<0> ", text)


def drawing_text(task: TaskResult, console: Console) -> Text | None:
    """Returns a task's images in blocks; None without any, or if the console cannot show them.

    Args:
      task: the task.
      console: the console; it must be a terminal that has the signs and is wide enough.
    """
    from rich.text import Text

    lines = [f"     {line}" for line in task.drawing]
    shows = console.file.isatty() and not console.is_dumb_terminal
    if not lines or not shows or max(map(len, lines)) > console.width:
        return None
    try:
        "\n".join(lines).encode(console.encoding)
    except (UnicodeError, LookupError):
        return None
    return Text("\n".join(lines))


def number(points: float) -> str:
    """Writes points without trailing zeros: 2, 1.5."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def task_text(task: TaskResult, width: int | None = None) -> Text:
    """Returns a task's text: one line, and the message below it if the task did not pass.

    Args:
      task: the verdict.
      width: of the screen in columns, where longer lines of the message break; None breaks none.
    """
    from rich.text import Text

    sign, style = LOOK[task.status]
    text = Text()
    text.append(f" {sign} ", style=style)
    text.append(f"{task.title}", style="" if task.status != "todo" else "dim")
    text.append(f"  {task.name}", style="dim")
    score = f"  {number(task.points)}/{number(task.max_points)}"
    text.append(score, style=style)
    if task.status not in ("passed", "failed"):
        text.append(f"  {task.status}", style=style)
    if task.seconds >= 1:
        text.append(f"  {task.seconds:.1f} s", style="dim")
    if task.message and task.status != "todo":
        for line in task.message.split("\n"):
            text.append("\n" + _broken(line, width))
    if task.hint and task.status not in ("todo", "passed"):
        label, hint = f"     {'try':<{LABEL_WIDTH}}", f"{'try':<{LABEL_WIDTH}}{task.hint}"
        text.append(f"\n{label}", style="bold")
        text.append(_broken(hint, width).removeprefix(label))
    return text


def _broken(line: str, width: int | None) -> str:
    """Indents a line of a message, and breaks it between words if it is too long."""
    if width is None or len(line) + 5 <= width:
        return f"     {line}"
    below = " " * (5 + LABEL_WIDTH if LABELLED.match(line) else 5)
    made = textwrap.wrap(
        line,
        max(60, width),
        initial_indent=" " * 5,
        subsequent_indent=below,
        break_on_hyphens=False,
    )
    return "\n".join(made)


def output_text(output: str, label: str) -> Text:
    """Returns what the student's code printed, marked as such.

    Args:
      output: its lines.
      label: says what printed them.
    """
    from rich.text import Text

    return Text("\n".join(f"     │ {line}" for line in [label, *output.split("\n")]), "dim")


def prose(markdown: str, width: int | None = None, indent: int = 0) -> str:
    """Returns paragraphs of Markdown as plain text: a link's address after its words.

    Args:
      markdown: paragraphs without lists or code blocks.
      width: of the screen in columns; None leaves each paragraph in one line.
      indent: spaces in front of each line.
    """
    if width is not None:
        width = max(20, min(width, PROSE_WIDTH) - indent)
    paragraphs = []
    for text in re.split(r"\n\s*\n", markdown.strip()):
        text = LINK.sub(r"\1 (\2)", " ".join(text.split()))
        text = BOLD.sub(r"\1", text)
        lines = [text]
        if width is not None:
            lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        paragraphs.append("\n".join(" " * indent + line for line in lines))
    return "\n\n".join(paragraphs)


def heading(week: str, submission: str, notes: list[str]) -> Text:
    """Returns the line above a week's tasks."""
    from rich.text import Text

    text = Text()
    text.append(week, style="bold")
    text.append(f"  {submission}")
    if notes:
        text.append(f"  ({', '.join(notes)})", style="dim")
    return text


def total_text(week: WeekResult) -> Text:
    """Returns the line below a week's tasks."""
    from rich.text import Text

    passed = sum(task.status == "passed" for task in week.tasks)
    text = Text()
    text.append(
        f"{week.week}: {passed} of {len(week.tasks)} tasks, "
        f"{number(week.points)} of {number(week.max_points)} points",
        style="bold green" if week.passed else "bold",
    )
    text.append(f"  {week.seconds:.1f} s", style="dim")
    return text


def console(stderr: bool = False, soft_wrap: bool = True) -> Console:
    """Returns the console for people: in colour only on a terminal, and not with NO_COLOR.

    Args:
      stderr: write to standard error.
      soft_wrap: let the terminal break lines, so that lines in a pipe never break.
    """
    from rich.console import Console

    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=soft_wrap,
        # With NO_COLOR, rich leaves out only colours; bold and dim are escapes, too.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
