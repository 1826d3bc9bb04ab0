"""A class as one HTML page: distributions, the tasks most students fail, a page for each student.

The page is self-contained: its Content-Security-Policy names its one style and its one script by
their hashes, so that nothing else can load or run. The template escapes all other text.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import ClassMarks, StudentMarks, WeekMark, rubrics
from grader.classroom.page.template import render
from grader.classroom.page.week import shown_week
from grader.classroom.policy import Rubrics
from grader.intake.model import FoundFile
from grader.results.text import number
from grader.rubric import Task

BINS = 10
RANGES = 12  # the most ranges of lines that are listed
BAR = 62  # height of the highest bar of a histogram
UNTRIED = ("todo", "skipped")
MOST_FILES = 30  # the most files of a student that are listed


def report(marks: ClassMarks, book: Gradebook, notes: list[str]) -> str:
    """Returns the page.

    Args:
      marks: of the class.
      book: the class's gradebook, for the files.
      notes: receives a sentence for each file that cannot be shown.
    """
    known = rubrics()
    files: defaultdict[str, list[FoundFile]] = defaultdict(list)
    for found in book.intake:
        files[found.student].append(found)
    tasks = [
        _task(place, week, task, marks)
        for place, (week, task) in enumerate((w, t) for w in marks.worth for t in known[w])
    ]
    tasks = sorted((task for task in tasks if task["judged"]), key=lambda task: task["share"])
    page = {
        "title": marks.title,
        "tiers": marks.tiers,
        "open": _open(marks),
        "states": Counter(m.state for each in marks.students for m in each.weeks),
        "changed": sorted({m.week for each in marks.students for m in each.weeks if m.changed}),
        "total": _histogram("total", [each.total for each in marks.students], marks.total),
        "weeks": [_week(week, most, marks) for week, most in marks.worth.items()],
        "minutes": sum(
            mark.result["seconds"] for each in marks.students for mark in each.weeks if mark.result
        )
        / 60,
        "most": marks.total,
        "tasks": tasks,
        "hardest": max(tasks, key=lambda task: task["failed"], default=None),
        "students": [
            _student(f"s{place}", each, known, book, files[each.student], notes)
            for place, each in enumerate(marks.students)
        ],
        "similar": _similar(marks),
    }
    return render("report.html", page, script="report.js")


def _open(marks: ClassMarks) -> list[dict[str, Any]]:
    """Returns work that could not be accepted: the student, the week, and why."""
    return [
        {"page": f"s{place}", "student": each.student, "week": mark.week, "reason": mark.open}
        for place, each in enumerate(marks.students)
        for mark in each.weeks
        if mark.open
    ]


def _seconds(values: Sequence[float]) -> tuple[str, str]:
    """Returns the median and the largest of some times; dashes for none."""
    if not values:
        return "–", "–"
    return f"{statistics.median(values):.1f}", f"{max(values):.1f}"


def _of(week: str, marks: ClassMarks) -> list[WeekMark]:
    """Returns the marks of all students who handed something in."""
    found = (mark for each in marks.students for mark in each.weeks if mark.week == week)
    return [mark for mark in found if mark.attempt]


def _week(week: str, most: float, marks: ClassMarks) -> dict[str, Any]:
    """Summarises a week."""
    handed = _of(week, marks)
    known = [mark.points for mark in handed if mark.points is not None]
    seconds, longest = _seconds([mark.result["seconds"] for mark in handed if mark.result])
    return {
        "name": week,
        "most": most,
        "figure": _histogram(week, known, most),
        "handed": len(handed),
        "mean": f"{statistics.mean(known):.1f}" if known else "–",
        "median": number(statistics.median(known)) if known else "–",
        "full": sum(p >= most for p in known),
        "seconds": seconds,
        "longest": longest,
    }


def _histogram(name: str, points: Sequence[float], most: float) -> dict[str, Any]:
    """Counts students by tenths of the points: a bar for each, and the same in words."""
    counts = Counter(min(BINS - 1, int(p / most * BINS)) for p in points if most)
    highest = max(counts.values(), default=1)
    shares = [f"{k * 10} to {k * 10 + 10} % of the points: {counts[k]}" for k in sorted(counts)]
    heights = [round(BAR * counts[k] / highest, 1) for k in range(BINS)]
    return {
        "name": name,
        "most": most,
        "bars": [
            {"x": k * 20 + 1, "y": round(76 - height, 1), "height": height, "count": counts[k]}
            for k, height in enumerate(heights)
        ],
        "spoken": f"{name}, students by points. {'; '.join(shares) or 'None yet.'}",
    }


def _task(place: int, week: str, task: Task, marks: ClassMarks) -> dict[str, Any]:
    """Summarises a task over all students whose week was judged."""
    found = [
        entry
        for mark in _of(week, marks)
        for entry in mark.tasks
        if entry["name"] == task.name and entry["status"] != "ungraded"
    ]
    statuses = Counter(entry["status"] for entry in found)
    passed = statuses.pop("passed", 0)
    kinds = Counter(
        "full" if entry["status"] == "passed"
        else "untried" if entry["status"] in UNTRIED
        else "part" if entry["points"] > 0
        else "zero"
        for entry in found
    )  # fmt: skip
    parts, x = [], 0.0
    for name in ("full", "part", "zero", "untried"):
        width = 100 * kinds[name] / max(1, len(found))
        if width:
            parts.append({"name": name, "x": round(x, 2), "width": round(width, 2)})
        x += width
    tried = [entry["seconds"] for entry in found if entry["status"] not in UNTRIED]
    seconds, longest = _seconds(tried)
    return {
        "order": place,
        "week": week,
        "name": task.name,
        "title": task.title,
        "points": task.points,
        "passed": passed,
        "judged": len(found),
        "tried": len(tried),
        "failed": len(tried) - passed,
        "share": round(passed / max(1, len(found)), 4),
        "parts": parts,
        "rest": ", ".join(f"{count} {status}" for status, count in statuses.most_common()),
        "mean": round(statistics.mean(e["points"] for e in found), 2) if found else 0.0,
        "seconds": seconds,
        "longest": longest,
    }


def _student(
    identity: str,
    marks: StudentMarks,
    known: Rubrics,
    book: Gradebook,
    files: Sequence[FoundFile],
    notes: list[str],
) -> dict[str, Any]:
    """Collects the values for a student's page and row."""
    return {
        "id": identity,
        "name": marks.student,
        "points": [mark.points for mark in marks.weeks],
        "total": marks.total,
        "incomplete": marks.incomplete,
        "weeks": [shown_week(marks, mark, known[mark.week], book, notes) for mark in marks.weeks],
        "files": files[:MOST_FILES],
        "more_files": len(files[MOST_FILES:]),
        "missed": [
            f"{mark.week}/{task['name']}"
            for mark in marks.weeks
            for task in mark.tasks
            if task["status"] != "passed"
        ],
    }


def _similar(marks: ClassMarks) -> list[dict[str, Any]]:
    """Returns the pairs of similar programs: the students, and the lines."""
    pages = {each.student: f"s{place}" for place, each in enumerate(marks.students)}

    def side(name: str, lines: Sequence[tuple[int, int]]) -> dict[str, Any]:
        shown = [str(a) if a == b else f"{a}–{b}" for a, b in lines]
        more = f" and {len(shown) - RANGES} more" if len(shown) > RANGES else ""
        return {"name": name, "page": pages.get(name), "lines": ", ".join(shown[:RANGES]) + more}

    return [
        {
            "week": pair.week,
            "share": pair.share,
            "left": side(pair.left, pair.left_lines),
            "right": side(pair.right, pair.right_lines),
        }
        for pair in marks.similar
    ]
