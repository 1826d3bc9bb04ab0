"""Finds what a worker leaves behind: processes that have left its tree."""

from __future__ import annotations

import functools
import os
import sys

import psutil

MARK = "FLAXLINGS_WORKER"  # in the environment of a worker and of all that it starts
WORKERS: set[int] = set()  # process ids of the workers that have not been closed


@functools.cache
def adopt() -> None:
    """On Linux, makes this process the parent of what is left when a worker has ended.

    So it is found even if it has emptied its environment.
    """
    if sys.platform == "linux":
        import ctypes

        PR_SET_CHILD_SUBREAPER = 36
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def marked(mark: str) -> list[psutil.Process]:
    """Returns the processes that have a worker's mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def adopted(since: float) -> list[psutil.Process]:
    """Returns what this process has inherited from a worker, with all that it started.

    A process of a session of our own is none: no other can join it.

    Args:
      since: when the worker was started, in seconds since 1970.
    """
    if sys.platform != "linux":
        return []
    found = []
    for process in psutil.Process().children():
        try:
            if process.pid in WORKERS or os.getsid(process.pid) == os.getsid(0):
                continue
            if process.create_time() < since - 0.1:
                continue
            if process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)
            else:
                found += [process, *process.children(recursive=True)]
        except (psutil.Error, OSError):
            continue
    return found
