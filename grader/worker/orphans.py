"""Finds what a worker leaves behind: processes that have left its tree."""

from __future__ import annotations

import functools
import os
import sys

import psutil

MARK = "FLAXLINGS_WORKER"  # in the environment of a worker and of everything it starts
WORKERS: set[int] = set()  # process ids of the workers that are not closed yet


@functools.cache
def adopt() -> None:
    """On Linux, makes this process the parent of processes that an ended worker leaves behind.

    It then finds them even if they have emptied their environment.
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
    """Returns the processes inherited from a worker, with everything they started.

    A process in our own session is not one of them: a worker's process cannot join it.

    Args:
      since: when the worker started, in seconds since 1970.
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
