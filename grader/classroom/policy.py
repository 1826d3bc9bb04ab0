"""What the points of a class count: weights, due dates, late penalties, attempts, waivers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from grader.rubric import Task

DAY = 24 * 60 * 60
Rubrics = Mapping[str, tuple[Task, ...]]


@dataclass(frozen=True)
class Late:
    """What late work loses.

    Attributes:
      grace: seconds after the due date that cost nothing.
      per_day: share of what was reached, for each day begun since the due date.
      most: the largest share that is taken off.
    """

    grace: float = 0.0
    per_day: float = 0.0
    most: float = 1.0

    def days(self, due: datetime | None, time: float | None) -> int:
        """Returns how many days late something is that came in at `time`, seconds since 1970."""
        late = 0.0 if due is None or time is None else time - due.timestamp()
        return math.ceil(late / DAY) if late > self.grace else 0

    def share(self, days: int) -> float:
        """Returns the share that is taken off."""
        return min(self.most, days * self.per_day)


@dataclass(frozen=True)
class WeekRule:
    """What holds for a week, for everybody or for one student."""

    weight: float | None = None
    due: datetime | None = None
    waive: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """What points count; without any entry they count as they are.

    Attributes:
      attempts: "last" or "best".
      submitted: "files", the name of a CSV file, or "" where nothing asks for times.
      late: what late work loses.
      weeks: the rules of a week, for everybody.
      students: the rules of a student's week, by (student, week).
      files: the file that counts for a student's week, by (student, week): its place in the
        student's hand-in as intake.csv names it, or "none".
      left: who has left the class.
      groups: who hands in together, by the group's name.
    """

    attempts: str = "last"
    submitted: str = ""
    late: Late = Late()
    weeks: Mapping[str, WeekRule] = field(default_factory=dict)
    students: Mapping[tuple[str, str], WeekRule] = field(default_factory=dict)
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rule(self, student: str, week: str) -> WeekRule:
        """Returns what holds for a student's week."""
        all_have = self.weeks.get(week, WeekRule())
        own = self.students.get((student, week), WeekRule())
        return WeekRule(all_have.weight, own.due or all_have.due, all_have.waive | own.waive)

    def worth(self, week: str, rubric: tuple[Task, ...]) -> float:
        """Returns what all of a week's points are worth in the total."""
        rule = self.weeks.get(week, WeekRule())
        if rule.weight is not None:
            return rule.weight
        return float(sum(task.points for task in rubric if task.name not in rule.waive))
