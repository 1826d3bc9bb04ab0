"""What a worker may use."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass

MAX_PROCESSES = 64
MAX_THREADS = 2048  # in all processes together, if the kernel can count them: XLA starts many


@dataclass(frozen=True)
class Limits:
    """What a worker may use.

    Attributes:
      memory_bytes: resident memory of all its processes together.
      file_bytes: size of one file that it writes.
    """

    memory_bytes: int = 4 * 2**30
    file_bytes: int = 256 * 2**20


def counted_apart(tier: str) -> bool:
    """True if the kernel counts the threads of one worker alone.

    It does for a separate user. Since Linux 5.14 it also does in the sandbox, but never for root.
    """
    if tier != "sandbox" or os.geteuid() == 0:
        return tier == "user"
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    return version is not None and (int(version[1]), int(version[2])) >= (5, 14)
