"""Makes a control group for each worker, if this process may: the kernel itself then counts.

The kernel counts memory exactly, including files in memory, and shared memory only once. No fork
can exceed the number of processes. Elsewhere, the supervisor counts from outside, ten times a
second.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MOUNTED = Path("/sys/fs/cgroup")
NAME = "flaxlings"
_numbers = itertools.count()

# The shell enters the groups first, so that nothing it starts is ever outside them.
ENTER = """\
while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; done
shift
exec "$@"
"""


@dataclass(frozen=True)
class Group:
    """The group of one worker.

    Attributes:
      folders: one folder in the kernel's unified hierarchy; in the older ones, the folder for
        memory, then that for processes.
    """

    folders: tuple[Path, ...]

    def command(self, inner: Sequence[str]) -> list[str]:
        """Returns the command that runs another one in this group."""
        return ["sh", "-c", ENTER, "flaxlings-enter", *map(str, self.folders), "--", *inner]

    def ran_out(self) -> bool:
        """True if the kernel has ended a process because the group ran out of memory."""
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                found = re.search(r"^oom_kill (\d+)", (self.folders[0] / name).read_text(), re.M)
                return found is not None and int(found[1]) > 0
        return False

    def remove(self) -> None:
        """Removes the group once all its processes have ended; the kernel may take a moment."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


def make(memory_bytes: int, tasks: int) -> Group | None:
    """Makes a group; returns None if that is not possible.

    Args:
      memory_bytes: how much memory all its processes may use together.
      tasks: how many processes and threads there may be.
    """
    return _make(_parents(), memory_bytes, tasks) if _works() else None


def _make(parents: tuple[Path, ...], memory_bytes: int, tasks: int) -> Group | None:
    name = f"{NAME}-{os.getpid()}-{next(_numbers)}"
    group = Group(tuple(parent / name for parent in parents))
    settings = {
        "pids.max": tasks,
        "memory.max": memory_bytes,
        "memory.limit_in_bytes": memory_bytes,
    }
    # Not every kernel counts swap, or can end all of a group together.
    if_possible = {
        "memory.swap.max": 0,
        "memory.memsw.limit_in_bytes": memory_bytes,
        "memory.oom.group": 1,
    }
    try:
        for folder in group.folders:
            _sweep(folder.parent)
            folder.mkdir()
            for file, value in settings.items():
                if (folder / file).exists():
                    (folder / file).write_text(str(value))
            for file, value in if_possible.items():
                if (folder / file).exists():
                    with contextlib.suppress(OSError):
                        (folder / file).write_text(str(value))
    except OSError:
        group.remove()
        return None
    return group


def _sweep(parent: Path) -> None:
    """Removes the empty groups of killed graders."""
    for folder in parent.glob(f"{NAME}-*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[1])):
            with contextlib.suppress(OSError):
                folder.rmdir()


@functools.cache
def _works() -> bool:
    """Tries it once, with a process in the group."""
    parents = _parents()
    group = _make(parents, 2**28, 64) if parents else None
    if group is None:
        return False
    try:
        tried = subprocess.run(group.command(["true"]), capture_output=True, timeout=10)
        return tried.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
    finally:
        group.remove()


@functools.cache
def _parents() -> tuple[Path, ...]:
    """Returns the groups in which this process could make others, or none."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ()
    own = {names: path for _, names, path in (line.split(":", 2) for line in lines)}
    if (MOUNTED / "cgroup.controllers").exists():
        return next(_unified(own.get("", "/")), ())
    found = tuple(MOUNTED / kind / own.get(kind, "/").lstrip("/") for kind in ("memory", "pids"))
    return found if all((folder / "cgroup.procs").exists() for folder in found) else ()


def _unified(path: str) -> Iterator[tuple[Path, ...]]:
    """Yields this process's group and those above it, if they count memory and processes inside."""
    folder = MOUNTED / path.lstrip("/")
    for place in (folder, *folder.parents):
        if not place.is_relative_to(MOUNTED):
            return
        with contextlib.suppress(OSError):
            counted = (place / "cgroup.subtree_control").read_text().split()
            if {"memory", "pids"} <= set(counted) and os.access(place, os.W_OK):
                yield (place,)
