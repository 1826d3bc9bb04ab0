"""Judges many programs of one author: each process has a worker that takes one after the other.

They are the author's own, so that, unlike those of students, they need no workers of their own.
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
    """One program, with all that is needed to judge it in any process.

    Attributes:
      course: whose checks.
      week: "week3".
      source: the program.
      tasks: names of the tasks to judge; all, if it is empty.
      secrets: one for each time it is judged, until it does not pass.
      shared: take a worker that has served other programs, the first time.
      tier: "sandbox", "user" or "process".
      compiled: as `grader.worker.launch.launch`.
      about: what it is for.
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
    """Notes whether files were written for the student's code, which the next would find."""

    has_files = False

    def request(self, message: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the worker's own."""
        self.has_files |= message["do"] == "put_files"
        return super().request(message, *args, **kwargs)


class SharedWorkers(Workers):
    """Loads each program into the worker that lives, and starts another only in need."""

    MOST = 40  # programs for one worker: what they compile stays in its memory
    count = 0

    def start(self) -> None:
        """As always; the count begins anew."""
        if self._current is None:
            self.count = 0
        super().start()

    def worker(self, submission: Submission, tick: Callable[[], None]) -> Worker:
        """As always, but a worker that another program was loaded into is taken again."""
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
    """Returns the result of a program that could not be judged, by a fault of the host."""
    rubric = read_rubric(trial.course.checks / f"{trial.week}.py")
    tasks = [task for task in rubric if task.name in trial.tasks or not trial.tasks]
    return {"tasks": [ungraded(task, why).as_json() for task in tasks]}


def _end() -> None:
    for workers in _shared.values():
        workers.close()
