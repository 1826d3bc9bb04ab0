"""Grades a class on a Dask cluster: the same jobs, judged by the scheduler's workers.

A Dask worker judges as this machine would, with a separate judging process for each of its threads.
If a worker is lost, the scheduler gives its submissions to another.
"""

from __future__ import annotations

import functools
import hashlib
import socket
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from grader.classroom.pool import Job, Judges, unjudged

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15
CODE = ("grader", "lib", "solutions")  # verdicts depend on these; on solutions for signatures

_here = Judges()  # in a Dask worker: its judging processes


class ClusterError(Exception):
    """The cluster cannot be used; the text says why and what to do."""


@functools.cache
def code_digest() -> str:
    """Fingerprints the grader's code: the same files have the same digest."""
    from grader.course import COURSE

    digest = hashlib.sha256()
    for path in sorted(path for name in CODE for path in (COURSE.root / name).rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"|{path.relative_to(COURSE.root)}|{len(content)}|".encode() + content)
    return digest.hexdigest()[:16]


def judge_here(job: Job, code: str) -> dict[str, Any]:
    """Judges a submission in a Dask worker.

    Args:
      job: what to judge.
      code: digest of the code that the class is graded with.

    Returns:
      The week's object of the JSON contract; `ungraded` if this machine's code differs.
    """
    if code_digest() != code:
        return unjudged(
            job,
            f"The grader on {socket.gethostname()} differs from the one that grades this class. "
            "Put the same checkout there, and restart its Dask workers.",
        )
    return _here.judge(job)


def _close_here() -> None:
    _here.close_idle()


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            "--scheduler needs Dask. Install it with: pip install -e '.[class]'"
        ) from None
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"There is no Dask scheduler at {address} ({error}). Start one with `dask scheduler`, "
            "which prints its address."
        ) from None


def run(jobs: Sequence[Job], address: str) -> Generator[tuple[Job, dict[str, Any]]]:
    """Judges many submissions on a cluster.

    Args:
      jobs: what to judge; the secrets of their attempts travel with them.
      address: of the cluster's scheduler, such as "tcp://10.0.0.7:8786".

    Yields:
      Each submission with the week's object of the JSON contract, once it is judged;
      `ungraded` if Dask failed to run it.

    Raises:
      ClusterError: if Dask is not installed, or there is no scheduler.
    """
    if not jobs:
        return
    with _connect(address) as client:
        from distributed import as_completed

        if not client.nthreads():
            start = f"dask worker {address}"
            print(f"There is no worker yet. Start one with `{start}`.", flush=True)
        code = code_digest()
        waiting = {client.submit(judge_here, job, code, pure=False): job for job in jobs}
        for future in as_completed(list(waiting), loop=client.loop):
            job = waiting.pop(future)
            try:
                result = future.result()
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                result = unjudged(job, f"Dask failed to run this submission: {said}")
            yield job, result
        client.run(_close_here, on_error="ignore")
