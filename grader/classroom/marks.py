"""The marks of a class: the one model from which all tables and reports are made.

A verdict says how many points a file got. A mark says what they are worth to the student: which
attempt and which tasks count, the penalty for late work, the week's weight. Marks are rounded to
hundredths here, once, so that the totals of all outputs are equal to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.classroom.fingerprint import rubric_fingerprint
from grader.classroom.gradebook import Attempt, Gradebook
from grader.classroom.policy import Policy, Rubrics, TaskRule, WeekRule
from grader.course import COURSE
from grader.intake.model import Cell, Person
from grader.results.text import number
from grader.rubric import Task, read_rubric

Lines = tuple[int, int]  # first and last


@dataclass(frozen=True)
class WeekMark:
    """A student's mark for a week.

    Attributes:
      week: "week3".
      points: what counts; 0 for nothing handed in, None as long as that is open.
      worth: what the week's full points are worth.
      attempt: the one that counts; None if nothing, or nothing acceptable, was handed in.
      days_late: how many days late it was; 0 within the grace period.
      notes: sentences on what the policy did.
      open: why the hand-in could not be accepted, or "".
      stale: True if the verdict was made when the week had other points, so that it cannot be
        compared with the others'.
      changed: True if the week's checks, points or library have changed since.
      tasks: of the verdict, as in the JSON contract, with an instructor's points and `comment`.
      adjust: points that an instructor added; negative if they were deducted.
      comment: an instructor's text on the week, or "".
      given: an instructor's points and texts on tasks, by name.
    """

    week: str
    points: float | None
    worth: float
    attempt: Attempt | None = None
    days_late: int = 0
    notes: tuple[str, ...] = ()
    open: str = ""
    stale: bool = False
    changed: bool = False
    tasks: tuple[dict[str, Any], ...] = ()
    adjust: float = 0.0
    comment: str = ""
    given: Mapping[str, TaskRule] = field(default_factory=dict)

    @property
    def result(self) -> dict[str, Any] | None:
        """The original verdict on the attempt that counts, if there is one."""
        return self.attempt.result if self.attempt else None

    @property
    def tier(self) -> str:
        """The isolation tier of the verdict, or ""."""
        return self.result["isolation"] if self.result else ""

    @property
    def state(self) -> str:
        """Why there are no points, in two or three words; "" if there are points."""
        if self.points is not None:
            return "" if self.attempt else "nothing handed in"
        return "not accepted" if self.open else "judged earlier" if self.stale else "not judged yet"

    @property
    def words(self) -> tuple[str, ...]:
        """An instructor's points and comments, one line each."""
        said = [f"{self.adjust:+g} by the instructor"] if self.adjust else []
        said += [self.comment] if self.comment else []
        for name, rule in self.given.items():
            if rule.points is not None:
                said.append(f"{name}: {number(rule.points)} by the instructor")
            if rule.comment:
                said.append(f"{name}: {rule.comment}")
        return tuple(" ".join(line.split()) for line in said)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Everything that explains the points, in sentences."""
        found = (self.state, self.open.partition("\n")[0], *self.notes, *self.words)
        return tuple(text for text in found if text)


@dataclass(frozen=True)
class StudentMarks:
    """A student's marks.

    Attributes:
      student: the name.
      weeks: a mark for each week.
      person: the row of the roster, if there is one.
      numbers: what course systems call the student: {"canvas": "102"}.
      participants: Moodle's number of the student in the assignment of a week.
    """

    student: str
    weeks: tuple[WeekMark, ...]
    person: Person | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)
    participants: Mapping[str, str] = field(default_factory=dict)

    def participant(self, week: str) -> str:
        """Returns Moodle's number of the student in a week's assignment, or ""."""
        if self.participants:
            return self.participants.get(week, "")
        return self.numbers.get("moodle", "")  # of an export whose week is unknown

    @property
    def total(self) -> float:
        """The sum of the weeks; a week without points adds nothing yet."""
        return round(sum(mark.points or 0.0 for mark in self.weeks), 2)

    @property
    def incomplete(self) -> list[str]:
        """The weeks whose points are missing from the total."""
        return [mark.week for mark in self.weeks if mark.points is None]

    @property
    def tiers(self) -> list[str]:
        """The isolation tiers weaker than the sandbox that verdicts were made in."""
        return sorted({mark.tier for mark in self.weeks} - {"", "sandbox"})


@dataclass(frozen=True)
class Pair:
    """Two similar programs.

    Attributes:
      week: "week3".
      left: a student.
      right: another, or a file of the course.
      share: how much of the smaller program they share, 0 to 1.
      left_lines: the first and last line of each shared part in the left program's file.
      right_lines: the same in the right program's file.
    """

    week: str
    left: str
    right: str
    share: float
    left_lines: tuple[Lines, ...]
    right_lines: tuple[Lines, ...]


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class.

    Attributes:
      title: names the class.
      worth: the graded weeks, and what each is worth.
      students: all of them, sorted by name.
      similar: pairs of similar submissions, if they were looked for.
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
    """Computes the marks of a class.

    Args:
      book: its gradebook.
      policy: what counts.
      title: names the class.
    """
    known = rubrics()
    students = [s for s in book.students if s not in policy.left and s not in policy.groups]
    empty = book.open
    weeks = {week: _Week(book, policy, week, known[week], students, empty) for week in book.weeks}
    people, numbers, participants = book.people, book.numbers, book.participants
    found = [
        StudentMarks(
            student,
            tuple(week.mark(student) for week in weeks.values()),
            people.get(student),
            numbers.get(student, {}),
            {week: each for (who, week), each in participants.items() if who == student},
        )
        for student in students
    ]
    return ClassMarks(title, {name: week.worth for name, week in weeks.items()}, tuple(found))


@dataclass(frozen=True)
class _Work:
    """A student's attempts at a week that may count, the last one at the end."""

    attempts: list[Attempt] = field(default_factory=list)
    open: str = ""
    notes: tuple[str, ...] = ()


