"""Reads a class's policy; an error names the line of an entry that makes no sense.

A policy is a TOML file next to the results, so that you can change it without grading anything
again:

    attempts = "best"           # which attempt counts: "last" (the default) or "best"
    submitted = "files"         # times of hand-ins: those of the files in DIR, or a CSV file
                                # next to this one with the columns student, week, submitted

    [late]
    grace_minutes = 30          # no penalty up to 30 minutes late
    percent_per_day = 10        # of the points reached, for each day begun since the due date
    most_percent = 50           # the largest penalty; 100 if left out

    [week3]
    weight = 20                 # what the week's full points are worth in the total
    due = 2026-11-20T23:59:00+01:00
    waive = ["train_cnn"]       # does not count for anyone

    [students."Ada Lovelace".week3]
    due = 2026-11-27T23:59:00+01:00
    waive = ["plot_kernels"]    # does not count for her; the other tasks are worth the entire week
    adjust = -1                 # points added at the end
    comment = "Shown at the board."

    [students."Ada Lovelace".week3.tasks.convolve2d]
    points = 1.5                # replaces the verdict's points
    comment = "Right, but for the edge."

    [students."Ada Lovelace".files]
    week2 = "backup/week2.py"   # which of several files counts, as intake.csv names it
    week4 = "none"              # none of the files found for this week

    [students."Bob Reed"]
    left = true                 # has left: no row in any table; nothing is deleted

    [groups]
    "Team 1" = ["Cy Oz", "Di Ek"]   # hand in together: each gets what any of them handed in
"""

from __future__ import annotations

import csv
import difflib
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.classroom.policy import Late, Policy, Rubrics, TaskRule, WeekRule
from grader.course import WEEK_NAME
from grader.results.files import write_text

NAME = "policy.toml"  # in the folder of the results
FILES = "files"
LARGEST = 1e9  # limit for every number
MAX_COMMENT = 2000  # characters
# It is copied into the folder of the results, whose own tables it must not replace.
SUBMITTED = re.compile(
    r"files||(?!(?i:(grades|intake|roster|canvas|moodle)\.|moodle-by-))[^/\\]+\.csv"
)
OWN = ("due", "waive", "adjust", "comment", "tasks")  # entries of a student's week


class PolicyError(Exception):
    """The policy cannot be used; the text names the file, the line and the problem."""


