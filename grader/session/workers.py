"""The worker of a submission, and how to get another one."""

from __future__ import annotations

from collections.abc import Callable

from grader.judge.student import StudentRaised
from grader.session.loading import Loading
from grader.session.options import Options
from grader.source.program import Program
from grader.source.submission import Submission
from grader.worker.output import Tail
from grader.worker.supervisor import Worker, WorkerGone


class Workers:
    """The current worker, started ahead so that start-up overlaps, and how to get another one.

    Attributes:
      loading: what happened to the cells of the latest submission.
      loaded: the submission that the current worker has imported.
    """

    def __init__(self, options: Options, make: Callable[[], Worker] | None = None) -> None:
        """Starts no worker yet.

        Args:
          options: how to grade.
          make: returns an unused worker; starts one by default.
        """
        self._make = make or (lambda: Worker(options.tier, options.device, options.limits))
        self._current: Worker | None = None
        self.loading: Loading | None = None
        self.loaded: Submission | None = None

    def start(self) -> None:
        """Starts a worker in the background if there is none."""
        if self._current is None:
            self._current = self._make()

    def worker(self, submission: Submission, tick: Callable[[], None]) -> Worker:
        """Returns a worker that has imported the submission, without the cells that end it.

        Raises:
          HostFault: if none starts.
          WorkerGone: if importing the file ended it, whichever cells were left out.
          StudentRaised: if the worker cannot read the file.
        """
        if self._current is not None and self.loaded not in (None, submission):
            self.close()
        if self.loading is None or self.loading.submission != submission:
            self.loading = Loading(submission)
        while self.loaded is None:
            self.start()
            assert self._current is not None
            self._current.wait_ready(tick)
            self._current.start_clock()
            self.loaded = submission
            printed = self._current.output = Tail()  # the grader's code printed what came before
            try:
                self.loading.load(self._current, tick)
            except WorkerGone:
                self.forget()
                if not self.loading.open:
                    raise
            except StudentRaised:
                self.close()
                raise
            finally:
                self.loading.printed = printed.text
        assert self._current is not None
        return self._current

    def check(self, program: Program, functions: tuple[str, ...]) -> None:
        """Checks, as far as is known, that loading has defined all that the functions need.

        Raises:
          CellStopped: if it has not.
        """
        if self.loading is not None and self.loading.submission == program.submission:
            self.loading.check(program, functions)

    @property
    def last_line(self) -> str:
        """The last line that the current worker printed."""
        return self._current.output.last if self._current is not None else ""

    def forget(self) -> None:
        """Forgets the current worker, which is gone: the next task gets another one."""
        self._current, self.loaded = None, None

    def close(self) -> None:
        """Ends the current worker."""
        if self._current is not None:
            self._current.close()
        self.forget()
