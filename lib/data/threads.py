"""The number of threads that process pictures."""

from __future__ import annotations

import os

MOST = 16


def threads_here() -> int:
    """The number of processors that this process may use, at most `MOST`."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST)
    return min(os.cpu_count() or 1, MOST)
