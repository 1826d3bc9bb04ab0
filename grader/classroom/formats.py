"""A class's marks in the formats that other programs read; all have the same totals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from grader.classroom import tables
from grader.classroom.file_names import file_names
from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark
from grader.handout.annotate import annotations, cell, warning
from grader.results.gradescope import gradescope_tests
from grader.results.junit import Suite, junit_document
from grader.results.text import number, tier_note

MOST_NAMED = 20  # names in a sentence


@dataclass(frozen=True)
class Output:
    """The output of one format.

    Attributes:
      files: their names in the folder of the results, and their texts; "-" is stdout.
      notes: sentences on missing students and data.
      earlier: a pattern for files that this format may have written earlier; these replace them.
    """

    files: dict[str, str]
    notes: tuple[str, ...] = ()
    earlier: str = ""


def some(names: Sequence[str]) -> str:
    """Returns names as a list for a sentence; a long list is shortened."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def canvas(marks: ClassMarks) -> Output:
    """A table for Canvas's gradebook."""
    # Canvas reads a row with this text in its name as the one that holds the maximum points.
    people = tuple(each for each in marks.students if "Points Possible" not in each.student)
    notes = [
        f"canvas.csv has no row for {each.student}: Canvas reads that name as maximum points."
        for each in marks.students
        if each not in people
    ]
    unknown = [
        each.student
        for each in people
        if not tables.canvas_number(each)
        and not (each.person and (each.person.id or each.person.username))
    ]
    if unknown:
        notes.append(
            f"Canvas has to find {some(unknown)} by name: neither its own download nor the roster "
            "(class … --roster FILE: id, username) has a number or login."
        )
    return Output({"canvas.csv": tables.canvas(replace(marks, students=people))}, tuple(notes))


def moodle(marks: ClassMarks) -> Output:
    """A table for Moodle's gradebook; several tables, if no one column identifies everyone."""
    if not any(each.person for each in marks.students):
        note = (
            "There is no roster, so the column username of moodle.csv holds the names from DIR. "
            "Use class … --roster FILE with usernames, ID numbers or email addresses."
        )
        return Output({"moodle.csv": tables.moodle_by_name(marks)}, (note,), "moodle-by-*.csv")
    rest = [each for each in marks.students if tables.moodle_keys(each)]
    unknown = [each.student for each in marks.students if not tables.moodle_keys(each)]
    files: dict[str, str] = {}
    while rest or not files:
        having = {
            key: [each for each in rest if key in tables.moodle_keys(each)]
            for key in tables.MOODLE_KEYS
        }
        key = max(having, key=lambda key: len(having[key]))
        keys = [each for each in having if having[each] == having[key]]
        name = f"moodle-by-{key}.csv" if files else "moodle.csv"
        files[name] = tables.moodle(marks, having[key], keys)
        rest = [each for each in rest if each not in having[key]]
    notes = []
    if unknown:
        notes.append(
            f"moodle.csv has no row for {some(unknown)}: the roster has no username, id or email."
        )
    if len(files) > 1:
        notes.append(f"No one column identifies everyone to Moodle: import {', '.join(files)}.")
    return Output(files, tuple(notes), "moodle-by-*.csv")


def moodle_worksheet(marks: ClassMarks) -> Output:
    """An offline grading worksheet for each week's assignment in Moodle."""
    now, files, notes = datetime.now(UTC), {}, []
    for place, week in enumerate(marks.worth):
        found = [
            (each.student, each.weeks[place], each.participant(week)) for each in marks.students
        ]
        if not any(participant for _, _, participant in found):
            notes.append(
                f"There is no worksheet for {week}: it needs the participants' numbers from the "
                "names of the folders that Moodle exports, and DIR had no such folders."
            )
            continue
        files[f"moodle-worksheet/{week}.csv"] = tables.moodle_worksheet(marks, week, now)
        lacking = [
            student
            for student, mark, participant in found
            if not participant and (mark.points != 0 or mark.words)
        ]
        above = [s for s, mark, p in found if p and (mark.points or 0.0) > mark.worth]
        if lacking:
            notes.append(f"{week}: Moodle's number is unknown for {some(lacking)}.")
        if above:
            notes.append(f"{week}: Moodle ignores grades above the maximum: {some(above)}.")
    return Output(files, tuple(notes), "moodle-worksheet/*.csv")


