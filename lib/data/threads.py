"""How many threads work at pictures."""

from __future__ import annotations

import os


def threads_here(most: int) -> int:
    """The processors this process may use, but not more than `most`."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), most)
    return min(os.cpu_count() or 1, most)
