"""Interrupts a cell that waits instead of computing, so that it does not cost its worker."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

BUSY = 4  # seconds on the clock that a busy machine may take for one of computing


class WaitedTooLong(BaseException):
    """A cell has slept or waited for too long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises `WaitedTooLong` in the code inside once it has waited for this many seconds."""
    clock, cpu = time.monotonic(), time.process_time()

    def look(*_: object) -> None:
        computed = time.process_time() - cpu
        if time.monotonic() - clock - BUSY * computed > seconds:
            raise WaitedTooLong

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
