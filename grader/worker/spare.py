"""Starts workers before there is work for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from grader.worker.supervisor import HostFault, Worker

AHEAD = 1  # workers that wait; each takes 0.2 GB


class SpareWorkers:
    """Workers started ahead; each serves one submission."""

    def __init__(self, make: Callable[[], Worker], ahead: int = AHEAD) -> None:
        """Starts no worker yet.

        Args:
          make: starts a worker.
          ahead: how many wait; may change at any time.
        """
        self._make = make
        self.ahead = ahead
        self._waiting: deque[Worker] = deque()

    def take(self) -> Worker:
        """Returns an unused worker, and starts the next ones.

        They import what they need while this one is busy, so that costs no waiting.

        Raises:
          HostFault: if none can start.
        """
        worker = None
        while worker is None and self._waiting:
            worker = self._waiting.popleft()
            if worker.process.poll() is not None:  # it has ended while it waited
                worker.close()
                worker = None
        worker = worker or self._make()
        self.fill()
        return worker

    def fill(self) -> None:
        """Starts workers until enough wait; `take` reports one that cannot start."""
        while len(self._waiting) < self.ahead:
            try:
                self._waiting.append(self._make())
            except HostFault:
                return

    def close(self) -> None:
        """Ends the workers that wait."""
        while self._waiting:
            self._waiting.popleft().close()
