"""Chooses how much of the machine a worker sees: a sandbox, what another user sees, or everything.

| attack                                        | sandbox | user         | process                 |
| --------------------------------------------- | ------- | ------------ | ----------------------- |
| forges the verdict by what it answers         | stopped | stopped      | stopped                 |
| endless loop, memory, output, core dumps      | stopped | stopped      | stopped                 |
| processes that outlive the task               | stopped | stopped      | ended (macOS: mostly)   |
| reads solutions, checks, home, submissions    | stopped | stopped      | not stopped             |
| changes grader, rubric, `lib`, solutions      | stopped | stopped      | noticed, nothing counts |
| attacks the grader's process or its libraries | stopped | stopped      | not stopped             |
| signals other processes                       | stopped | stopped      | not stopped             |
| opens the network                             | stopped | stopped      | stopped by libseccomp   |
| leaves files outside its own folder           | stopped | removed      | not stopped             |
| fills the disk                                | stopped | file by file | file by file            |
| sees what else runs on the machine            | stopped | not stopped  | not stopped             |
| uses a forbidden piece of a library           | made difficult, in all                           |

All tiers stop endless loops and forged answers, because verdict, labels and expected values are
never in the worker's process, and the grader watches the limits from outside. In a plain process,
student code has the rights of the person who grades: use it for your own work, not for marks.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path

from grader.course import COURSE
from grader.worker import bubblewrap, other_user
from grader.worker.remedies import Lack
from grader.worker.visible import interpreter_folders, is_under

TIERS = ("auto", "sandbox", "user", "process")


class IsolationError(Exception):
    """The requested tier does not work here; the text says why and what to do."""


def choose(tier: str, private: Sequence[Path] = ()) -> str:
    """Returns the tier to use for the requested one.

    Args:
      tier: one of `TIERS`; "auto" takes the best that works.
      private: folders besides the course's own that no student code may read; the sandbox hides
        all of them anyway.

    Raises:
      IsolationError: if that tier does not work here.
    """
    if tier == "process":
        return "process"
    lacks = {
        "sandbox": lambda: bubblewrap.sandbox_lack() or shown(private),
        "user": lambda: user_lack(tuple(str(path) for path in private)),
    }
    for name, lack in lacks.items():
        if tier in ("auto", name):
            found = lack()
            if found is None:
                return name
            if tier == name:
                raise IsolationError(f"--isolation {name} does not work here: {found}")
    return "process"


def data_folders(data: str) -> list[Path]:
    """Returns the folders with the labels of a source of images, which no student code may read.

    Args:
      data: "embedded", "tfds" or a folder.
    """
    if data == "embedded":
        return []
    if data == "tfds":
        from lib.data.published.tfds import default_folder

        return [default_folder()]
    return [Path(data)]


def shown(private: Sequence[Path]) -> Lack | None:
    """Returns a lack if one of these folders is in a folder that the sandbox has to show."""
    seen = [os.path.realpath(path) for path in ("/usr", *interpreter_folders())]
    for path in private:
        if is_under(os.path.realpath(path), seen):
            return Lack(
                f"{path} is in a folder that Python needs, so student code could read it.",
                "move it",
            )
    return None


@functools.cache
def user_lack(private: tuple[str, ...] = ()) -> Lack | None:
    """Tries another user once; returns what this machine lacks for that, or None if it works.

    Args:
      private: as for `choose`.
    """
    own = [str(COURSE.root / name) for name in ("solutions", "grader", "tests", ".git")]
    home = os.path.expanduser("~")
    homes = [home] if home != "/" else []
    return other_user.lack([*own, *private], homes, interpreter_folders())
