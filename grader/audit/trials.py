"""Judges many programs by one author: each process has a worker that loads one after the other.

Unlike students' programs, they are trusted, so that they can share a worker.
"""

from __future__ import annotations

import multiprocessing.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.course import Course
from grader.rubric import read_rubric
from grader.secret import Secret
from grader.session.options import Options
from grader.session.verdicts import ungraded
from grader.session.week import grade_work
from grader.session.workers import Workers
from grader.source.reading import work_of
from grader.source.stubs import task_functions
from grader.source.submission import Submission
from grader.worker.supervisor import Worker

FRESH_CACHES = 100  # programs after which compiled code is dropped, to bound the memory


@dataclass(frozen=True)
class Trial:
    """One program, with everything needed to judge it in any process.

    Attributes:
      course: the course whose checks judge it.
      week: "week3".
      source: the program.
      tasks: names of the tasks to judge; if empty, all.
      secrets: one for each time it is judged; judging stops when it does not pass.
      shared: the first time, use a worker that has run other programs.
      tier: "sandbox", "user" or "process".
      compiled: as for `grader.worker.launch.launch`.
      about: its purpose, for `WeekAudit.take`.
    """

    course: Course
    week: str
    source: str
    tasks: tuple[str, ...]
    secrets: tuple[Secret, ...]
    shared: bool
    tier: str
    compiled: str | None
    about: Any


class NotingWorker(Worker):
    """Records whether files were written for a program, since the next one would find them."""

    has_files = False

    def request(self, message: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As in `Worker`."""
        self.has_files |= message["do"] == "put_files"
        return super().request(message, *args, **kwargs)


class SharedWorkers(Workers):
    """Loads each program into the running worker, and starts another only if necessary."""

    MOST = 40  # programs for one worker, since their compiled code stays in its memory
    count = 0

    def start(self) -> None:
        """As in `Workers`; also resets the count."""
        if self._current is None:
            self.count = 0
        super().start()

    def worker(self, submission: Submission, tick: Callable[[], None]) -> Worker:
        """As in `Workers`, but reuses a worker into which another program was loaded."""
        if self._current is not None and self.loaded not in (None, submission):
            assert isinstance(self._current, NotingWorker)
            if self._current.has_files or self.count >= self.MOST:
                self.close()
            self.loaded = None
        if self.loaded is None:
            self.count += 1
        return super().worker(submission, tick)


_shared: dict[str, SharedWorkers] = {}  # by tier
_judged = 0


def judge(trial: Trial) -> dict[str, Any]:
    """Judges one program in this process; returns the week's object of the JSON contract."""
    global _judged

    def make() -> NotingWorker:
        return NotingWorker(trial.tier, compiled=trial.compiled)

    if not _shared:
        multiprocessing.util.Finalize(None, _end, exitpriority=100)
    shared = _shared.setdefault(trial.tier, SharedWorkers(Options(), make))
    file = f"{trial.week}.py"
    functions = task_functions(trial.course, trial.week)
    work = work_of({file: trial.source.encode()}, trial.week, functions)
    result = None
    for secret in trial.secrets:
        options = Options(trial.course, secret=secret, tier=trial.tier, tasks=trial.tasks)
        workers = shared if trial.shared and result is None else Workers(options, make)
        try:
            result = grade_work(work, options, workers=workers, name=file)
        finally:
            if workers is not shared:
                workers.close()
        if not result.passed:
            break
    assert result is not None
    _judged += 1
    if _judged % FRESH_CACHES == 0:
        import jax

        jax.clear_caches()
    return result.as_json()


def unjudged(trial: Trial, why: str) -> dict[str, Any]:
    """Returns the result of a program that a fault of the host kept from being judged."""
    rubric = read_rubric(trial.course.checks / f"{trial.week}.py")
    tasks = [task for task in rubric if task.name in trial.tasks or not trial.tasks]
    return {"tasks": [ungraded(task, why).as_json() for task in tasks]}


def _end() -> None:
    for workers in _shared.values():
        workers.close()
