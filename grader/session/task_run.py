"""One task while its check runs: the worker that answers it, and its fixtures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from grader.judge.images import Request, RunData
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.rubric import Task
from grader.session.loading import wall_seconds
from grader.session.options import Options
from grader.session.workers import Workers
from grader.source.program import Program
from grader.worker.output import Tail
from grader.worker.supervisor import WorkerGone


class TaskRun:
    """Asks the worker on behalf of one check, within the task's limits.

    Attributes:
      task: the task.
      student, secret, judge: the fixtures of its check.
      output: what the student's code prints meanwhile, in all workers of this task.
    """

    def __init__(
        self,
        task: Task,
        program: Program,
        options: Options,
        workers: Workers,
        ahead: Mapping[Request, RunData],
        tick: Callable[[], None],
    ) -> None:
        """Starts no worker yet.

        Args:
          task: the task.
          program: the student's.
          options: how to grade.
          workers: where the worker comes from.
          ahead: images of this task that are already being made.
          tick: called about ten times a second while the student's code runs.
        """
        self.task = task
        self._program, self._workers, self._tick = program, workers, tick
        self._replies = 0
        self.output = Tail()
        self._started = time.monotonic()
        self.student = Student(self._ask, self._renew)
        self.secret = options.secret.stream(program.submission.week, task.name)
        self.judge = Judge(self.student, self.secret, options.data, self._your_line, ahead)

    @property
    def answered(self) -> bool:
        """Whether the student's code has answered anything; the first reply is the worker's own."""
        return self._replies > 1

    @property
    def seconds(self) -> float:
        """How long this has taken so far."""
        return time.monotonic() - self._started

    def start(self) -> None:
        """Gets a worker that has imported the file, and prepares it for the task.

        Raises:
          HostFault: if no worker starts.
          WorkerGone: if importing the file ended it.
          StudentRaised: if the worker cannot read the file.
          CellStopped: if something that the task needs is not defined.
        """
        self._workers.check(self._program, self.task.functions)  # before starting one
        self._worker = self._workers.worker(self._program.submission, self._tick)
        self._workers.check(self._program, self.task.functions)
        self._worker.output = self.output
        self._worker.start_clock()
        self._ask({"do": "task", "forbids": list(self.task.forbids)})

    def tidy(self) -> None:
        """Ends a worker with stray threads or processes, so that the next task starts clean."""
        if self._workers.loaded is None:
            return
        try:
            self._worker.start_clock()
            reply = self._worker.request({"do": "task", "forbids": []}, 5.0, 20.0)
            value = reply.get("value")
            clean = isinstance(value, dict) and value.get("threads") == 1
            clean = clean and not self._worker.has_children()
        except WorkerGone:
            self._workers.forget()
            return
        if not clean:
            self._workers.close()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        seconds = self.task.seconds
        reply = self._worker.request(message, seconds, wall_seconds(seconds), self._tick)
        self._replies += 1
        return reply

    def _renew(self) -> None:
        self._workers.close()
        try:
            self.start()
        except Exception:
            self._workers.close()
            raise

    def _your_line(self, name: str, pattern: str = "") -> str:
        program = self._program
        name = name if program.definition(name) else self.task.functions[0]
        line = program.line_with(name, pattern) if pattern else program.last_line(name)
        return program.submission.quote(line) if line else ""
