"""Reads a class's policy; what cannot be meant is refused with its line.

A policy is one TOML file beside the results, so that it can be changed without grading anything
again:

    attempts = "best"           # which attempt counts: "last" (the default) or "best"
    submitted = "files"         # when work came in: the times of the files in DIR, or a CSV file
                                # beside this one with the columns student, week, submitted

    [late]
    grace_minutes = 30          # so late costs nothing
    percent_per_day = 10        # of what was reached, for each day begun since the due date
    most_percent = 50           # and never more than this; 100 if left out

    [week3]
    weight = 20                 # what all of the week's points are worth in the total
    due = 2026-11-20T23:59:00+01:00
    waive = ["train_cnn"]       # does not count, for anybody

    [students."Ada Lovelace".week3]
    due = 2026-11-27T23:59:00+01:00
    waive = ["plot_kernels"]    # does not count for her; the rest is worth what the week is worth
"""

from __future__ import annotations

import csv
import difflib
import math
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.classroom.policy import Late, Policy, Rubrics, WeekRule
from grader.course import WEEK_NAME
from grader.results.files import write_text

NAME = "policy.toml"  # in the folder of the results
FILES = "files"
LARGEST = 1e9  # of all numbers
# It is copied beside the results, whose own tables it must not replace.
SUBMITTED = re.compile(r"files||(?!grades\.|canvas\.|moodle\.)[^/\\]+\.csv")


class PolicyError(Exception):
    """The policy cannot be used; the text names the file, the line and what is wrong."""


