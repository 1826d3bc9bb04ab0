"""Judges submissions in separate processes: each judges one at a time, on its own core.

A thread, of this machine or of a Dask worker, asks for a verdict and waits; a judging process
produces it, with workers that were started in advance. If a judging process dies, a new one judges
its submission again, so that no student loses by another's code.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.util
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import psutil

from grader.secret import Secret
from grader.worker.spare import SpareWorkers

TRIES = 2  # how often a submission may end its judging process before it is left ungraded
FRESH_CACHES = 20  # submissions after which compiled code is dropped, to bound the memory
STOP_SECONDS = 1.0  # for a worker to end on its own when everything is stopped


@dataclass(frozen=True)
class Job:
    """One submission of one week, with everything needed to judge it on any machine.

    Attributes:
      student: the student's name.
      week: "week3".
      files: name to content.
      digest: identifies the content.
      secret: of this attempt.
      data: where the images come from.
      tier: "sandbox", "user" or "process".
    """

    student: str
    week: str
    files: dict[str, bytes]
    digest: str
    secret: Secret
    data: str
    tier: str


def unjudged(job: Job, why: str) -> dict[str, Any]:
    """Returns the result of a submission that a fault of the host kept from being judged."""
    from grader.course import COURSE
    from grader.results.model import WeekResult
    from grader.rubric import read_rubric
    from grader.session.verdicts import ungraded

    name = next(iter(job.files), f"{job.week}.py")
    result = WeekResult(
        job.week, f"{job.student}/{name}", False, job.data, job.tier, "cpu", job.secret.label
    )
    result.tasks = [ungraded(task, why) for task in read_rubric(COURSE.checks / f"{job.week}.py")]
    return result.as_json()


# In a judging process --------------------------------------------------------------------------


_spare: dict[str, SpareWorkers] = {}  # by tier
_judged = 0
_core: socket.socket | None = None  # held for as long as this process lives


def judge(job: Job) -> dict[str, Any]:
    """Judges one submission in this process.

    Args:
      job: what to judge.

    Returns:
      The week's object of the JSON contract.
    """
    from grader.course import COURSE
    from grader.session.options import Options
    from grader.session.week import grade_work
    from grader.session.workers import Workers
    from grader.source.reading import work_of
    from grader.source.stubs import task_functions
    from grader.worker import tiers
    from grader.worker.supervisor import Worker

    global _judged
    try:
        # Checked here too: another machine may have chosen the tier.
        tiers.choose(job.tier, tiers.data_folders(job.data))
    except tiers.IsolationError as error:
        return unjudged(job, str(error))
    options = Options(data=job.data, secret=job.secret, tier=job.tier)
    spare = _spare.setdefault(
        job.tier, SpareWorkers(lambda: Worker(options.tier, options.device, options.limits))
    )
    workers = Workers(options, spare.take)
    work = work_of(job.files, job.week, task_functions(COURSE, job.week))
    try:
        name = f"{job.student}/{work.path.name}"
        result = grade_work(work, options, workers=workers, name=name)
    finally:
        workers.close()
    _judged += 1
    if _judged % FRESH_CACHES == 0:
        import jax

        jax.clear_caches()
    return result.as_json()


def _begin(parent: int) -> None:
    """Prepares a judging process: it gets its own core, and ends with its parent."""
    from grader import bootstrap

    bootstrap.install()
    multiprocessing.util.Finalize(None, _end, exitpriority=100)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the parent has already ended
        with contextlib.suppress(OSError):  # some containers forbid it
            os.sched_setaffinity(0, {_claim_core(sorted(os.sched_getaffinity(0)))})


def _claim_core(cores: list[int]) -> int:
    """Returns a core that no other judging process of this machine has, if there is one.

    The claim is a name in Linux's abstract socket namespace: it ends with the process in any case,
    and leaves no file.
    """
    global _core
    for core in cores:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0flaxlings-core-{core}")
        except OSError:
            claim.close()
            continue
        _core = claim
        return core
    return cores[os.getpid() % len(cores)]


def _end() -> None:
    for spare in _spare.values():
        spare.close()


# In the process that has judging processes -----------------------------------------------------


class Judges:
    """The judging processes of this process, one for each submission judged at a time."""

    def __init__(
        self,
        judge: Callable[[Any], dict[str, Any]] = judge,
        unjudged: Callable[[Any, str], dict[str, Any]] = unjudged,
    ) -> None:
        """Starts nothing yet.

        Args:
          judge: judges a job in a judging process; a function at the top of a module.
          unjudged: makes the result of a job that could not be judged, given the reason.
        """
        self._judge, self._unjudged = judge, unjudged
        self._idle: list[ProcessPoolExecutor] = []
        self._closed = False

    def judge(self, job: Any) -> dict[str, Any]:
        """Returns the verdict on a submission; may be called from several threads.

        Args:
          job: what to judge.

        Returns:
          The week's object of the JSON contract; `ungraded` if the grader itself fails.

        Raises:
          BrokenProcessPool: if these judges were stopped.
        """
        try:
            process = self._idle.pop()
        except IndexError:
            process = _process()
        for _ in range(TRIES):
            try:
                result = process.submit(self._judge, job).result()
                break
            except BrokenProcessPool:
                process.shutdown()
                if self._closed:
                    raise
                process = _process()
            except Exception as error:
                why = f"The grader itself failed: {type(error).__name__}: {error}"
                result = self._unjudged(job, why)
                break
        else:
            result = self._unjudged(job, "The process that judged it ended unexpectedly.")
        self._idle.append(process)
        return result

    def close_idle(self) -> None:
        """Ends the idle processes."""
        while self._idle:
            self._idle.pop().shutdown()

    def stop(self) -> None:
        """Ends all processes; submissions being judged get no verdict."""
        self._closed = True
        judging = [child.pid for child in multiprocessing.active_children()]
        _end_with_workers([pid for pid in judging if pid is not None])
        self.close_idle()


def _end_with_workers(pids: list[int]) -> None:
    """Ends judging processes and their workers, including those just being started.

    A worker ends with the process that started it, but a sandbox asks the kernel for that only a
    moment after its start, and its own child waits for its signal.
    """
    workers: list[psutil.Process] = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            judging = psutil.Process(pid)
            judging.suspend()  # it starts no more
            while new := set(judging.children(recursive=True)) - set(workers):
                for worker in new:
                    with contextlib.suppress(psutil.Error):
                        worker.suspend()
                workers += new
            judging.kill()
    for worker in workers:
        with contextlib.suppress(psutil.Error):
            worker.terminate()  # not killed: a guard must end the processes of its user
            worker.resume()
    deadline, left = time.monotonic() + STOP_SECONDS, workers
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [worker for worker in left if _lives(worker)]
    for worker in left:
        with contextlib.suppress(psutil.Error):
            worker.kill()


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _process() -> ProcessPoolExecutor:
    from grader.course import COURSE

    if str(COURSE.root) not in sys.path:  # the new process begins with this path
        sys.path.append(str(COURSE.root))
    # A Dask worker below a nanny is a "daemon", which multiprocessing forbids to have children,
    # since they could outlive it; these end with their parent.
    multiprocessing.current_process().daemon = False
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, context, _begin, (os.getpid(),))
