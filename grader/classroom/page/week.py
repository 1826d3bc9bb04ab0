"""A student's week as a page shows it: the message for each task, and the code it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import StudentMarks, WeekMark
from grader.rubric import Task

if TYPE_CHECKING:
    from grader.source.excerpt import Source

SILENT = ("passed", "todo", "skipped", "ungraded")  # the student's code is not the cause


def shown_week(
    marks: StudentMarks, mark: WeekMark, rubric: Sequence[Task], book: Gradebook, notes: list[str]
) -> dict[str, Any]:
    """Returns the values for the template `week.html`.

    Args:
      marks: of the student.
      mark: of the week.
      rubric: the week's tasks.
      book: the class's gradebook, for the files.
      notes: receives a sentence if the code cannot be shown.
    """
    tasks = []
    if mark.attempt and mark.result:
        try:
            tasks = _tasks(mark, mark.result, rubric, book.files(mark.attempt.digest))
        except Exception as error:  # of a parser, over a hand-in: the others still get their pages
            why = f"{type(error).__name__}: {error}".rstrip(": ")
            notes.append(f"{marks.student}, {mark.week}: the code cannot be shown ({why[:200]}).")
            tasks = _tasks(mark, mark.result, rubric, {})
    return {
        "name": mark.week,
        "points": mark.points,
        "most": mark.worth,
        "handed": mark.attempt is not None,
        "state": mark.state,
        "open": mark.open,
        "late": mark.days_late,
        "notes": mark.notes,
        "adjust": mark.adjust,
        "words": mark.words,
        "comment": mark.comment,
        "result": mark.result,
        "output": mark.result.get("output", "") if mark.result else "",
        "tasks": tasks,
    }


def _tasks(
    mark: WeekMark, result: dict[str, Any], rubric: Sequence[Task], files: dict[str, bytes]
) -> list[dict[str, Any]]:
    functions = {task.name: task.functions for task in rubric}
    source = _source(result, files)
    shown = []
    for task in mark.tasks:
        said, code = "", []
        if task["status"] not in ("passed", "todo"):
            hint = f"\ntry: {task['hint']}" if task["hint"] else ""
            said = task["message"] + hint
        if source and task["status"] not in SILENT:
            code = source.excerpt(functions.get(task["name"], ()), task["message"])
        given = mark.given.get(task["name"])
        by_hand = given is not None and given.points is not None
        more = {"said": said, "code": code, "by_hand": by_hand, "output": task.get("output", "")}
        shown.append(task | more)
    return shown


def _source(result: dict[str, Any], files: dict[str, bytes]) -> Source | None:
    """Returns the file that was judged, if the page shows any of it."""
    from grader.source.excerpt import Source

    file = result["submission"].rsplit("/", 1)[-1]
    talks = any(task["status"] not in SILENT for task in result["tasks"])
    return Source(file, result["week"], files[file]) if talks and file in files else None
