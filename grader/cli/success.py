"""The text after success: what a task has taught, and at the end of a week what comes next."""

from __future__ import annotations

import re
from pathlib import Path

from grader.cli import progress
from grader.course import UNWRITTEN, Course
from grader.results.model import TaskResult, WeekResult
from grader.rubric import read_rubric

HEADING = re.compile(r"^## +`?(\w+)`?[ \t]*$", re.MULTILINE)
FIGURE = re.compile(r"figures/[\w-]+\.png")
EPOCH = re.compile(r"^Epoch \d.*", re.MULTILINE)  # of the lines that `lib.fit` prints


def explanations(course: Course, week: str) -> dict[str, str]:
    """Returns the explanation of each task of a week, in Markdown; empty if there is no page."""
    try:
        text = (course.explanations / f"{week}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    _, *parts = HEADING.split(text)
    bodies = [body.strip() for body in parts[1::2]]
    named = zip(parts[::2], bodies, strict=True)
    return {name: body for name, body in named if not body.startswith(UNWRITTEN)}


def explained_once(course: Course, week: str, task: TaskResult) -> str:
    """Returns the explanation of a task that has passed, or "" if it was shown before."""
    text = explanations(course, week).get(task.name, "")
    return text if text and progress.first_success(course, week, task) else ""


def week_done(course: Course, result: WeekResult) -> list[str]:
    """Returns sentences for the end of a week: what was built, and the next step.

    Args:
      course: the student's.
      result: the result of a week in which every task has passed.
    """
    week, path = result.week, course.exercises / Path(result.submission).name
    said = [_built(course, week, path), *_numbers(result)]
    if "\n**1. " in _text(course.exercises / f"{week}.md").partition("\n## Questions")[2]:
        said.append(f"Five questions about it: python -m grader quiz {week}")
    weeks = course.weeks()
    after = weeks.index(week) + 1
    for following in weeks[after:] + weeks[:after]:
        if following != week and progress.next_task(course, following):
            lesson = course.exercises / f"{following}.md"
            read = f"read exercises/{lesson.name}, then run: " if lesson.exists() else ""
            return [*said, f"Next is {following}: {read}python -m grader watch {following}"]
    return [*said, "That was the last week: the entire course passes. Well done."]


def is_whole(course: Course, result: WeekResult) -> bool:
    """True if every task of the week was graded, and has passed."""
    return result.passed and len(result.tasks) == len(
        read_rubric(course.checks / f"{result.week}.py")
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _built(course: Course, week: str, path: Path) -> str:
    """Says where students see what they built: figures that their own file draws, or numbers."""
    figures = list(dict.fromkeys(FIGURE.findall(_text(path))))
    if figures and all((course.root / name).exists() for name in figures):
        return f"What you built, as pictures: {', '.join(figures)}"
    if path.suffix == ".ipynb":
        return f"See what you built: run all cells of exercises/{path.name}"
    if figures:
        return f"See what you built: python exercises/{path.name} draws {', '.join(figures)}"
    folder = f"exercises/pictures/{week}"
    pictures = (
        f"; the lesson's pictures of it: {folder}/" if (course.root / folder).is_dir() else ""
    )
    return f"See what you built: python exercises/{path.name} prints its numbers{pictures}"


def _numbers(result: WeekResult) -> list[str]:
    """Quotes the last epoch that each task's training printed."""
    found = ((task.name, EPOCH.findall(task.output)) for task in result.tasks)
    return [f"In numbers, {name}: {epochs[-1]}" for name, epochs in found if epochs]
