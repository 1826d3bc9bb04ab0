"""What a worker may use."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass

MAX_PROCESSES = 64
MAX_THREADS = 2048  # of all processes together, where the kernel can count them: XLA starts many


@dataclass(frozen=True)
class Limits:
    """What a worker may use.

    Attributes:
      memory_bytes: resident memory of all its processes together.
      file_bytes: size of one file it writes.
    """

    memory_bytes: int = 4 * 2**30
    file_bytes: int = 256 * 2**20


def counted_apart(tier: str) -> bool:
    """True if the kernel's count of a user's threads is that of one worker alone.

    It is for a user of its own. Since Linux 5.14 it is in the sandbox too, but root is not counted.
    """
    if tier != "sandbox" or os.geteuid() == 0:
        return tier == "user"
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    return version is not None and (int(version[1]), int(version[2])) >= (5, 14)
