"""Grades a week whenever its file is saved, with everything warm: jax here, a worker there."""

from __future__ import annotations

import time
from pathlib import Path

from grader.course import Course
from grader.display import Display
from grader.results.model import TaskResult, WeekResult
from grader.results.text import console
from grader.rubric import Task
from grader.secret import Secret
from grader.session import Options, Reporter, WeekGrader, Workers
from grader.worker import compile_cache
from grader.worker.supervisor import Worker

POLL_SECONDS = 0.1


class Saved(KeyboardInterrupt):
    """The file was saved again while a task ran: stop, and begin anew."""


def stamp(path: Path) -> tuple[int, int]:
    """Returns what changes when a file is saved."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


class WatchDisplay(Display):
    """The display of `watch`: says when training begins, stops when the file is saved again."""

    def __init__(self, path: Path) -> None:
        """Takes the file that is graded."""
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


class WatchGrader(WeekGrader):
    """Judges training tasks last, and what has not changed since it passed not at all."""

    def __init__(
        self,
        week: str,
        place: Path,
        options: Options,
        reporter: Reporter,
        workers: Workers,
        known: dict[str, tuple[str, TaskResult]],
    ) -> None:
        """Takes what earlier runs found: {task: (fingerprint of its source, verdict)}."""
        super().__init__(week, place, options, reporter, workers)
        self.known = known

    def ordered(self) -> list[Task]:
        """Returns the tasks, those that train at the end."""
        return sorted(self.tasks, key=lambda task: task.training)

    def settle_from_source(self, task: Task) -> bool:
        """Takes over the verdict on a task that passed and reads the same as then."""
        if super().settle_from_source(task):
            return True
        assert self.program is not None
        fingerprint, verdict = self.known.get(task.name, ("", None))
        if verdict is not None and fingerprint == self.program.fingerprint(task.functions):
            self.verdicts[task.name] = verdict
            self.reporter.task_done(verdict)
            return True
        return False

    def remember(self) -> None:
        """Notes what has passed, for the next run."""
        if self.program is None:
            return
        for task in self.tasks:
            verdict = self.verdicts.get(task.name)
            if verdict is not None and verdict.status == "passed":
                self.known[task.name] = (self.program.fingerprint(task.functions), verdict)


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
        self.known: dict[str, tuple[str, TaskResult]] = {}
        options = self._options()
        compiled = compile_cache.folder(course, path.parent, tier)
        self.workers = Workers(
            options, lambda: Worker(tier, options.device, options.limits, compiled)
        )
        self.workers.start()

    def _options(self) -> Options:
        return Options(course=self.course, tier=self.tier, secret=Secret.fresh())

    def grade(self) -> WeekResult | None:
        """Grades the file as it is now; None if it was saved again meanwhile."""
        grader = WatchGrader(
            self.week,
            self.path,
            self._options(),
            WatchDisplay(self.path),
            self.workers,
            self.known,
        )
        try:
            return grader.run()
        except Saved:
            return None
        finally:
            grader.remember()
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
    from grader import progress

    out = console()
    watcher = Watcher(week, path, course, tier)
    try:
        while True:
            seen = stamp(path)
            result = watcher.grade()
            if result is None:
                continue
            progress.record(course, result)
            out.print(f"   waiting for {path.name} to be saved; Ctrl-C ends", style="dim")
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
