"""Grades a week whenever its file is saved, with everything warm: jax here, a worker there."""

from __future__ import annotations

import time
from pathlib import Path

from grader.cli.display import Display
from grader.course import Course
from grader.results.model import TaskResult, WeekResult
from grader.results.text import console
from grader.rubric import Task, read_rubric
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


class Saved(KeyboardInterrupt):
    """The file was saved again while a task ran: stop, and begin anew."""


def stamp(path: Path) -> tuple[int, ...]:
    """Returns what changes when a file is saved, as a program or as a notebook beside it."""
    found: list[int] = []
    for ending in (".py", ".ipynb"):
        try:
            status = path.with_suffix(ending).stat()
        except OSError:
            found += (0, 0)
        else:
            found += (status.st_mtime_ns, status.st_size)
    return tuple(found)


class WatchDisplay(Display):
    """The display of `watch`: says when training begins, stops when the file is saved again."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.stamp = stamp(path)
        self.training_said = False

    def task_started(self, task: Task) -> None:
        """Says once that what follows trains."""
        if task.training and not self.training_said:
            self.training_said = True
            self._clear()
            self.console.print("   now the tasks that train; save again to stop them", style="dim")
        super().task_started(task)

    def tick(self, last_line: str) -> None:
        """Looks whether the file was saved."""
        super().tick(last_line)
        if stamp(self.path) != self.stamp:
            raise Saved


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
        options = self._options()
        compiled = compile_cache.folder(course, path.parent, tier)
        self.workers = Workers(
            options, lambda: Worker(tier, options.device, options.limits, compiled)
        )
        self.workers.start()

    def _options(self) -> Options:
        return Options(self.course, tier=self.tier, secret=Secret.fresh(), training_last=True)

    def grade(self) -> WeekResult | None:
        """Grades the file as it is now; None if it was saved again meanwhile.

        What has passed and reads the same as then is not judged again.
        """
        display = WatchDisplay(self.path)
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
            return grade_work(work, self._options(), display, self.workers, known)
        except Saved:
            return None
        finally:
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
            out.print(f"   waiting for {watcher.path.name} to be saved; Ctrl-C ends", style="dim")
            while stamp(path) == seen:
                time.sleep(POLL_SECONDS)
            # Editors write in several steps: let the file come to rest.
            while seen != (seen := stamp(path)):
                time.sleep(0.05)
            out.print(f"\n{time.strftime('%H:%M:%S')}", style="dim")
    except KeyboardInterrupt:
        return 0
    finally:
        watcher.close()