class _Week:
    """A week of a class: the work of every student, and what it is worth."""

    def __init__(
        self,
        book: Gradebook,
        policy: Policy,
        week: str,
        rubric: tuple[Task, ...],
        students: Sequence[str],
        empty: Mapping[Cell, str],
    ) -> None:
        self.policy = policy
        self.week = week
        self.fingerprint = rubric_fingerprint(week)
        self.work = {student: _work(book, policy, (student, week), empty) for student in students}
        waived = policy.waived(week)
        self.most = round(sum(t.points for t in rubric if t.name not in waived), 2)
        self.worth = self._worth()

    def _maximum(self, result: dict[str, Any]) -> float:
        """Returns the maximum points of a verdict, without tasks that are waived for everyone."""
        waived = self.policy.waived(self.week)
        return round(sum(t["max_points"] for t in result["tasks"] if t["name"] not in waived), 2)

    def _worth(self) -> float:
        weight = self.policy.weight(self.week)
        if weight is not None:
            return round(weight, 2)
        results = [
            attempt.result
            for work in self.work.values()
            for attempt in work.attempts
            if not work.open and attempt.result is not None and not _ungraded(attempt.result)
        ]
        maxima = {self._maximum(result) for result in results}
        return maxima.pop() if len(maxima) == 1 else self.most

    def mark(self, student: str) -> WeekMark:
        """Returns a student's mark for the week."""
        rule, work = self.policy.rule(student, self.week), self.work[student]
        empty = WeekMark(
            self.week,
            None,
            self.worth,
            notes=work.notes,
            open=work.open,
            adjust=rule.adjust,
            comment=rule.comment,
            given=rule.tasks,
        )
        if work.open:
            return empty
        if not work.attempts:
            counted = [each for name, each in rule.tasks.items() if name not in rule.waive]
            given = sum(each.points or 0.0 for each in counted) * self._scale(rule)
            return replace(empty, points=_adjusted(given, rule))
        marks = [self._of(attempt, rule, empty) for attempt in work.attempts]
        for attempt, mark in zip(work.attempts, marks, strict=True):
            if mark.stale or (attempt.last and mark.points is None):
                return mark  # it may be the best
        best = max(marks, key=lambda mark: -1.0 if mark.points is None else mark.points)
        if len(marks) == 1:
            return best
        note = f"attempt {marks.index(best) + 1} of {len(marks)} is the best"
        return replace(best, notes=(note, *best.notes))

    def _scale(self, rule: WeekRule) -> float:
        """Returns what a point of the rubric is worth."""
        return self.worth / self.most if rule.weight is not None and self.most else 1.0

    def _of(self, attempt: Attempt, rule: WeekRule, empty: WeekMark) -> WeekMark:
        """Returns the mark for an attempt."""
        result = attempt.result
        if result is None:
            return replace(empty, attempt=attempt)
        tasks = tuple(_with_words(task, rule) for task in result["tasks"])
        mark = replace(
            empty,
            attempt=attempt,
            tasks=tasks,
            changed=bool(attempt.rubric) and attempt.rubric != self.fingerprint,
        )
        counted = [task for task in tasks if task["name"] not in rule.waive]
        if any(_is_open(task, rule) for task in counted):
            return mark
        notes, maximum = list(mark.notes), self._maximum(result)
        other = f"judged when the week had {number(maximum)} points"
        if rule.weight is None and maximum != self.worth:
            again = f"{other}, now {number(self.worth)}: run class … --again to judge it again"
            return replace(mark, stale=True, notes=(*notes, again))
        if maximum != self.most and rule.weight is not None:
            notes.append(f"{other}, now {number(self.most)}: its share of the points counts")
        points = float(sum(task["points"] for task in counted))
        own_waivers = rule.waive - self.policy.waived(self.week)
        if rule.weight is not None or own_waivers:
            most = sum(task["max_points"] for task in counted)
            points = points / most * self.worth if most else 0.0
        waived = [task["name"] for task in tasks if task["name"] in rule.waive]
        if waived:
            notes.append(f"{', '.join(waived)} waived")
        days = self.policy.late.days(rule.due, attempt.time)
        if days:
            share = self.policy.late.share(days)
            points *= 1 - share
            day = "day" if days == 1 else "days"
            notes.append(f"{days} {day} late: {share * 100:g} % taken off")
        absent = rule.tasks.keys() - {task["name"] for task in tasks}
        notes += [f"this verdict has no task {name}" for name in sorted(absent)]
        points = _adjusted(points, rule)
        return replace(mark, points=points, days_late=days, notes=tuple(notes))


