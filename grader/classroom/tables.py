"""A class's marks as CSV: for people and spreadsheets, for Canvas, for Moodle."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark
from grader.intake.model import FoundFile
from grader.results.text import number, tier_note

MAX_CELL = 2000  # characters of feedback
# A spreadsheet takes a cell that begins so for a formula; the wide ones count in some locales.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# What Moodle's import of grades finds a user by, in the order in which one is preferred.
MOODLE_KEYS = ("username", "idnumber", "email")


def plain_cell(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _short(text: str) -> str:
    return plain_cell(text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…")


def points_cell(mark: WeekMark) -> str:
    """Returns a week's points; empty while nobody can say."""
    return "" if mark.points is None else number(mark.points)


def _words(each: StudentMarks) -> str:
    """Returns what an instructor said about a student's weeks."""
    return _short("; ".join(f"{mark.week}: {text}" for mark in each.weeks for text in mark.words))


def _notes(each: StudentMarks) -> str:
    """Returns what is to be said about weeks without points, and about what an instructor did."""
    weeks = [mark for mark in each.weeks if mark.points is None or mark.words]
    return _short("; ".join(f"{mark.week}: {text}" for mark in weeks for text in mark.remarks))


def _more(
    students: Sequence[StudentMarks], columns: dict[str, list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Returns the headings of the columns that say something, and each student's cells."""
    said = {heading: cells for heading, cells in columns.items() if any(cells)}
    rows = [[cells[place] for cells in said.values()] for place in range(len(students))]
    return list(said), rows


def grades(marks: ClassMarks) -> str:
    """Returns grades.csv: the points of each week and their total.

    What was not handed in has 0 points; what could not be taken or judged, or is not judged yet,
    is empty. Further columns stand there only where they say something: `isolation` names a tier
    weaker than the sandbox, `comments` what an instructor added, and `incomplete`, the last, the
    weeks that a total lacks.
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
    """Returns intake.csv: every file that was found, and what became of it."""
    rows = [["student", "file", "week", "reason"]]
    for each in files:
        rows.append(
            [plain_cell(each.student), plain_cell(each.file), each.week, plain_cell(each.reason)]
        )
    return _text(rows)


def canvas_number(each: StudentMarks) -> str:
    """Returns Canvas's number of a student, or ""; an anonymous export's "7Ab2x" is no number."""
    number = each.numbers.get("canvas", "")
    return number if number.isdecimal() else ""  # Canvas itself would read 7


def canvas(marks: ClassMarks) -> str:
    """Returns what Canvas's gradebook imports.

    Canvas finds a user by the first of ID (known from the files that it exports), SIS User ID and
    SIS Login ID (the roster's `id` and `username`) that it knows, else by the name. The second
    line says what an assignment is worth. Columns whose heading holds "Final Points" or "Final
    Grade" are passed over, so the total and the notes are there for people.

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
    """Returns what the roster tells of a student that Moodle's import of grades goes by."""
    if each.person is None:
        return {}
    values = (each.person.username, each.person.id, each.person.email)
    return {key: value for key, value in zip(MOODLE_KEYS, values, strict=True) if value}


def moodle(marks: ClassMarks, students: Sequence[StudentMarks], keys: Sequence[str]) -> str:
    """Returns what Moodle's gradebook imports, with feedback beside each week's points.

    In the import's form, "map from" one of the first columns to the user's field of that name
    (username, ID number, email address), and each week's two columns to a grade item and its
    feedback; the total is for people.

    No row may have an empty cell in the column that is mapped: Moodle gives its points to the
    user of the row before.

    Source: Moodle, grade/import/csv/classes/load_data.php (`map_user_data_with_value`,
    `prepare_import_grade_data`).

    Args:
      marks: of the class.
      students: those that get a row.
      keys: the columns that users are found by; every one of the students has them all.
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
    """Returns the table for Moodle of a class without a roster.

    `username` has the names as DIR has them: Moodle imports the file where these are its users'
    names, and refuses it whole where they are not. `Identifier` is for people.
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

    Moodle finds a participant by the Identifier, takes Grade unless it is empty or above the
    assignment's maximum, and takes "Feedback comments" where that feedback is on. It leaves a
    grade that was changed after "Last modified (grade)", which is when this table was made. The
    headings are those of a site in English; another language's are asked for in that language.

    Source: Moodle, mod/assign/feedback/offline/importgradeslib.php and locallib.php (what is
    taken), mod/assign/gradingtable.php (the columns that Moodle writes).

    Args:
      marks: of the class.
      week: "week3".
      now: when this table is made, with its zone.
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
    except (ValueError, OverflowError, OSError):  # a list of times may name any
        return "-"


def feedback(mark: WeekMark) -> str:
    """Returns in a line what came of a week."""
    parts = [
        f"{task['name']}: {number(task['points'])} of {number(task['max_points'])}, "
        f"{task['status']}"
        for task in mark.tasks
    ]
    note = tier_note([mark.tier]) if mark.tier not in ("", "sandbox") else ""
    return _short("; ".join(filter(None, [*parts, *mark.remarks, note])))


def summary(each: StudentMarks) -> str:
    """Returns in a few lines what a student's weeks count, and why."""
    lines = []
    for mark in each.weeks:
        points = [] if mark.points is None else [f"{number(mark.points)} of {number(mark.worth)}"]
        lines.append(f"{mark.week}: {'; '.join([*points, *mark.remarks])}")
    return "\n".join(lines)
