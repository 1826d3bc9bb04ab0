"""The display of a week being graded: finished tasks, and a line for the one that runs."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader.cli import success
from grader.course import Course
from grader.results.model import TaskResult, WeekResult
from grader.results.text import (
    console,
    drawing_text,
    heading,
    output_text,
    prose,
    task_text,
    total_text,
)
from grader.rubric import Task
from grader.session.options import Reporter

if TYPE_CHECKING:
    from rich.text import Text

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Display(Reporter):
    """Prints each task once it is judged; on a terminal, also a line for the one that runs."""

    def __init__(
        self, stderr: bool = False, course: Course | None = None, prints: bool = False
    ) -> None:
        """Chooses the stream, and what to show with the verdicts.

        Args:
          stderr: write there, because stdout carries a result file.
          course: of a student who works on a week: a task that passes for the first time is
            explained, and after the last one comes the next step; None for a hand-in.
          prints: show what the student's code printed.
        """
        self.course, self.prints = course, prints
        self.console = console(stderr)
        self.stream: Any = sys.stderr if stderr else sys.stdout
        self.live = self.stream.isatty()
        self.week: WeekResult | None = None  # the one being graded
        self.escapes = not os.environ.get("NO_COLOR")
        self.said = 0  # notes of the week already printed
        self.shown = 0  # characters of the line that shows what runs
        self.judged: dict[tuple[str, str], str] = {}  # the first task with a message and its hint
        self.import_shown = False  # what the file printed while it was imported
        self.task: Task | None = None
        self.since = 0.0
        self.frame = 0

    def say(self, text: str) -> None:
        """Prints a sentence."""
        self.console.print(text)

    def week_started(self, result: WeekResult) -> None:
        """Prints the heading."""
        self.week = result
        self.judged, self.import_shown = {}, False
        self._print(self._heading(result))
        self.said = self._notes(result, 0)
        self.since = time.monotonic()
        self._status("starting …")

    def _heading(self, result: WeekResult) -> Text:
        notes = [result.isolation]
        if result.data != "embedded":
            notes.append(f"data {result.data}")
        if result.device != "cpu":
            notes.append(result.device)
        if isinstance(result.seed, int):
            notes.append(f"seed {result.seed}")
        if result.self_check:
            notes.append("self-check")
        return heading(result.week, result.submission, notes)

    def _print(self, text: Text | str, style: str | None = None) -> None:
        self.console.print(text, style=style)

    def _notes(self, result: WeekResult, first: int) -> int:
        """Prints the notes from one on; returns how many there are."""
        for note in result.notes[first:]:
            self._print(f"   {note}", "dim")
        return len(result.notes)

    def task_started(self, task: Task) -> None:
        """Shows which task runs."""
        self.task = task
        self.since = time.monotonic()
        self._status(task.title)

    def tick(self, last_line: str) -> None:
        """Shows how long it has run, and the last line that the student's code printed."""
        elapsed = time.monotonic() - self.since
        if elapsed < 0.5:
            return
        self.frame += 1
        title = self.task.title if self.task else "starting …"
        text = f"{SPINNER[self.frame % len(SPINNER)]} {title}  {elapsed:.0f} s"
        self._status(f"{text}  {last_line}" if last_line else text)

    def _status(self, text: str) -> None:
        if self.live:
            width = max(20, self.console.width - 1)
            self._clear()
            self.stream.write(text[:width])
            self.shown = len(text[:width])
            self.stream.flush()

    def _clear(self) -> None:
        if self.live:
            self.stream.write("\r\x1b[2K" if self.escapes else f"\r{' ' * self.shown}\r")
            self.shown = 0

    def task_done(self, result: TaskResult) -> None:
        """Prints the task's line and message, and what the student's code printed."""
        self._clear()
        self._show_import()
        for text in self._task(result):
            self._print(text)
        self.task = None
        self.stream.flush()

    def _show_import(self) -> None:
        """Prints what the file printed while it was imported, once."""
        if self.prints and self.week and self.week.output and not self.import_shown:
            self.import_shown = True
            self._print(output_text(self.week.output, "printed while your file was imported:"))

    def _task(self, result: TaskResult) -> list[Text | str]:
        """Returns the lines of a task that was judged, or whose verdict is already known."""
        shown = result
        if result.message and result.status != "todo":
            first = self.judged.setdefault((result.message, result.hint), result.name)
            if first != result.name:
                shown = replace(result, message=f"The same as for {first}.", hint="")
        width = self.console.width if self.live else None
        texts: list[Text | str] = [task_text(shown, width)]
        if drawing := drawing_text(shown, self.console):
            texts.append(drawing)
        if self.prints and self.task and result.output:
            texts.append(output_text(result.output, "printed by your code:"))
        if self.course and self.week and result.status == "passed":
            explained = success.explained_once(self.course, self.week.week, result)
            if explained:
                texts.append(prose(explained, width, indent=5))
        return texts

    def week_done(self, result: WeekResult) -> None:
        """Prints the total."""
        self._clear()
        self._show_import()
        if result.changed_files:
            self._print(result.tasks[0].message)
        self.said = self._notes(result, self.said)
        for line in self._totals(result):
            self._print(line)
        if self.course and success.is_whole(self.course, result):
            for sentence in success.week_done(self.course, result):
                self._print(f"   {sentence}")
        self.stream.flush()

    def _totals(self, result: WeekResult) -> list[Text]:
        """Returns the lines below a week's tasks."""
        return [total_text(result)]