def _adjusted(points: float, rule: WeekRule) -> float:
    return max(0.0, round(points + rule.adjust, 2))


def _ungraded(result: dict[str, Any]) -> bool:
    return any(task["status"] == "ungraded" for task in result["tasks"])


def _is_open(task: dict[str, Any], rule: WeekRule) -> bool:
    """True if neither the grader nor an instructor has given points for a task."""
    given = rule.tasks.get(task["name"], TaskRule()).points
    return task["status"] == "ungraded" and given is None


def _with_words(task: dict[str, Any], rule: WeekRule) -> dict[str, Any]:
    """Returns a task of a verdict with an instructor's points and comment."""
    said = rule.tasks.get(task["name"], TaskRule())
    points = task["points"] if said.points is None else said.points
    return task | {"points": points, "comment": said.comment}


def _work(book: Gradebook, policy: Policy, cell: Cell, empty: Mapping[Cell, str]) -> _Work:
    student, week = cell
    group = policy.group_of(student)
    owners = list(dict.fromkeys([*policy.groups[group], group])) if group else [student]
    counting = [owner for owner in owners if policy.files.get((owner, week)) != "none"]
    attempts = [attempt for owner in counting for attempt in book.attempts(owner, week)]
    attempts = attempts or [each for owner in owners for each in book.attempts(owner, week)]
    reasons = (_reason(policy, (owner, week), empty, attempts) for owner in owners)
    reason = next(filter(None, reasons), "")
    if policy.attempts == "last":
        attempts = [attempt for attempt in attempts if attempt.last]
    if not group:
        return _Work(attempts, reason)
    return _work_of_group(group, attempts, reason, policy.attempts == "last")


def _work_of_group(group: str, attempts: list[Attempt], reason: str, only_last: bool) -> _Work:
    """Returns the attempts of a group's members that count."""
    each = {attempt.digest: attempt for attempt in reversed(attempts)}
    different = sorted(each.values(), key=lambda attempt: (attempt.last, attempt.time or 0.0))
    if reason or not different:
        return _Work(different, reason)
    note = f"handed in by the group {group}"
    if not only_last or len(different) == 1:
        return _Work(different, notes=(note,))
    times = [attempt.time for attempt in different]
    if None in times or times[-1] == times[-2]:
        reason = (
            f"members of the group {group} handed in different files, and their times do not say "
            'which is the later; in the policy, write "none" for those that do not count'
        )
        return _Work(different, reason)
    later = f"the latest of {len(different)} different files counts"
    return _Work(different[-1:], notes=(note, later))


def _reason(
    policy: Policy, cell: Cell, empty: Mapping[Cell, str], attempts: Sequence[Attempt]
) -> str:
    """Returns why a cell stays empty until an instructor says what counts, or ""."""
    choice = policy.files.get(cell, "")
    reason = "" if choice == "none" else empty.get(cell, "")
    if not reason and not choice and not attempts:
        reason = empty.get((cell[0], ""), "")  # of files that may be of any week
    if not reason or not choice:
        return reason
    return f'{reason} (the policy says "{choice}": the next run of class follows it)'
