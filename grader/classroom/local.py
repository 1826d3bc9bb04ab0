"""Grades a class on this machine, many submissions at a time, and shows the progress."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from grader.classroom.pool import Job, Judges


def run(
    jobs: Sequence[Any], processes: int, judges: Judges | None = None
) -> Generator[tuple[Any, dict[str, Any]]]:
    """Judges many submissions on this machine.

    Args:
      jobs: what to judge.
      processes: how many at a time, each on its own core.
      judges: the judging processes; by default those for submissions.

    Yields:
      Each submission with the week's object of the JSON contract, once it is judged.
    """
    judges = judges or Judges()
    finished = False
    with ThreadPoolExecutor(processes) as threads:
        waiting = {threads.submit(judges.judge, job): job for job in jobs}
        try:
            for future in as_completed(waiting):
                yield waiting.pop(future), future.result()
            finished = True
        finally:
            if finished:
                judges.close_idle()
            else:
                threads.shutdown(wait=False, cancel_futures=True)
                judges.stop()


class Progress:
    """Shows the progress of a class: a bar on a terminal, otherwise a line per verdict."""

    def __init__(self, total: int) -> None:
        """Begins.

        Args:
          total: the number of submissions to judge.
        """
        from grader.results.text import console

        self.total, self.done, self.failures = total, 0, 0
        self.started = time.monotonic()
        self.console = console()
        self.bar: Any = None
        if self.console.is_terminal and total:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Bar(*columns, TextColumn("{task.description}"), console=self.console)
            self.bar.start()
            self.task = self.bar.add_task("starting …", total=total)

    def judged(self, job: Job, result: dict[str, Any]) -> None:
        """Counts and shows a verdict."""
        from grader.results.text import number

        self.done += 1
        self.failures += any(task["status"] == "ungraded" for task in result["tasks"])
        points = f"{number(result['points'])} of {number(result['max_points'])}"
        line = f"{job.student}  {job.week}  {points}"
        rate = self.done / max(1e-9, time.monotonic() - self.started) * 60
        if self.bar is not None:
            text = f"{rate:.1f} a minute  {self.failures} not judged  {line}"
            self.bar.update(self.task, completed=self.done, description=text)
        else:
            left = (self.total - self.done) / max(rate, 1e-9)
            self.console.print(f"{self.done}/{self.total}  {line}  ({left:.0f} min left)")

    def close(self) -> None:
        """Ends the bar."""
        if self.bar is not None:
            self.bar.stop()
