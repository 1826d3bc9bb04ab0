"""A class's marks as CSV: for spreadsheets, for Canvas, for Moodle."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark
from grader.intake.model import FoundFile
from grader.results.text import number, tier_note

MAX_CELL = 2000  # characters of feedback
# A spreadsheet reads cells that begin like this as formulas; the wide ones count in some locales.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# The columns by which Moodle's import of grades can find a user, in order of preference.
MOODLE_KEYS = ("username", "idnumber", "email")


def plain_cell(text: str) -> str:
    """Returns a text that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _short(text: str) -> str:
    return plain_cell(text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…")


def points_cell(mark: WeekMark) -> str:
    """Returns a week's points; "" while they are open."""
    return "" if mark.points is None else number(mark.points)


def _words(each: StudentMarks) -> str:
    """Returns an instructor's points and comments for a student's weeks."""
    return _short("; ".join(f"{mark.week}: {text}" for mark in each.weeks for text in mark.words))


def _notes(each: StudentMarks) -> str:
    """Returns remarks on weeks without points, and on an instructor's changes."""
    weeks = [mark for mark in each.weeks if mark.points is None or mark.words]
    return _short("; ".join(f"{mark.week}: {text}" for mark in weeks for text in mark.remarks))


def _more(
    students: Sequence[StudentMarks], columns: dict[str, list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Returns the headings of the columns that are not empty, and each student's cells."""
    said = {heading: cells for heading, cells in columns.items() if any(cells)}
    rows = [[cells[place] for cells in said.values()] for place in range(len(students))]
    return list(said), rows


def grades(marks: ClassMarks) -> str:
    """Returns grades.csv: the points of each week and their total.

    A week has 0 points if nothing was handed in; its cell is empty if the work could not be
    accepted or judged, or is not judged yet. More columns appear only if they are not empty:
    `isolation` names a tier weaker than the sandbox, `comments` holds an instructor's points and
    comments, and `incomplete`, the last, the weeks missing from the total.
    """
    people = marks.students
    headings, more = _more(
        people,
        {
            "isolation": [" ".join(each.tiers) for each in people],
            "comments": [_words(each) for each in people],
            "incomplete": [" ".join(each.incomplete) for each in people],
        },
    )
    rows = [["student", *marks.worth, "total", *headings]]
    for each, cells in zip(people, more, strict=True):
        points = [points_cell(mark) for mark in each.weeks]
        rows.append([plain_cell(each.student), *points, number(each.total), *cells])
    return _text(rows)


def intake(files: Iterable[FoundFile]) -> str:
    """Returns intake.csv: every file that was found, and the decision on it."""
    rows = [["student", "file", "week", "reason"]]
    for each in files:
        rows.append(
            [plain_cell(each.student), plain_cell(each.file), each.week, plain_cell(each.reason)]
        )
    return _text(rows)


def canvas_number(each: StudentMarks) -> str:
    """Returns Canvas's number of a student, or ""; an anonymous export's "7Ab2x" is not one."""
    number = each.numbers.get("canvas", "")
    return number if number.isdecimal() else ""  # Canvas would read "7Ab2x" as 7


def canvas(marks: ClassMarks) -> str:
    """Returns the table that Canvas's gradebook imports.

    Canvas finds a user by the first of ID (known from the files that it exports), SIS User ID and
    SIS Login ID (the roster's `id` and `username`) that it knows, otherwise by name. The second
    line says what an assignment is worth. Canvas ignores columns whose heading contains "Final
    Points" or "Final Grade", so the total and the notes are only for human readers.

    Source: Canvas, lib/gradebook_importer.rb (`process_student`, `strip_non_assignment_columns`).
    """
    people = marks.students
    headings, more = _more(
        people,
        {
            "Final Grade (isolation)": [" ".join(each.tiers) for each in people],
            "Final Grade (notes)": [_notes(each) for each in people],
        },
    )
    read_only = ["(read only)"] * (1 + len(headings))
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *marks.worth]
        + ["Final Points", *headings],
        ["    Points Possible", *[""] * 4, *map(number, marks.worth.values()), *read_only],
    ]
    for each, cells in zip(people, more, strict=True):
        points = [points_cell(mark) for mark in each.weeks]
        known = (each.person.id, each.person.username) if each.person else ("", "")
        who = [each.student, canvas_number(each), *known, ""]
        rows.append([*map(plain_cell, who), *points, number(each.total), *cells])
    return _text(rows)


def moodle_keys(each: StudentMarks) -> dict[str, str]:
    """Returns a student's keys from the roster by which Moodle's import of grades finds users."""
    if each.person is None:
        return {}
    values = (each.person.username, each.person.id, each.person.email)
    return {key: value for key, value in zip(MOODLE_KEYS, values, strict=True) if value}


def moodle(marks: ClassMarks, students: Sequence[StudentMarks], keys: Sequence[str]) -> str:
    """Returns the table that Moodle's gradebook imports, with feedback next to each week's points.

    In the import's form, "map from" one of the first columns to the user's field of that name
    (username, ID number, email address), and each week's two columns to a grade item and its
    feedback; the total is only for human readers.

    No row may have an empty cell in the mapped column: Moodle would give its points to the user
    of the previous row.

    Source: Moodle, grade/import/csv/classes/load_data.php (`map_user_data_with_value`,
    `prepare_import_grade_data`).

    Args:
      marks: of the class.
      students: the students who get a row.
      keys: the columns by which Moodle finds users; every one of the students has them all.
    """
    headings, more = _more(students, {"isolation": [" ".join(each.tiers) for each in students]})
    weeks = [column for week in marks.worth for column in (week, f"{week} feedback")]
    rows = [[*keys, *weeks, "total", *headings]]
    for each, tiers in zip(students, more, strict=True):
        cells = [cell for mark in each.weeks for cell in (points_cell(mark), feedback(mark))]
        known = moodle_keys(each)
        who = [plain_cell(known[key]) for key in keys]
        rows.append([*who, *cells, number(each.total), *tiers])
    return _text(rows)


def moodle_by_name(marks: ClassMarks) -> str:
    """Returns Moodle's table for a class without a roster.

    `username` holds the names from DIR: Moodle imports the file if these are its usernames, and
    otherwise rejects all of it. `Identifier` is only for human readers.
    """
    headings, more = _more(
        marks.students, {"isolation": [" ".join(each.tiers) for each in marks.students]}
    )
    weeks = [column for week in marks.worth for column in (week, f"{week} feedback")]
    rows = [["username", "Identifier", *weeks, "total", *headings]]
    for each, tiers in zip(marks.students, more, strict=True):
        cells = [cell for mark in each.weeks for cell in (points_cell(mark), feedback(mark))]
        participant = each.numbers.get("moodle", "")
        who = [plain_cell(each.student), participant and f"Participant {participant}"]
        rows.append([*who, *cells, number(each.total), *tiers])
    return _text(rows)


def moodle_worksheet(marks: ClassMarks, week: str, now: datetime) -> str:
    """Returns the offline grading worksheet of a week's assignment in Moodle.

    Moodle finds a participant by the Identifier, imports Grade unless it is empty or above the
    assignment's maximum, and imports "Feedback comments" if that feedback is on. It keeps a grade
    that was changed after "Last modified (grade)", which is when this table was made. The headings
    are those of a site in English; a site in another language expects them in that language.

    Source: Moodle, mod/assign/feedback/offline/importgradeslib.php and locallib.php (the import),
    mod/assign/gradingtable.php (the columns that Moodle writes).

    Args:
      marks: of the class.
      week: "week3".
      now: the present time, with its zone.
    """
    place = list(marks.worth).index(week)
    people = [each for each in marks.students if each.participant(week)]
    with_email = any(each.person and each.person.email for each in people)
    rows = [
        ["Identifier", "Full name", *(["Email address"] if with_email else []), "Status", "Grade"]
        + ["Maximum Grade", "Grade can be changed", "Last modified (submission)"]
        + ["Last modified (grade)", "Feedback comments"]
    ]
    for each in people:
        mark = each.weeks[place]
        email = each.person.email if each.person else ""
        time = mark.attempt.time if mark.attempt else None
        handed = mark.state != "nothing handed in"
        rows.append(
            [f"Participant {each.participant(week)}"]
            + [plain_cell(each.person.name if each.person else each.student)]
            + ([plain_cell(email)] if with_email else [])
            + ["Submitted for grading" if handed else "No submission"]
            + [points_cell(mark), number(mark.worth), "Yes"]
            + [_moment(time), now.isoformat("T", "seconds"), feedback(mark)]
        )
    return _text(rows)


def _moment(time: float | None) -> str:
    try:
        return "-" if time is None else datetime.fromtimestamp(time, UTC).isoformat("T", "seconds")
    except (ValueError, OverflowError, OSError):  # a list of times may hold any number
        return "-"


def feedback(mark: WeekMark) -> str:
    """Returns a week's results in one line."""
    parts = [
        f"{task['name']}: {number(task['points'])} of {number(task['max_points'])}, "
        f"{task['status']}"
        for task in mark.tasks
    ]
    note = tier_note([mark.tier]) if mark.tier not in ("", "sandbox") else ""
    return _short("; ".join(filter(None, [*parts, *mark.remarks, note])))


def summary(each: StudentMarks) -> str:
    """Returns a student's points for each week, one line per week, with remarks."""
    lines = []
    for mark in each.weeks:
        points = [] if mark.points is None else [f"{number(mark.points)} of {number(mark.worth)}"]
        lines.append(f"{mark.week}: {'; '.join([*points, *mark.remarks])}")
    return "\n".join(lines)