class Names:
    """The students' names as a file may write them: in any Unicode form, also former names."""

    def __init__(self, students: Iterable[str], renamed: Mapping[str, str] = {}) -> None:
        """Stores the names.

        Args:
          students: all students.
          renamed: the present name by each former one.
        """
        self._known = {_composed(student): student for student in students}
        self._known |= {_composed(former): name for former, name in renamed.items()}

    def find(self, written: str) -> str | None:
        """Returns the student of that name, or None."""
        return self._known.get(_composed(written))

    def nobody(self, written: str) -> str:
        """Returns a sentence for a name that no student has."""
        near = difflib.get_close_matches(_composed(written), self._known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"no one in the class is called {written}.{hint}"


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


@dataclass
class _Reader:
    """Reads a policy and knows the line of each entry, for error messages."""

    path: Path
    text: str
    rubrics: Rubrics
    names: Names

    def error(self, keys: tuple[str, ...], what: str) -> PolicyError:
        return PolicyError(f"{self.path}, line {_line(self.text, keys)}: {what}")

    def table(
        self, value: Any, keys: tuple[str, ...], known: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            what = f"{keys[-1]} must be a table of entries, as in [{'.'.join(keys)}]."
            raise self.error(keys, what)
        for key in value:
            if known is not None and key not in known:
                entries = f"Choose from {', '.join(known)}."
                raise self.error((*keys, key), f"{keys[-1]} has no entry {key}. {entries}")
        return value

    def number(
        self,
        table: dict[str, Any],
        keys: tuple[str, ...],
        most: float,
        default: float | None,
        least: float = 0.0,
    ) -> float | None:
        value = table.get(keys[-1], default)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= min(most, LARGEST):
            limit = f"from {least:g} to {min(most, LARGEST):g}"
            raise self.error(keys, f"{keys[-1]} must be a number {limit}, not {value!r}.")
        return float(value)

    def comment(self, table: dict[str, Any], keys: tuple[str, ...]) -> str:
        value, at = table.get("comment", ""), (*keys, "comment")
        if not isinstance(value, str) or len(value) > MAX_COMMENT:
            raise self.error(at, f"comment must be text of at most {MAX_COMMENT} characters.")
        return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in value).strip()

    def person(self, written: str, keys: tuple[str, ...]) -> str:
        found = self.names.find(written)
        if found is None:
            raise self.error(keys, self.names.nobody(written))
        return found

    def late(self, value: Any) -> Late:
        names = ("grace_minutes", "percent_per_day", "most_percent")
        table = self.table(value, ("late",), names)
        if "percent_per_day" not in table:
            raise self.error(("late",), "[late] needs percent_per_day; 0 means no penalty.")
        grace = self.number(table, ("late", "grace_minutes"), math.inf, 0.0) or 0.0
        per_day = self.number(table, ("late", "percent_per_day"), 100.0, 0.0) or 0.0
        most = self.number(table, ("late", "most_percent"), 100.0, 100.0) or 0.0
        return Late(grace * 60, per_day / 100, most / 100)

    def week(self, value: Any, keys: tuple[str, ...], known: tuple[str, ...]) -> WeekRule:
        table = self.table(value, keys, known)
        due = table.get("due")
        if due is not None and (not isinstance(due, datetime) or due.tzinfo is None):
            raise self.error(
                (*keys, "due"),
                "due must be a date and time with a zone, such as 2026-11-20T23:59:00+01:00.",
            )
        return WeekRule(
            weight=self.number(table, (*keys, "weight"), math.inf, None),
            due=due,
            waive=self.waived(table, keys),
            adjust=self.number(table, (*keys, "adjust"), math.inf, 0.0, -LARGEST) or 0.0,
            comment=self.comment(table, keys),
            tasks=self.tasks(table.get("tasks", {}), (*keys, "tasks")),
        )

    def tasks(self, value: Any, keys: tuple[str, ...]) -> dict[str, TaskRule]:
        week = keys[-2]
        most = {task.name: float(task.points) for task in self.rubrics[week]}
        found = {}
        for name, entry in self.table(value, keys).items():
            at = (*keys, name)
            if name not in most:
                raise self.error(at, f"{week} has no task {name}. It has {', '.join(most)}.")
            table = self.table(entry, at, ("points", "comment"))
            points = self.number(table, (*at, "points"), most[name], None)
            found[name] = TaskRule(points, self.comment(table, at))
        return found

    def waived(self, table: dict[str, Any], keys: tuple[str, ...]) -> frozenset[str]:
        names, at = table.get("waive", []), (*keys, "waive")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.error(at, 'waive must be a list of tasks, such as ["convolve2d"].')
        tasks = [task.name for task in self.rubrics[keys[-1]]]
        for name in names:
            if name not in tasks:
                raise self.error(at, f"{keys[-1]} has no task {name}. It has {', '.join(tasks)}.")
        return frozenset(names)

    def known_week(self, name: str, keys: tuple[str, ...]) -> None:
        if name not in self.rubrics:
            what = (
                f"the course has no week {name}"
                if WEEK_NAME.fullmatch(name)
                else (f"a policy has no entry {name}")
            )
            entries = (
                f"attempts, submitted, [late], [students], [groups], {', '.join(self.rubrics)}"
            )
            raise self.error(keys, f"{what}. Choose from {entries}.")

    def read(self, graded: list[str]) -> Policy:
        try:
            whole = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"{self.path} is not TOML: {error}.") from None
        attempts = whole.pop("attempts", "last")
        if attempts not in ("last", "best"):
            raise self.error(("attempts",), f'attempts must be "last" or "best", not {attempts!r}.')
        submitted = whole.pop("submitted", "")
        if not isinstance(submitted, str) or not SUBMITTED.fullmatch(submitted):
            raise self.error(
                ("submitted",),
                'submitted must be "files", or the name of a CSV file next to this one, such as '
                '"submitted.csv".',
            )
        late = self.late(whole.pop("late")) if "late" in whole else None
        students = whole.pop("students", {})
        groups = self.groups(whole.pop("groups", {}))
        weeks = {}
        for name, value in whole.items():
            self.known_week(name, (name,))
            weeks[name] = self.week(value, (name,), ("weight", "due", "waive"))
        found = Policy(attempts, submitted, late or Late(), weeks, groups=groups)
        found = self.with_students(found, students)
        self.dates_make_sense(found, late is not None)
        self.weights_make_sense(found, graded)
        self.something_is_left(found)
        return found

    def groups(self, value: Any) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        member_of: dict[str, str] = {}
        for written, members in self.table(value, ("groups",)).items():
            keys = ("groups", written)
            group = self.names.find(written) or _composed(written)
            if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
                what = f'{written} must be a list of students, such as ["ann", "bob"].'
                raise self.error(keys, what)
            if group in found:
                raise self.error(keys, f"the group {written} appears twice.")
            found[group] = tuple(self.person(member, keys) for member in members)
            for member in found[group]:
                if member_of.setdefault(member, group) != group:
                    what = f"{member} is already in {member_of[member]}. Use one group each."
                    raise self.error(keys, what)
        for group, members in found.items():
            if group in member_of:
                what = f"{group} is a group, so it cannot be a member of {member_of[group]}."
                raise self.error(("groups", group), what)
            if len(set(members)) < 2:
                raise self.error(("groups", group), f"{group} has fewer than two members.")
        return found

    def with_students(self, policy: Policy, value: Any) -> Policy:
        """Adds the rules for individual students to a policy."""
        rules: dict[tuple[str, str], WeekRule] = {}
        files: dict[tuple[str, str], str] = {}
        left, written = set(), {}
        for name, entries in self.table(value, ("students",)).items():
            keys = ("students", name)
            student = self.person(name, keys)
            if written.setdefault(student, name) != name:
                what = f"{name} and {written[student]} are the same person. Use one entry for both."
                raise self.error(keys, what)
            for key, entry in self.table(entries, keys).items():
                at = (*keys, key)
                if key == "files":
                    files |= {(student, week): file for week, file in self.files(entry, at)}
                elif student in policy.groups:
                    what = f"{name} is a group and has no row. Write {key} for its members."
                    raise self.error(at, what)
                elif key == "left":
                    if not isinstance(entry, bool):
                        raise self.error(at, f"left must be true or false, not {entry!r}.")
                    left |= {student} if entry else set()
                else:
                    self.known_week(key, at)
                    rules[student, key] = self.week(entry, at, OWN)
        return replace(policy, students=rules, files=files, left=frozenset(left))

    def files(self, value: Any, keys: tuple[str, ...]) -> Iterable[tuple[str, str]]:
        for week, file in self.table(value, keys).items():
            self.known_week(week, (*keys, week))
            if not isinstance(file, str) or not file.strip():
                what = f'{week} must be a file as intake.csv names it, or "none", not {file!r}.'
                raise self.error((*keys, week), what)
            yield week, file.strip()

    def dates_make_sense(self, policy: Policy, has_late: bool) -> None:
        dates = [((week,), rule) for week, rule in policy.weeks.items()]
        dates += [(("students", *whose), rule) for whose, rule in policy.students.items()]
        for keys, rule in dates:
            if rule.due is None:
                continue
            if not has_late:
                what = "a due date needs [late], which sets the penalty for late work."
                raise self.error((*keys, "due"), what)
            if not policy.submitted:
                what = (
                    'a due date needs `submitted`, the source of the times: "files" or a CSV file.'
                )
                raise self.error((*keys, "due"), what)

    def weights_make_sense(self, policy: Policy, graded: list[str]) -> None:
        weighted = [week for week, rule in policy.weeks.items() if rule.weight is not None]
        missing = [week for week in graded if week not in weighted]
        if weighted and missing:
            what = (
                f"{weighted[0]} has a weight and {missing[0]} has none. Give all weeks a weight, "
                "or none."
            )
            raise self.error((weighted[0], "weight"), what)

    def something_is_left(self, policy: Policy) -> None:
        for (student, week), rule in [(("", w), r) for w, r in policy.weeks.items()] + list(
            policy.students.items()
        ):
            waived = policy.rule(student, week).waive
            if rule.waive and all(task.name in waived for task in self.rubrics[week]):
                keys = ("students", student, week, "waive") if student else (week, "waive")
                raise self.error(keys, f"this waives all of {week}. At least one task must count.")


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Returns the line where an entry begins.

    Parses ever longer beginnings of the text. The entry ends with the first beginning that parses
    and contains it; it begins on the line after the previous beginning that parsed.
    """
    lines, begin = text.splitlines(keepends=True), 1
    for end in range(1, len(lines) + 1):
        try:
            value: Any = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return begin
        begin = end + 1
    return 1


def read_policy(
    path: Path,
    rubrics: Rubrics,
    graded: list[str],
    students: frozenset[str],
    renamed: Mapping[str, str] = {},
) -> Policy:
    """Reads a policy.

    Args:
      path: the TOML file.
      rubrics: the tasks of every week of the course.
      graded: the weeks that are graded.
      students: all students in the class.
      renamed: the present name by each former one; a policy may use either.

    Raises:
      PolicyError: if it cannot be read, or an entry makes no sense; the text names its line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path} is not UTF-8. Save it as UTF-8.") from None
    return _Reader(path, text, rubrics, Names(students, renamed)).read(graded)


