"""What everybody's work counts in the end: the one model that all tables and reports are made from.

A verdict says how many points a file got. A mark says what that is worth to the student: which
attempt counts, which tasks, what being late took off, what the week weighs. Marks are rounded to
hundredths here, once, so that the totals of all outputs are equal to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.classroom.gradebook import Attempt, Gradebook
from grader.classroom.policy import Policy, Rubrics
from grader.course import COURSE
from grader.rubric import read_rubric

Lines = tuple[int, int]  # first and last


@dataclass(frozen=True)
class WeekMark:
    """What a student's week counts.

    Attributes:
      week: "week3".
      points: what counts; 0 for nothing handed in, None while there is no verdict.
      worth: what all of the week's points are worth.
      attempt: the one that counts; None if nothing was handed in.
      days_late: how late that was, beyond the grace.
      notes: sentences on what the policy did.
    """

    week: str
    points: float | None
    worth: float
    attempt: Attempt | None = None
    days_late: int = 0
    notes: tuple[str, ...] = ()

    @property
    def result(self) -> dict[str, Any] | None:
        """The verdict that counts, if there is one."""
        return self.attempt.result if self.attempt else None

    @property
    def tier(self) -> str:
        """The isolation tier of the verdict, or ""."""
        return self.result["isolation"] if self.result else ""


@dataclass(frozen=True)
class StudentMarks:
    """What a student's work counts.

    Attributes:
      student: the name.
      number: what a learning platform calls the student, as "moodle 4711", or "".
      weeks: a mark for each graded week.
    """

    student: str
    number: str
    weeks: tuple[WeekMark, ...]

    def number_in(self, platform: str) -> str:
        """Returns what this platform calls the student, or ""; another one's would be wrong."""
        name, _, number = self.number.partition(" ")
        return number if name == platform else ""

    @property
    def total(self) -> float:
        """The sum of the weeks; a week without a verdict adds nothing yet."""
        return round(sum(mark.points or 0.0 for mark in self.weeks), 2)

    @property
    def tiers(self) -> list[str]:
        """The isolation tiers weaker than the sandbox that verdicts were made in."""
        return sorted({mark.tier for mark in self.weeks} - {"", "sandbox"})


@dataclass(frozen=True)
class Pair:
    """Two programs that are alike.

    Attributes:
      week: "week3".
      left: a student.
      right: another, or a file of the course.
      share: how much of the smaller one they share, 0 to 1.
      left_lines: where that stands in the left one's file, as first and last lines.
      right_lines: where it stands in the right one's.
    """

    week: str
    left: str
    right: str
    share: float
    left_lines: tuple[Lines, ...]
    right_lines: tuple[Lines, ...]


@dataclass(frozen=True)
class ClassMarks:
    """What a class's work counts.

    Attributes:
      title: names the class.
      worth: the graded weeks, and what each is worth.
      students: everybody, sorted by name.
      similar: pairs of submissions that are alike, where they were looked for.
    """

    title: str
    worth: Mapping[str, float]
    students: tuple[StudentMarks, ...]
    similar: tuple[Pair, ...] = ()

    @property
    def total(self) -> float:
        """What all weeks together are worth."""
        return round(sum(self.worth.values()), 2)

    @property
    def tiers(self) -> list[str]:
        """The isolation tiers weaker than the sandbox that verdicts were made in."""
        return sorted({tier for student in self.students for tier in student.tiers})


def rubrics() -> Rubrics:
    """Returns the tasks of every week of the course."""
    return {week: read_rubric(COURSE.checks / f"{week}.py") for week in COURSE.weeks()}


def class_marks(book: Gradebook, policy: Policy, title: str = "") -> ClassMarks:
    """Returns the marks of a class.

    Args:
      book: its gradebook.
      policy: what counts.
      title: names the class.
    """
    tasks = rubrics()
    worth = {week: round(policy.worth(week, tasks[week]), 2) for week in book.weeks}
    numbers = book.numbers
    students = []
    for student in book.students:
        weeks = [_mark(book, policy, student, week, worth[week]) for week in book.weeks]
        students.append(StudentMarks(student, numbers.get(student, ""), tuple(weeks)))
    return ClassMarks(title, worth, tuple(students))


def _mark(book: Gradebook, policy: Policy, student: str, week: str, worth: float) -> WeekMark:
    attempts = book.attempts(student, week)
    if policy.attempts == "last":
        attempts = [attempt for attempt in attempts if attempt.last]
    if not attempts:
        return WeekMark(week, 0.0, worth)
    marks = [_attempt_mark(attempt, policy, student, week, worth) for attempt in attempts]
    if attempts[-1].last and marks[-1].points is None:
        return marks[-1]  # it may be the best
    best = max(marks, key=lambda mark: -1.0 if mark.points is None else mark.points)
    if len(marks) == 1:
        return best
    note = f"attempt {marks.index(best) + 1} of {len(marks)} is the best"
    return replace(best, notes=(note, *best.notes))


def _attempt_mark(
    attempt: Attempt, policy: Policy, student: str, week: str, worth: float
) -> WeekMark:
    result = attempt.result
    if result is None or any(task["status"] == "ungraded" for task in result["tasks"]):
        return WeekMark(week, None, worth, attempt)
    rule = policy.rule(student, week)
    points, notes = float(result["points"]), []
    waived = [task["name"] for task in result["tasks"] if task["name"] in rule.waive]
    if waived or rule.weight is not None:
        counted = [task for task in result["tasks"] if task["name"] not in rule.waive]
        most = sum(task["max_points"] for task in counted)
        points = sum(task["points"] for task in counted) / most * worth if most else 0.0
    if waived:
        notes.append(f"{', '.join(waived)} waived")
    days = policy.late.days(rule.due, attempt.time)
    if days:
        share = policy.late.share(days)
        points *= 1 - share
        notes.append(f"{days} {'day' if days == 1 else 'days'} late: {share * 100:g} % taken off")
    return WeekMark(week, round(points, 2), worth, attempt, days, tuple(notes))
