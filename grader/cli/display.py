"""What a person sees while a week is graded: tasks as they are done, and that something runs."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from grader.results.model import TaskResult, WeekResult
from grader.results.text import console, heading, task_text, total_text
from grader.rubric import Task
from grader.session.options import Reporter

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Display(Reporter):
    """Prints each task when it is judged; on a terminal also a line for the one that runs."""

    def __init__(self, stderr: bool = False, quiet: bool = False) -> None:
        """Chooses the stream.

        Args:
          stderr: write there, because stdout carries a result file.
          quiet: no line for todo tasks, as `watch` wants it.
        """
        self.console = console(stderr)
        self.stream: Any = sys.stderr if stderr else sys.stdout
        self.live = self.stream.isatty()
        self.week: WeekResult | None = None  # the one that is graded
        self.escapes = not os.environ.get("NO_COLOR")
        self.said = 0  # notes of the week that are printed
        self.shown = 0  # characters of the line that shows what runs
        self.quiet = quiet
        self.task: Task | None = None
        self.since = 0.0
        self.frame = 0

    def say(self, text: str) -> None:
        """Prints a sentence."""
        self.console.print(text)

    def week_started(self, result: WeekResult) -> None:
        """Prints the heading."""
        self.week = result
        notes = [result.isolation]
        if result.data != "embedded":
            notes.append(f"data {result.data}")
        if result.device != "cpu":
            notes.append(result.device)
        if isinstance(result.seed, int):
            notes.append(f"seed {result.seed}")
        if result.self_check:
            notes.append("self-check")
        self.console.print(heading(result.week, result.submission, notes))
        self.said = self._notes(result, 0)
        self.since = time.monotonic()
        self._status("starting …")

    def _notes(self, result: WeekResult, first: int) -> int:
        """Prints the notes from one on; returns how many there are."""
        for note in result.notes[first:]:
            self.console.print(f"   {note}", style="dim")
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
        """Prints the task's line and message."""
        self._clear()
        self.task = None
        if not (self.quiet and result.status == "todo"):
            self.console.print(task_text(result))
        self.stream.flush()

    def week_done(self, result: WeekResult) -> None:
        """Prints the total."""
        self._clear()
        if result.changed_files:
            self.console.print(result.tasks[0].message)
        self.said = self._notes(result, self.said)
        self.console.print(total_text(result))
        self.stream.flush()
