"""Grades a week whenever its file is saved, with jax and a worker already started."""

from __future__ import annotations

import time
from pathlib import Path

from grader.cli.screen import Saved, WatchDisplay, WatchScreen, stamp
from grader.course import Course
from grader.results.model import TaskResult, WeekResult
from grader.results.text import console
from grader.rubric import read_rubric
from grader.secret import Secret
from grader.session.options import Options
from grader.session.week import grade_work
from grader.session.workers import Workers
from grader.source.program import Program
from grader.source.reading import read_work
from grader.source.stubs import task_functions
from grader.worker import compile_cache
from grader.worker.supervisor import Worker

POLL_SECONDS = 0.1


class Watcher:
    """Grades one week again and again."""

    def __init__(self, week: str, path: Path, course: Course, tier: str) -> None:
        """Starts the first worker.

        Args:
          week: "week3".
          path: its file.
          course: the course.
          tier: "sandbox" or "process".
        """
        self.week, self.path, self.course, self.tier = week, path, course, tier
        self.passed: dict[tuple[str, str], TaskResult] = {}  # by task and fingerprint of its source
        self.last: WeekResult | None = None  # of the last run that was completed
        out = console()
        self.draws = out.is_terminal and out.file.isatty() and not out.is_dumb_terminal
        options = self._options()
        compiled = compile_cache.folder(course, path.parent, tier)
        self.workers = Workers(
            options, lambda: Worker(tier, options.device, options.limits, compiled)
        )
        self.workers.start()

    def _options(self) -> Options:
        return Options(self.course, tier=self.tier, secret=Secret.fresh(), training_last=True)

    def grade(self) -> WeekResult | None:
        """Grades the current file; returns None if it was saved again in the meantime.

        A task that has passed and whose source has not changed is not judged again.
        """
        show = WatchScreen if self.draws else WatchDisplay
        display = show(self.path, self.course, self.last)
        functions = task_functions(self.course, self.week)
        work = read_work(self.path.parent, self.week, functions, newest=True)
        self.path = work.path
        prints: dict[str, str] = {}
        if isinstance(work.program, Program):
            for task in read_rubric(self.course.checks / f"{self.week}.py"):
                prints[task.name] = work.program.fingerprint(task.functions)
        found = ((name, self.passed.get((name, text))) for name, text in prints.items())
        known = {name: verdict for name, verdict in found if verdict is not None}
        try:
            self.last = grade_work(work, self._options(), display, self.workers, known)
            return self.last
        except Saved:
            return None
        finally:
            display.close()
            for verdict in display.week.tasks if display.week else ():
                if verdict.status == "passed":
                    self.passed[verdict.name, prints[verdict.name]] = verdict
            # A fresh worker imports jax while the student reads and edits.
            self.workers.close()
            self.workers.start()

    def close(self) -> None:
        """Ends the worker."""
        self.workers.close()


def watch(week: str, path: Path, course: Course, tier: str) -> int:
    """Grades a week now and on every save, until Ctrl-C.

    Returns:
      0.
    """
    from grader.cli import progress

    out = console()
    watcher = Watcher(week, path, course, tier)
    try:
        while True:
            seen = stamp(path)
            result = watcher.grade()
            if result is None:
                continue
            progress.record(course, result)
            out.print(
                f"   waiting for {watcher.path.name} to be saved; Ctrl-C stops it", style="dim"
            )
            while stamp(path) == seen:
                time.sleep(POLL_SECONDS)
            # Editors write in several steps: wait until the file is complete.
            while seen != (seen := stamp(path)):
                time.sleep(0.05)
            if not watcher.draws:
                out.print()
    except KeyboardInterrupt:
        return 0
    finally:
        watcher.close()
