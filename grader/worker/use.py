"""Measures what a process and everything it has started use."""

from __future__ import annotations

from typing import NamedTuple

import psutil


class Use(NamedTuple):
    """What a tree of processes uses.

    Attributes:
      cpu_seconds: CPU time so far, including ended children.
      memory_bytes: resident memory.
      processes: how many there are.
    """

    cpu_seconds: float
    memory_bytes: int
    processes: int


def tree(root: psutil.Process) -> list[psutil.Process]:
    """Returns a process and everything it has started; an empty list if it has ended."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def use_of(root: psutil.Process) -> Use:
    """Measures a process and everything it has started."""
    seconds, memory, count = 0.0, 0, 0
    for process in tree(root):
        try:
            with process.oneshot():
                times = process.cpu_times()
                memory += process.memory_info().rss
        except psutil.Error:
            continue
        count += 1
        seconds += times.user + times.system
        # Ended children count through the parent that waited for them.
        seconds += getattr(times, "children_user", 0.0)
        seconds += getattr(times, "children_system", 0.0)
    return Use(seconds, memory, count)
