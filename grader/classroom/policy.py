"""What the points of a class count, and what an instructor says about one student's work."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class TaskRule:
    """An instructor's word on a student's task.

    Attributes:
      points: in place of the verdict's, from 0 to the task's; None leaves them.
      comment: text for the student, or "".
    """

    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class WeekRule:
    """What holds for a week, for everybody or for one student.

    Attributes:
      weight: what all of the week's points are worth in the total; None for as many as they are.
      due: when it is due.
      waive: tasks that do not count.
      adjust: points that are added in the end, for one student; less than 0 takes off.
      comment: an instructor's text for one student, or "".
      tasks: an instructor's word on tasks of one student, by the task's name.
    """

    weight: float | None = None
    due: datetime | None = None
    waive: frozenset[str] = frozenset()
    adjust: float = 0.0
    comment: str = ""
    tasks: Mapping[str, TaskRule] = field(default_factory=dict)


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
        return replace(
            own,
            weight=all_have.weight,
            due=own.due or all_have.due,
            waive=all_have.waive | own.waive,
        )

    def group_of(self, student: str) -> str:
        """Returns the name of the student's group, or ""."""
        return next((name for name, members in self.groups.items() if student in members), "")

    def waived(self, week: str) -> frozenset[str]:
        """Returns the tasks of a week that count for nobody."""
        return self.weeks.get(week, WeekRule()).waive

    def weight(self, week: str) -> float | None:
        """Returns what all of a week's points are worth in the total, where the policy says it."""
        return self.weeks.get(week, WeekRule()).weight