def as_json(marks: ClassMarks) -> Output:
    """All data: every student's weeks with the verdict that counts, and similar code."""
    whole = {
        "title": marks.title,
        "weeks": dict(marks.worth),
        "worth": marks.total,
        "isolation": marks.tiers or ["sandbox"],
        "students": [
            {
                "student": each.student,
                "numbers": dict(each.numbers),
                "total": each.total,
                "incomplete": each.incomplete,
                "isolation": each.tiers,
                "weeks": [
                    {
                        "week": mark.week,
                        "points": mark.points,
                        "worth": mark.worth,
                        "open": mark.open,
                        "notes": list(mark.notes),
                        "adjust": mark.adjust,
                        "comment": mark.comment,
                        "given": {task: asdict(rule) for task, rule in mark.given.items()},
                        "result": mark.result,
                    }
                    for mark in each.weeks
                ],
            }
            for each in marks.students
        ],
        "similar": [asdict(pair) for pair in marks.similar],
    }
    return Output({"report.json": json.dumps(whole, indent=2, allow_nan=False) + "\n"})


def junit(marks: ClassMarks) -> Output:
    """JUnit XML: a suite for each student's week, with its mark in the suite's properties."""
    suites = (_suite(each, mark) for each in marks.students for mark in each.weeks)
    return Output({"junit.xml": junit_document(suites)})


def _suite(each: StudentMarks, mark: WeekMark) -> Suite:
    properties = {
        "student": each.student,
        "points": tables.points_cell(mark),
        "worth": number(mark.worth),
        "total": number(each.total),
        "incomplete": " ".join(each.incomplete),
        "isolation": mark.tier,
        "notes": "; ".join(mark.remarks),
    }
    properties = {name: value for name, value in properties.items() if value}
    seconds = mark.result["seconds"] if mark.result else 0.0
    return Suite(f"{each.student} {mark.week}", properties, seconds, list(mark.tasks))


def gradescope(marks: ClassMarks) -> Output:
    """Gradescope's results.json, one for each student.

    Source: Gradescope's "Autograder Specifications", under "Output format".
    """
    names = file_names(each.student for each in marks.students)
    files = {
        f"gradescope/{names[each.student]}.json": _results_json(each) for each in marks.students
    }
    other = [
        f"{student} is in gradescope/{name}.json."
        for student, name in names.items()
        if name != student
    ]
    return Output(files, tuple(other), "gradescope/*.json")


def _results_json(each: StudentMarks) -> str:
    results = [mark.result for mark in each.weeks if mark.result is not None]
    note = tier_note(result["isolation"] for result in results)
    weeks = ", ".join(each.incomplete)
    lacking = f"The score does not include {weeks}." if weeks else ""
    found = {
        "score": each.total,
        "execution_time": round(sum(result["seconds"] for result in results), 3),
        "output": "\n".join(filter(None, (tables.summary(each), lacking, note))),
        "extra_data": {"isolation": each.tiers or ["sandbox"], "incomplete": each.incomplete},
        "tests": [
            test for mark in each.weeks for test in gradescope_tests(mark.week, list(mark.tasks))
        ],
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def github(marks: ClassMarks) -> Output:
    """A summary in Markdown, and the workflow commands that annotate tasks that did not pass."""
    return Output(
        {
            "github.md": "\n".join(_markdown(marks)) + "\n",
            "-": "".join(f"{line}\n" for line in _annotations(marks)),
        }
    )


def _markdown(marks: ClassMarks) -> Iterator[str]:
    yield f"### {cell(marks.title)}"
    if marks.tiers:
        yield f"\n> [!WARNING]\n> {cell(tier_note(marks.tiers))}"
    columns = ["student", *marks.worth, "total", *(["isolation"] if marks.tiers else [])]
    yield f"\n| {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    for each in marks.students:
        points = [tables.points_cell(mark) or mark.state for mark in each.weeks]
        tiers = [" ".join(each.tiers)] if marks.tiers else []
        yield f"| {' | '.join([cell(each.student), *points, number(each.total), *tiers])} |"
    yield ""
    for each in marks.students:
        for mark in each.weeks:
            said = [*mark.words] if mark.points is not None else [*mark.remarks]
            if said:
                yield f"- {cell(each.student)}, {mark.week}: {cell('; '.join(said))}"


def _annotations(marks: ClassMarks) -> Iterator[str]:
    if marks.tiers:
        yield warning("isolation", tier_note(marks.tiers))
    for each in marks.students:
        results = [mark.result for mark in each.weeks if mark.result is not None]
        yield from annotations(results, each.student)


FORMATS: dict[str, Callable[[ClassMarks], Output]] = {
    "canvas": canvas,
    "moodle": moodle,
    "moodle-worksheet": moodle_worksheet,
    "gradescope": gradescope,
    "junit": junit,
    "github": github,
    "json": as_json,
}
