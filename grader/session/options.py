"""How to grade, and who hears about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.course import COURSE, Course
from grader.results.model import TaskResult, WeekResult
from grader.rubric import Task
from grader.secret import Secret
from grader.worker.limits import Limits


class Reporter:
    """Hears what happens while a week is graded; this one ignores it."""

    def week_started(self, result: WeekResult) -> None:
        """A week starts."""

    def task_started(self, task: Task) -> None:
        """A task starts."""

    def tick(self, last_line: str) -> None:
        """The student's code is running; called about ten times a second."""

    def task_done(self, result: TaskResult) -> None:
        """A task is judged."""

    def week_done(self, result: WeekResult) -> None:
        """A week is judged."""


@dataclass
class Options:
    """How to grade.

    Attributes:
      course: where the rubric and the solutions are.
      data: "embedded", "tfds" or a folder.
      secret: the secret of this run.
      device: "cpu", "gpu" or "tpu".
      tier: "sandbox" or "process".
      tasks: names of the tasks to grade; all by default.
      limits: a worker's limits.
      training_last: judge tasks that train after all others.
    """

    course: Course = COURSE
    data: str = "embedded"
    secret: Secret = field(default_factory=Secret.fresh)
    device: str = "cpu"
    tier: str = "process"
    tasks: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    training_last: bool = False