def bring_policy(
    source: Path | None,
    folder: Path,
    rubrics: Rubrics,
    graded: list[str],
    students: frozenset[str],
    renamed: Mapping[str, str] = {},
) -> tuple[Policy, dict[tuple[str, str], float] | None]:
    """Copies a policy, and the CSV file it names, into the folder of the results.

    Args:
      source: the policy; None for the one in the folder, if there is one.
      folder: of the results.
      rubrics: the tasks of every week of the course.
      graded: the weeks that are graded.
      students: all students in the class.
      renamed: the present name by each former one.

    Returns:
      The policy, and the times of hand-ins by (student, week); None if the files' times count.

    Raises:
      PolicyError: if it cannot be used; the folder is then unchanged.
    """
    path = folder / NAME
    if source is None and not path.exists():
        return Policy(), None
    policy = read_policy(source or path, rubrics, graded, students, renamed)
    lists, times = policy.submitted not in ("", FILES), None
    if lists:
        times = read_times((source or path).with_name(policy.submitted), students, renamed)
    if source is not None and source.resolve() != path.resolve():
        for name, target in ((source.name, NAME), *([(policy.submitted,) * 2] if lists else [])):
            write_text(folder / target, source.with_name(name).read_text(encoding="utf-8"))
    return policy, times


