"""A class's marks in the forms that other programs read; every form has the same totals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from grader.classroom import tables
from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark
from grader.handout.annotate import annotations, cell, warning
from grader.results.gradescope import gradescope_tests
from grader.results.junit import Suite, junit_document
from grader.results.text import number, tier_note

Files = dict[str, str]  # name in the folder of the results, text; "-" is stdout


def canvas(marks: ClassMarks) -> Files:
    """A table for Canvas's gradebook."""
    return {"canvas.csv": tables.canvas(marks)}


def moodle(marks: ClassMarks) -> Files:
    """A table for Moodle's gradebook."""
    return {"moodle.csv": tables.moodle(marks)}


def as_json(marks: ClassMarks) -> Files:
    """All there is: everybody's weeks with the verdict that counts, and what is alike."""
    whole = {
        "title": marks.title,
        "weeks": dict(marks.worth),
        "worth": marks.total,
        "isolation": marks.tiers or ["sandbox"],
        "students": [
            {
                "student": each.student,
                "number": each.number,
                "total": each.total,
                "isolation": each.tiers,
                "weeks": [
                    {
                        "week": mark.week,
                        "points": mark.points,
                        "worth": mark.worth,
                        "notes": list(mark.notes),
                        "result": mark.result,
                    }
                    for mark in each.weeks
                ],
            }
            for each in marks.students
        ],
        "similar": [asdict(pair) for pair in marks.similar],
    }
    return {"report.json": json.dumps(whole, indent=2, allow_nan=False) + "\n"}


def junit(marks: ClassMarks) -> Files:
    """JUnit XML: a suite for each student's week, which says in its properties what it counts."""
    suites = (_suite(each, mark) for each in marks.students for mark in each.weeks)
    return {"junit.xml": junit_document(suites)}


def _suite(each: StudentMarks, mark: WeekMark) -> Suite:
    properties = {
        "student": each.student,
        "points": tables.points_cell(mark),
        "worth": number(mark.worth),
        "total": number(each.total),
        "isolation": mark.tier,
        "notes": "; ".join(mark.notes if mark.attempt else ["nothing handed in"]),
    }
    properties = {name: value for name, value in properties.items() if value}
    result = mark.result or {"seconds": 0.0, "tasks": []}
    return Suite(f"{each.student} {mark.week}", properties, result["seconds"], result["tasks"])


def gradescope(marks: ClassMarks) -> Files:
    """Gradescope's results.json, one for each student."""
    return {f"gradescope/{each.student}.json": _results_json(each) for each in marks.students}


def _results_json(each: StudentMarks) -> str:
    results = [mark.result for mark in each.weeks if mark.result is not None]
    note = tier_note(result["isolation"] for result in results)
    found = {
        "score": each.total,
        "execution_time": round(sum(result["seconds"] for result in results), 3),
        "output": "\n".join(filter(None, (tables.summary(each), note))),
        "extra_data": {"isolation": each.tiers or ["sandbox"]},
        "tests": [
            test for result in results for test in gradescope_tests(result["week"], result["tasks"])
        ],
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def github(marks: ClassMarks) -> Files:
    """A summary in Markdown, and the workflow commands that annotate what did not pass."""
    return {
        "github.md": "\n".join(_markdown(marks)) + "\n",
        "-": "".join(f"{line}\n" for line in _annotations(marks)),
    }


def _markdown(marks: ClassMarks) -> Iterator[str]:
    yield f"### {cell(marks.title)}"
    if marks.tiers:
        yield f"\n> [!WARNING]\n> {cell(tier_note(marks.tiers))}"
    columns = ["student", *marks.worth, "total", *(["isolation"] if marks.tiers else [])]
    yield f"\n| {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    for each in marks.students:
        points = [tables.points_cell(mark) or "not judged" for mark in each.weeks]
        tiers = [" ".join(each.tiers)] if marks.tiers else []
        yield f"| {' | '.join([cell(each.student), *points, number(each.total), *tiers])} |"


def _annotations(marks: ClassMarks) -> Iterator[str]:
    if marks.tiers:
        yield warning("isolation", tier_note(marks.tiers))
    for each in marks.students:
        results = [mark.result for mark in each.weeks if mark.result is not None]
        yield from annotations(results, each.student)


FORMATS: dict[str, Callable[[ClassMarks], Files]] = {
    "canvas": canvas,
    "moodle": moodle,
    "gradescope": gradescope,
    "junit": junit,
    "github": github,
    "json": as_json,
}
