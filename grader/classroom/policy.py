"""The rules of a policy: what points count, and an instructor's changes for one student."""

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
    """The penalty for late work.

    Attributes:
      grace: seconds after the due date without a penalty.
      per_day: share of the points reached, for each day begun since the due date.
      most: the largest share that is deducted.
    """

    grace: float = 0.0
    per_day: float = 0.0
    most: float = 1.0

    def days(self, due: datetime | None, time: float | None) -> int:
        """Returns how many days late a hand-in at `time`, in seconds since 1970, is."""
        late = 0.0 if due is None or time is None else time - due.timestamp()
        return math.ceil(late / DAY) if late > self.grace else 0

    def share(self, days: int) -> float:
        """Returns the share that is deducted."""
        return min(self.most, days * self.per_day)


@dataclass(frozen=True)
class TaskRule:
    """An instructor's points and comment for a student's task.

    Attributes:
      points: replace the verdict's, from 0 to the task's; None keeps the verdict's.
      comment: text for the student, or "".
    """

    points: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class WeekRule:
    """The rules for a week, for everyone or for one student.

    Attributes:
      weight: what the week's full points are worth in the total; None if points are not scaled.
      due: when it is due.
      waive: tasks that do not count.
      adjust: points added at the end, for one student; negative to deduct.
      comment: an instructor's text for one student, or "".
      tasks: an instructor's rules for tasks of one student, by the task's name.
    """

    weight: float | None = None
    due: datetime | None = None
    waive: frozenset[str] = frozenset()
    adjust: float = 0.0
    comment: str = ""
    tasks: Mapping[str, TaskRule] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """What points count; without any entry, they count unchanged.

    Attributes:
      attempts: "last" or "best".
      submitted: "files", the name of a CSV file, or "" if no times are needed.
      late: the penalty for late work.
      weeks: the rules of a week, for everyone.
      students: the rules of a student's week, by (student, week).
      files: the file that counts for a student's week, by (student, week): its path in the
        student's hand-in as intake.csv names it, or "none".
      left: students who have left the class.
      groups: students who hand in together, by the group's name.
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
        """Returns the rules for a student's week."""
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
        """Returns the tasks of a week that are waived for everyone."""
        return self.weeks.get(week, WeekRule()).waive

    def weight(self, week: str) -> float | None:
        """Returns what a week's full points are worth in the total, if the policy sets it."""
        return self.weeks.get(week, WeekRule()).weight
