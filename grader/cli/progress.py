"""A student's progress: what passed when it was last graded, kept in `.flaxlings/`."""

from __future__ import annotations

import json
from typing import Any

from grader.course import Course
from grader.results.files import read_state, write_text
from grader.results.model import TaskResult, WeekResult
from grader.results.text import console, number, prose
from grader.rubric import read_rubric

FILE = "progress.json"


def load(course: Course) -> dict[str, Any]:
    """Returns {week: {task: {"status", "points"}}}; an unreadable file counts as empty."""
    clean: dict[str, Any] = {}
    for week, tasks in read_state(course.state / FILE).items():
        clean[week] = {
            name: entry
            for name, entry in tasks.items()
            if isinstance(entry, dict)
            and isinstance(entry.get("status"), str)
            and isinstance(entry.get("points"), int | float)
        }
    return clean


def record(course: Course, result: WeekResult) -> None:
    """Saves the outcome of the graded tasks; if that fails, the run continues."""
    state = load(course)
    week = state.setdefault(result.week, {})
    for task in result.tasks:
        if task.status != "ungraded":
            entry = week.setdefault(task.name, {})
            entry.update(status=task.status, points=task.points)
    _write(course, state)


def first_success(course: Course, week: str, task: TaskResult) -> bool:
    """True the first time it is called for a task that has passed; remembers the call."""
    state = load(course)
    entry = state.setdefault(week, {}).setdefault(task.name, {})
    if entry.get("explained"):
        return False
    entry.update(status=task.status, points=task.points, explained=True)
    _write(course, state)
    return True


def _write(course: Course, state: dict[str, Any]) -> None:
    try:
        write_text(course.state / FILE, json.dumps(state, indent=2, sort_keys=True) + "\n")
    except OSError:
        pass


def passed(state: dict[str, Any], week: str, task: str) -> bool:
    """True if the task passed when it was last graded."""
    return state.get(week, {}).get(task, {}).get("status") == "passed"


def next_task(course: Course, week: str) -> str | None:
    """Returns the first task of a week that has not passed."""
    state = load(course)
    for task in read_rubric(course.checks / f"{week}.py"):
        if not passed(state, week, task.name):
            return task.name
    return None


def _file(course: Course, week: str) -> str:
    """Names the file of a week that a student works in."""
    name = f"{week}.py"
    if (course.exercises / f"{week}.ipynb").exists():
        from grader.source.reading import find
        from grader.source.stubs import task_functions

        name = find(course.exercises, week, task_functions(course, week), newest=True)[0].name
    return f"exercises/{name}"


def _greeting(course: Course, width: int | None) -> str:
    """Tells a newcomer, who has written nothing yet, how to begin.

    Args:
      course: the course.
      width: columns of the screen; None keeps the sentence on one line.
    """
    from grader.cli.environment import activation

    week = course.weeks()[0]
    first = read_rubric(course.checks / f"{week}.py")[0].name
    commands = [
        (activation(), "first"),
        (f"python -m grader {week}", "grade it"),
        (f"python -m grader hint {week}", "a hint"),
    ]
    commands = [pair for pair in commands if pair[0]]
    column = max(len(command) for command, _ in commands)
    welcome = (
        f"Welcome to Flaxlings. Read exercises/{week}.md, then write {first} in "
        f"{_file(course, week)} (replace its `raise NotImplementedError`), and run"
    )
    lines = [f"  {command:<{column}}  {what}" for command, what in commands]
    return "\n".join([prose(welcome, width), *lines])


def overview(course: Course) -> int:
    """Prints the progress in all weeks and what to do next."""
    from rich.text import Text

    from grader.cli.usage import begun_weeks, is_begun

    out, state, advice = console(), load(course), ""
    if not state and course.weeks() and not begun_weeks(course.exercises, course):
        out.print(_greeting(course, out.width if out.is_terminal else None))
        return 0
    for week in course.weeks():
        tasks = read_rubric(course.checks / f"{week}.py")
        done = [passed(state, week, task.name) for task in tasks]
        points = sum(
            min(float(state.get(week, {}).get(task.name, {}).get("points", 0)), task.points)
            for task in tasks
        )
        bar = "".join("■" if yes else "□" for yes in done)
        line = Text()
        line.append(f"{week:<8}", style="bold")
        line.append(bar, style="green" if all(done) else "")
        line.append(f"  {sum(done)} of {len(done)} tasks")
        line.append(f"  {number(points)} of {number(sum(t.points for t in tasks))} points", "dim")
        if any(done) and not is_begun(course.exercises, week, course):
            line.append("  as last graded; the file no longer holds that work", "dim")
        out.print(line)
        if not advice and not all(done):
            task = tasks[done.index(False)]
            verb = "Start with" if not any(done) else "Continue with"
            advice = (
                f"{verb} {task.name} ({task.title.rstrip('.')}) in {_file(course, week)}, "
                f"then run: python -m grader {week}\n"
                f"A hint: python -m grader hint {week} {task.name}"
            )
    out.print(advice or "Everything passes. Well done.")
    return 0
