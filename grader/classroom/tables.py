"""A class's marks as CSV: for people and spreadsheets, for Canvas, for Moodle."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark
from grader.results.text import number, tier_note

MAX_CELL = 2000  # characters of feedback
# A spreadsheet takes a cell that begins so for a formula; the wide ones count in some locales.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def plain_cell(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def points_cell(mark: WeekMark) -> str:
    """Returns a week's points; empty while there is no verdict."""
    return "" if mark.points is None else number(mark.points)


def _tier_column(marks: ClassMarks, heading: str) -> tuple[list[str], dict[str, list[str]]]:
    """Returns a heading and a cell per student if a tier weaker than the sandbox was used."""
    if not marks.tiers:
        return [], {each.student: [] for each in marks.students}
    return [heading], {each.student: [" ".join(each.tiers)] for each in marks.students}


def grades(marks: ClassMarks) -> str:
    """Returns grades.csv: the points of each graded week and their total.

    What was not handed in has 0 points; what could not be judged, or is not yet, is empty. If a
    tier weaker than the sandbox was used, a last column `isolation` names it.
    """
    heading, tiers = _tier_column(marks, "isolation")
    rows = [["student", *marks.worth, "total", *heading]]
    for each in marks.students:
        points = [points_cell(mark) for mark in each.weeks]
        rows.append(
            [plain_cell(each.student), *points, number(each.total), *tiers[each.student]],
        )
    return _text(rows)


def canvas(marks: ClassMarks) -> str:
    """Returns what Canvas's gradebook imports.

    Its first five columns tell who is meant (the ID is known from the files that Canvas exports),
    its second line what an assignment is worth. At its end Canvas passes over columns for totals.
    """
    heading, tiers = _tier_column(marks, "Final Grade (isolation)")
    read_only = ["(read only)"] * (1 + len(heading))
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *marks.worth]
        + ["Final Points", *heading],
        ["    Points Possible", *[""] * 4, *map(number, marks.worth.values()), *read_only],
    ]
    for each in marks.students:
        points = [points_cell(mark) for mark in each.weeks]
        name = plain_cell(each.student)
        user = each.number_in("canvas")
        login = "" if user else name
        rows.append([name, user, "", login, "", *points, number(each.total), *tiers[each.student]])
    return _text(rows)


def moodle(marks: ClassMarks) -> str:
    """Returns what Moodle's gradebook imports, with feedback beside each week's points.

    In the import's form, map `username` (or `Identifier`, which is known from the folders that
    Moodle exports) to the user, and each week's two columns to a grade item.
    """
    heading, tiers = _tier_column(marks, "isolation")
    weeks = [column for week in marks.worth for column in (week, f"{week} feedback")]
    rows = [["username", "Identifier", *weeks, "total", *heading]]
    for each in marks.students:
        cells = [cell for mark in each.weeks for cell in (points_cell(mark), feedback(mark))]
        number_in_moodle = each.number_in("moodle")
        participant = f"Participant {number_in_moodle}" if number_in_moodle else ""
        who = [plain_cell(each.student), participant]
        rows.append([*who, *cells, number(each.total), *tiers[each.student]])
    return _text(rows)


def feedback(mark: WeekMark) -> str:
    """Returns in a line what came of a week."""
    if mark.attempt is None:
        return "nothing handed in"
    if mark.result is None:
        return "not judged yet"
    parts = [
        f"{task['name']}: {number(task['points'])} of {number(task['max_points'])}, "
        f"{task['status']}"
        for task in mark.result["tasks"]
    ]
    note = tier_note([mark.tier]) if mark.tier != "sandbox" else ""
    text = "; ".join([*parts, *mark.notes, *filter(None, [note])])
    return plain_cell(text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…")


def summary(each: StudentMarks) -> str:
    """Returns in a few lines what a student's weeks count, and why."""
    lines = []
    for mark in each.weeks:
        points = "not judged yet" if mark.points is None else number(mark.points)
        why = "; ".join(mark.notes if mark.attempt else ["nothing handed in"])
        lines.append(f"{mark.week}: {points} of {number(mark.worth)}{why and f' ({why})'}")
    return "\n".join(lines)
