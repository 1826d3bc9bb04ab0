"""Workers that were started ahead of what they are for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from grader.worker.supervisor import HostFault, Worker

AHEAD = 1  # workers that stand ready; each has 0.2 GB


class SpareWorkers:
    """Workers that were started ahead; each is given out once and serves one submission."""

    def __init__(self, make: Callable[[], Worker], ahead: int = AHEAD) -> None:
        """Starts nothing yet.

        Args:
          make: starts a worker.
          ahead: how many stand ready; may be changed at any time.
        """
        self._make = make
        self.ahead = ahead
        self._waiting: deque[Worker] = deque()

    def take(self) -> Worker:
        """Returns a worker that has served nobody, and starts the next ones.

        They import what they need while this one is busy, so nobody waits for that.

        Raises:
          HostFault: if none can be started.
        """
        worker = None
        while worker is None and self._waiting:
            worker = self._waiting.popleft()
            if worker.process.poll() is not None:  # it has ended while it stood there
                worker.close()
                worker = None
        worker = worker or self._make()
        self.fill()
        return worker

    def fill(self) -> None:
        """Starts as many as should stand ready; one that does not start is missed later."""
        while len(self._waiting) < self.ahead:
            try:
                self._waiting.append(self._make())
            except HostFault:
                return

    def close(self) -> None:
        """Ends those that stand ready."""
        while self._waiting:
            self._waiting.popleft().close()
