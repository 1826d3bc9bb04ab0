"""The worker of a submission, and how to get another."""

from __future__ import annotations

from collections.abc import Callable

from grader.judge.student import StudentRaised
from grader.session.options import Options
from grader.source.submission import Submission
from grader.worker.supervisor import Worker, WorkerGone

IMPORT_SECONDS = 15.0  # CPU time for importing a student's file


def wall_seconds(cpu_seconds: float) -> float:
    """How long to wait on the clock for so many CPU seconds: generous, for a busy machine."""
    return 10.0 + 4.0 * cpu_seconds


class Workers:
    """The current worker and how to get another: started ahead, so that start-up overlaps."""

    def __init__(self, options: Options, make: Callable[[], Worker] | None = None) -> None:
        """Starts nothing yet.

        Args:
          options: how to grade.
          make: gives a worker that has served nobody; starts one by default.
        """
        self._make = make or (lambda: Worker(options.tier, options.device, options.limits))
        self._current: Worker | None = None
        self.loaded: Submission | None = None

    def start(self) -> None:
        """Starts a worker in the background if there is none."""
        if self._current is None:
            self._current = self._make()

    def worker(self, submission: Submission, tick: Callable[[], None]) -> Worker:
        """Returns a worker that has imported the submission.

        Raises:
          HostFault: if none starts.
          WorkerGone: if importing the file ended it.
          StudentRaised: if importing the file raised.
        """
        if self._current is not None and self.loaded not in (None, submission):
            self.close()
        self.start()
        worker = self._current
        assert worker is not None
        if self.loaded is None:
            worker.wait_ready(tick)
            worker.start_clock()
            message = {
                "do": "load",
                "name": submission.week,
                "file": f"{submission.week}.py",
                "source": submission.source.encode("utf-8", "surrogatepass"),
            }
            self.loaded = submission
            try:
                reply = worker.request(message, IMPORT_SECONDS, wall_seconds(IMPORT_SECONDS), tick)
            except WorkerGone:
                self.forget()
                raise
            if "raised" in reply:
                self.close()
                raised = reply["raised"]
                raise StudentRaised(raised if isinstance(raised, dict) else {})
        return worker

    @property
    def last_line(self) -> str:
        """The last line that the current worker printed."""
        return self._current.output.last if self._current is not None else ""

    def forget(self) -> None:
        """The current worker is gone: the next task gets another."""
        self._current, self.loaded = None, None

    def close(self) -> None:
        """Ends the current worker."""
        if self._current is not None:
            self._current.close()
        self.forget()
