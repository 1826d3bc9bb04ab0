"""Hints: each request shows the next one."""

from __future__ import annotations

import json

from grader.course import Course
from grader.results.files import read_state, write_text
from grader.rubric import Task

FILE = "hints.json"


def load(course: Course) -> dict[str, dict[str, int]]:
    """Returns {week: {task: hints shown}}; an unreadable file counts as empty."""
    return {
        week: {name: count for name, count in tasks.items() if type(count) is int and count >= 0}
        for week, tasks in read_state(course.state / FILE).items()
    }


def next_hint(course: Course, week: str, task: Task) -> str:
    """Returns the next hint as text, and remembers that it was shown; repeats the last one."""
    if not task.hints:
        return f"{task.name} ({task.title.rstrip('.')}) has no hints: read its docstring again."
    state, count = load(course), len(task.hints)
    before = state.get(week, {}).get(task.name, 0)
    shown = min(before + 1, count)
    state.setdefault(week, {})[task.name] = shown
    try:
        write_text(course.state / FILE, json.dumps(state, indent=2, sort_keys=True) + "\n")
    except OSError:
        pass  # in a read-only folder the next call shows the same hint
    number = f"hint {shown} of {count}" if before < count else f"the last of {count} hints again"
    return f"{task.name}, {number}: {task.hints[shown - 1]}"
