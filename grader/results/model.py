"""The results of tasks and weeks: the fields of the JSON contract."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

STATUSES = ("passed", "failed", "todo", "error", "timeout", "crashed", "skipped", "ungraded")
MAX_MESSAGE = 20_000
MAX_OUTPUT = 4_000


@dataclass
class TaskResult:
    """The result of one task; the fields are those of the JSON contract.

    `output` is the end of what the student's code printed meanwhile. It is not part of the verdict.
    """

    name: str
    title: str
    status: str
    points: float
    max_points: float
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    output: str = ""

    def __post_init__(self) -> None:
        self.drawing: tuple[str, ...] = ()  # blocks for a terminal: not a field, so in no file
        assert self.status in STATUSES
        points = float(self.points)
        self.points = min(max(points, 0.0), self.max_points) if math.isfinite(points) else 0.0
        self.seconds = round(max(0.0, self.seconds), 3)
        self.message = self.message[:MAX_MESSAGE]
        self.output = self.output[-MAX_OUTPUT:]

    def as_json(self) -> dict[str, Any]:
        """Returns the task of the contract, with `output` only if the code printed something."""
        fields = asdict(self)
        if not self.output:
            del fields["output"]
        return fields


@dataclass
class WeekResult:
    """The result of one week; the fields are those of the JSON contract."""

    week: str
    submission: str
    self_check: bool
    data: str
    isolation: str
    device: str
    seed: str | int
    seconds: float = 0.0
    tasks: list[TaskResult] = field(default_factory=list)
    changed_files: list[str] = field(default_factory=list)  # of the grader, while it ran
    notes: list[str] = field(default_factory=list)  # what was left out, for people
    output: str = ""  # the end of what the student's file printed while it was imported

    @property
    def points(self) -> float:
        """Points of all graded tasks."""
        return round(sum(task.points for task in self.tasks), 6)

    @property
    def max_points(self) -> float:
        """The most points of all graded tasks."""
        return round(sum(task.max_points for task in self.tasks), 6)

    @property
    def passed(self) -> bool:
        """True only if every task passed."""
        return bool(self.tasks) and all(task.status == "passed" for task in self.tasks)

    @property
    def ungraded(self) -> bool:
        """True if at least one task could not be judged."""
        return any(task.status == "ungraded" for task in self.tasks)

    def as_json(self) -> dict[str, Any]:
        """Returns the object of the contract."""
        fields = {
            "schema": 1,
            "week": self.week,
            "submission": self.submission,
            "self_check": self.self_check,
            "data": self.data,
            "isolation": self.isolation,
            "device": self.device,
            "seed": self.seed,
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "tasks": [task.as_json() for task in self.tasks],
        }
        return fields | ({"output": self.output} if self.output else {})


def exit_status(weeks: list[WeekResult]) -> int:
    """Returns 0 if every task passed, 2 if a task could not be judged, or else 1."""
    if any(week.ungraded for week in weeks):
        return 2
    return 0 if weeks and all(week.passed for week in weeks) else 1