def read_times(
    path: Path, students: frozenset[str], renamed: Mapping[str, str] = {}
) -> dict[tuple[str, str], float]:
    """Reads the times of hand-ins.

    Args:
      path: a CSV file with the columns student, week, submitted.
      students: all students in the class.
      renamed: the present name by each former one.

    Returns:
      Seconds since 1970, by (student, week).

    Raises:
      PolicyError: if it cannot be read, or a line of it makes no sense.
    """
    times: dict[tuple[str, str], float] = {}
    names = Names(students, renamed)
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, strict=True)
            missing = {"student", "week", "submitted"} - set(rows.fieldnames or ())
            if missing:
                raise PolicyError(
                    f"{path} has no column {', '.join(sorted(missing))}. Its first line must be "
                    "student,week,submitted."
                )
            for row in rows:
                at = f"{path}, line {rows.line_num}"
                written, week = str(row["student"]), str(row["week"]).strip()
                student = names.find(written)
                if student is None:
                    raise PolicyError(f"{at}: {names.nobody(written)}")
                if not WEEK_NAME.fullmatch(week):
                    raise PolicyError(f"{at}: the course has no week {week!r}.")
                times[student, week] = _time(str(row["submitted"]), at)
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise PolicyError(f"{path} cannot be read: {error}.") from None
    return times


def _time(text: str, at: str) -> float:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise PolicyError(
            f"{at}: {text!r} is not a date and time with a zone, such as 2026-11-20T23:59:00+01:00."
        )
    return time.timestamp()
