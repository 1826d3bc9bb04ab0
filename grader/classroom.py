"""Grades a whole class: many submissions at once, each in workers of its own.

Judging processes, one per core and pinned to it, take one submission of one week at a time. Where
one of them dies, what it was judging is judged again alone, so that nobody loses by a neighbour.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.secret import Secret

TRIES = 2  # how often a submission may end the process that judges it, before it is left ungraded
FRESH_CACHES = 20  # submissions after which compiled code is dropped, to bound the memory


@dataclass(frozen=True)
class Job:
    """One submission of one week, with all that is needed to judge it anywhere.

    Attributes:
      student: who.
      week: "week3".
      files: name to content.
      problem: why there is no content, if so.
      digest: names the content.
      secret: of this attempt.
      data: where the images come from.
      tier: "sandbox" or "process".
    """

    student: str
    week: str
    files: dict[str, bytes]
    problem: str
    digest: str
    secret: Secret
    data: str
    tier: str


_ahead: Any = None  # a worker that has been started for the next submission
_judged = 0


def judge(job: Job) -> dict[str, Any]:
    """Judges one submission in this process.

    Args:
      job: what to judge.

    Returns:
      The week's object of the JSON contract.
    """
    from grader.session import Options, WeekGrader, Workers
    from grader.submission import SubmissionError
    from grader.supervisor import HostFault, Worker

    global _ahead, _judged
    options = Options(data=job.data, secret=job.secret, tier=job.tier)
    first, _ahead = _ahead, None
    if first is not None and first.process.poll() is not None:
        first.close()
        first = None
    workers = Workers(options, first)
    with tempfile.TemporaryDirectory(prefix="flaxlings-class-") as folder:
        for name, content in job.files.items():
            Path(folder, name).write_bytes(content)
        try:
            grader = WeekGrader(job.week, Path(folder), options, workers=workers)
            if job.problem:
                grader.submission, grader.program = None, None
                grader.problem = SubmissionError(job.problem)
            name = Path(grader.result.submission).name
            grader.result.submission = f"{job.student}/{name}"
            grader.result.self_check = False
            result = grader.run()
        finally:
            workers.close()
    _judged += 1
    if _judged % FRESH_CACHES == 0:
        import jax

        jax.clear_caches()
    try:
        # It imports jax while this process hands in the verdict and takes the next submission.
        _ahead = Worker(job.tier, options.device, options.limits)
    except HostFault:
        _ahead = None
    return result.as_json()


def _drop_ahead() -> None:
    global _ahead
    if _ahead is not None:
        _ahead.close()
        _ahead = None


def _begin(cores: Any, parent: int) -> None:
    """Prepares a judging process: a core of its own, and an end with the parent's."""
    from grader import own_packages

    own_packages.install()
    multiprocessing.util.Finalize(None, _drop_ahead, exitpriority=100)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it had ended before
        os.sched_setaffinity(0, {cores.get()})


def unjudged(job: Job, why: str) -> dict[str, Any]:
    """Returns the result of a submission that could not be judged, by a fault of the host."""
    from grader.course import COURSE
    from grader.results import TaskResult, WeekResult
    from grader.rubric import read_rubric

    tasks = [
        TaskResult(task.name, task.title, "ungraded", 0.0, float(task.points), message=why)
        for task in read_rubric(COURSE.checks / f"{job.week}.py")
    ]
    name = next(iter(job.files), f"{job.week}.py")
    result = WeekResult(
        job.week, f"{job.student}/{name}", False, job.data, job.tier, "cpu", job.secret.label
    )
    result.tasks = tasks
    return result.as_json()


def run(
    jobs: Sequence[Job], processes: int, tell: Callable[[Job], None] = lambda job: None
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Judges many submissions on this machine.

    Args:
      jobs: what to judge.
      processes: how many at a time, each on a core of its own.
      tell: called with each submission that ended its judging process.

    Yields:
      Each submission with the week's object of the JSON contract, as it is done.
    """
    waiting, suspects = deque(jobs), deque[Job]()
    deaths: dict[int, int] = {}  # by the submission's object
    while waiting or suspects:
        # A suspect is judged alone: if the process ends again, it is known by whom.
        alone = bool(suspects)
        queue, most = (suspects, 1) if alone else (waiting, processes)
        running: dict[Future[dict[str, Any]], Job] = {}
        with _pool(min(most, len(queue))) as pool:
            try:
                while queue or running:
                    while queue and len(running) < most:
                        job = queue.popleft()
                        running[pool.submit(judge, job)] = job
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        result = future.result()
                        yield running.pop(future), result
            except BrokenProcessPool:
                for job in running.values():
                    tell(job)
                    deaths[id(job)] = deaths.get(id(job), 0) + alone
                    if deaths[id(job)] >= TRIES:
                        yield job, unjudged(job, "The process that judged it ended unexpectedly.")
                    else:
                        suspects.append(job)


def _pool(processes: int) -> ProcessPoolExecutor:
    from grader.course import COURSE

    if str(COURSE.root) not in sys.path:  # the new processes begin with this path
        sys.path.append(str(COURSE.root))
    context = multiprocessing.get_context("spawn")
    cores = context.SimpleQueue()
    here = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [0]
    for number in range(processes):
        cores.put(here[number % len(here)])
    return ProcessPoolExecutor(processes, context, _begin, (cores, os.getpid()))


class Progress:
    """Tells how far a class is: a bar on a terminal, a line per verdict elsewhere."""

    def __init__(self, total: int) -> None:
        """Begins.

        Args:
          total: how many submissions are to be judged.
        """
        from grader.results import console

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
        """Takes in one verdict."""
        from grader.results import number

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
