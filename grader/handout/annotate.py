"""Shows a result file on GitHub: one annotation for each task that did not pass, and a table.

The grading workflow runs `python -P -m grader.handout.annotate results.json`. Text that a student's
code put into a message stays plain text: in an annotation, line breaks and colons are escaped and
commands broken, so that it cannot control the runner, and in the table no markup survives.
"""

import argparse
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.results.text import tier_note, without_commands

# The level of annotation for each status; a task that passed gets no annotation.
LEVELS = {
    "failed": "error",
    "error": "error",
    "timeout": "error",
    "crashed": "error",
    "ungraded": "warning",
    "todo": "notice",
    "skipped": "notice",
}

# Control characters other than the line break, since escape codes do not belong in a log.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def escape(text: str, *, is_property: bool = False) -> str:
    """Escapes text for a workflow command.

    Args:
      text: anything.
      is_property: whether it comes before the last "::", where "," and ":" are separators too.

    Returns:
      One line that the runner reads back as the text, without its control characters.
    """
    text = without_commands(CONTROL.sub("", text)).replace("%", "%25").replace("\n", "%0A")
    if is_property:
        text = text.replace(":", "%3A").replace(",", "%2C")
    return text


def annotations(weeks: list[dict[str, Any]], folder: str) -> Iterator[str]:
    """Makes one workflow command for each task that did not pass.

    Args:
      weeks: the list that `python -m grader … --json` writes.
      folder: where the exercises are in the student's repository.

    Yields:
      lines such as "::error file=exercises/week3.py,title=convolve2d::…".
    """
    for week in weeks:
        name = Path(week["submission"]).name
        if not name.endswith((".py", ".ipynb")):
            name = f"{week['week']}.py"
        file = escape(f"{folder}/{name}", is_property=True)
        for task in week["tasks"]:
            if task["status"] == "passed":
                continue
            title = escape(f"{task['name']}: {task['status']}", is_property=True)
            words = [task["title"], task["message"]]
            if task["hint"]:
                words.append(f"Try: {task['hint']}")
            text = escape("\n".join(word for word in words if word))
            yield f"::{LEVELS[task['status']]} file={file},title={title}::{text}"


def warning(title: str, text: str) -> str:
    """Makes the workflow command that shows a warning.

    Args:
      title: the line above it.
      text: anything.
    """
    return f"::warning title={escape(title, is_property=True)}::{escape(text)}"


NOT_BEGUN = "No week is begun: all tasks are still stubs, wherever there is a file."


def table(weeks: list[dict[str, Any]]) -> str:
    """Writes the points of every task as a Markdown table.

    Args:
      weeks: the list that `python -m grader … --json` writes.

    Returns:
      Markdown text, ending in a line break.
    """
    lines = []
    for week in weeks:
        lines += [
            f"### {cell(week['week'])}: {week['points']:g} of {week['max_points']:g} points",
            "",
            cell(tier_note([week["isolation"]])),
            "",
            "| task | status | points |",
            "| --- | --- | --- |",
        ]
        lines += [
            f"| {cell(task['title'])} | {task['status']} "
            f"| {task['points']:g} of {task['max_points']:g} |"
            for task in week["tasks"]
        ]
        lines.append("")
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Makes text safe inside a Markdown table: no markup, no column or line break.

    Args:
      text: anything.

    Returns:
      The text with HTML entities for characters that Markdown would interpret.
    """
    plain = html.escape(CONTROL.sub("", text).replace("\n", " "))
    return re.sub(r"[|`*_\[\]<>\\]", lambda match: f"&#{ord(match.group())};", plain)


def main(arguments: list[str] | None = None) -> int:
    """Prints the annotations and appends the table to the run's summary.

    Args:
      arguments: the command line without the program's name; None takes this process's.

    Returns:
      0, or 2 if there is no readable result file.
    """
    parser = argparse.ArgumentParser(
        prog="python -m grader.handout.annotate",
        description="Shows a result file of the grader on GitHub.",
    )
    parser.add_argument("results", type=Path, help="the file that --json wrote")
    parser.add_argument("--folder", default="exercises", help="where the exercises are")
    parser.add_argument("--summary", type=Path, help="a Markdown file to add the points to")
    options = parser.parse_args(arguments)
    try:
        weeks = json.loads(options.results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = escape(f"The grader wrote no readable result: {problem}")
        print(f"::error title=no result::{reason}")
        return 2
    weaker = [week["isolation"] for week in weeks if week["isolation"] != "sandbox"]
    if weaker:
        print(warning("isolation", tier_note(weaker)))
    if not weeks:
        print(f"::notice title=nothing begun::{NOT_BEGUN}")
    for line in annotations(weeks, options.folder):
        print(line)
    if options.summary:
        with options.summary.open("a", encoding="utf-8") as summary:
            summary.write(table(weeks) if weeks else f"{NOT_BEGUN}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