@dataclass
class _Reader:
    """Reads a policy and knows, for a complaint, in which line each entry stands."""

    path: Path
    text: str
    rubrics: Rubrics
    students: frozenset[str]

    def error(self, keys: tuple[str, ...], what: str) -> PolicyError:
        return PolicyError(f"{self.path}, line {_line(self.text, keys)}: {what}")

    def table(
        self, value: Any, keys: tuple[str, ...], known: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(keys, f"{keys[-1]} is a table of entries, as in [{'.'.join(keys)}].")
        for key in value:
            if known is not None and key not in known:
                entries = f"It may have {', '.join(known)}."
                raise self.error((*keys, key), f"{keys[-1]} has no entry {key}. {entries}")
        return value

    def number(
        self, table: dict[str, Any], keys: tuple[str, ...], most: float, default: float | None
    ) -> float | None:
        value = table.get(keys[-1], default)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= min(most, LARGEST):
            limit = f"from 0 to {min(most, LARGEST):g}"
            raise self.error(keys, f"{keys[-1]} is a number {limit}, not {value!r}.")
        return float(value)

    def late(self, value: Any) -> Late:
        names = ("grace_minutes", "percent_per_day", "most_percent")
        table = self.table(value, ("late",), names)
        if "percent_per_day" not in table:
            raise self.error(("late",), "[late] needs percent_per_day; 0 takes nothing off.")
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
                "due is a date and time with its zone, such as 2026-11-20T23:59:00+01:00.",
            )
        weight = self.number(table, (*keys, "weight"), math.inf, None)
        return WeekRule(weight, due, self.waived(table, keys))

    def waived(self, table: dict[str, Any], keys: tuple[str, ...]) -> frozenset[str]:
        names, at = table.get("waive", []), (*keys, "waive")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.error(at, 'waive is a list of tasks, such as ["convolve2d"].')
        tasks = [task.name for task in self.rubrics[keys[-1]]]
        for name in names:
            if name not in tasks:
                raise self.error(at, f"{keys[-1]} has no task {name}. It has {', '.join(tasks)}.")
        return frozenset(names)

    def known_week(self, name: str, keys: tuple[str, ...]) -> None:
        if name not in self.rubrics:
            what = (
                f"{name} is no week of the course"
                if WEEK_NAME.fullmatch(name)
                else (f"a policy has no entry {name}")
            )
            entries = f"attempts, submitted, [late], [students], {', '.join(self.rubrics)}"
            raise self.error(keys, f"{what}. There are: {entries}.")

    def read(self, graded: list[str]) -> Policy:
        try:
            whole = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"{self.path} is not TOML: {error}.") from None
        attempts = whole.pop("attempts", "last")
        if attempts not in ("last", "best"):
            raise self.error(("attempts",), f'attempts is "last" or "best", not {attempts!r}.')
        submitted = whole.pop("submitted", "")
        if not isinstance(submitted, str) or not SUBMITTED.fullmatch(submitted):
            raise self.error(
                ("submitted",),
                'submitted is "files", or the name of a CSV file beside this one, such as '
                '"submitted.csv".',
            )
        late = self.late(whole.pop("late")) if "late" in whole else None
        students = whole.pop("students", {})
        weeks = {}
        for name, value in whole.items():
            self.known_week(name, (name,))
            weeks[name] = self.week(value, (name,), ("weight", "due", "waive"))
        found = Policy(attempts, submitted, late or Late(), weeks, self.exceptions(students))
        self.dates_make_sense(found, late is not None)
        self.weights_make_sense(found, graded)
        self.something_is_left(found)
        return found

    def exceptions(self, students: Any) -> dict[tuple[str, str], WeekRule]:
        found = {}
        for student, weeks in self.table(students, ("students",)).items():
            keys = ("students", student)
            if student not in self.students:
                near = difflib.get_close_matches(student, self.students, 1)
                hint = f" Is it {near[0]}?" if near else ""
                raise self.error(keys, f"nobody in the class is called {student}.{hint}")
            for week, value in self.table(weeks, keys).items():
                self.known_week(week, (*keys, week))
                found[student, week] = self.week(value, (*keys, week), ("due", "waive"))
        return found

    def dates_make_sense(self, policy: Policy, has_late: bool) -> None:
        dates = [((week,), rule) for week, rule in policy.weeks.items()]
        dates += [(("students", *whose), rule) for whose, rule in policy.students.items()]
        for keys, rule in dates:
            if rule.due is None:
                continue
            if not has_late:
                what = "there is a due date and no [late] to say what late work loses."
                raise self.error((*keys, "due"), what)
            if not policy.submitted:
                what = (
                    'there is a due date and no `submitted` to say where times come from: "files" '
                    "or a CSV file."
                )
                raise self.error((*keys, "due"), what)

    def weights_make_sense(self, policy: Policy, graded: list[str]) -> None:
        weighted = [week for week, rule in policy.weeks.items() if rule.weight is not None]
        missing = [week for week in graded if week not in weighted]
        if weighted and missing:
            what = f"{weighted[0]} has a weight and {missing[0]} has none. All weeks have, or none."
            raise self.error((weighted[0], "weight"), what)

    def something_is_left(self, policy: Policy) -> None:
        for (student, week), rule in [(("", w), r) for w, r in policy.weeks.items()] + list(
            policy.students.items()
        ):
            waived = policy.rule(student, week).waive
            if rule.waive and all(task.name in waived for task in self.rubrics[week]):
                keys = ("students", student, week, "waive") if student else (week, "waive")
                raise self.error(keys, f"of {week} nothing is left. One task at least counts.")


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Returns the line where an entry begins.

    The entry is there from the first line on with which the text up to it can be read and has it;
    it begins after the last line before with which the text could be read.
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
    path: Path, rubrics: Rubrics, graded: list[str], students: frozenset[str]
) -> Policy:
    """Reads a policy.

    Args:
      path: the TOML file.
      rubrics: the tasks of every week of the course.
      graded: the weeks that are graded.
      students: everybody in the class.

    Raises:
      PolicyError: if it cannot be read, or an entry in it cannot be meant, with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path} is not saved as UTF-8.") from None
    return _Reader(path, text, rubrics, students).read(graded)


def bring_policy(
    source: Path | None,
    folder: Path,
    rubrics: Rubrics,
    graded: list[str],
    students: frozenset[str],
) -> tuple[Policy, dict[tuple[str, str], float] | None]:
    """Takes a policy into the folder of the results, with the CSV file it names.

    Args:
      source: the policy; None for what is in the folder, if anything is.
      folder: of the results.
      rubrics: as for `read_policy`; so are `graded` and `students`.
      graded: the weeks that are graded.
      students: everybody in the class.

    Returns:
      The policy, and when work came in by (student, week); None if the files' times say it.

    Raises:
      PolicyError: if it cannot be used; the folder is then as it was.
    """
    path = folder / NAME
    if source is None and not path.exists():
        return Policy(), None
    policy = read_policy(source or path, rubrics, graded, students)
    lists = policy.submitted not in ("", FILES)
    times = read_times((source or path).with_name(policy.submitted)) if lists else None
    if source is not None and source.resolve() != path.resolve():
        for name, target in ((source.name, NAME), *([(policy.submitted,) * 2] if lists else [])):
            write_text(folder / target, source.with_name(name).read_text(encoding="utf-8"))
    return policy, times


def read_times(path: Path) -> dict[tuple[str, str], float]:
    """Reads when work came in.

    Args:
      path: a CSV file with the columns student, week, submitted.

    Returns:
      Seconds since 1970, by (student, week).

    Raises:
      PolicyError: if it cannot be read, or a line of it cannot be meant.
    """
    times: dict[tuple[str, str], float] = {}
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, strict=True)
            missing = {"student", "week", "submitted"} - set(rows.fieldnames or ())
            if missing:
                raise PolicyError(
                    f"{path} has no column {', '.join(sorted(missing))}. Its first line is "
                    "student,week,submitted."
                )
            for row in rows:
                at = f"{path}, line {rows.line_num}"
                student, week = str(row["student"]), str(row["week"])
                if not WEEK_NAME.fullmatch(week):
                    raise PolicyError(f"{at}: {week!r} is no week, such as week3.")
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
            f"{at}: {text!r} is no date and time with its zone, such as 2026-11-20T23:59:00+01:00."
        )
    return time.timestamp()
