"""Makes the exercises from the solutions: keeps signature and docstring, and drops the body.

The solutions are the single source. What a week's checks name as a task's `functions` becomes a
stub, and its docstring also says what the task does not allow. Top-level functions and classes
whose name begins with an underscore belong only to the solution and are left out. Everything else
stays unchanged.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterable
from pathlib import Path

from grader.course import Course
from grader.results.files import write_text
from grader.rubric import read_rubric
from grader.source.announced import announce
from grader.source.program import Definition, Function, Program, body_of
from grader.source.reading import read
from grader.source.submission import SubmissionError


def task_functions(course: Course, week: str) -> list[str]:
    """Returns the names of functions and classes that are the answers of a week's tasks."""
    rubric = read_rubric(course.checks / f"{week}.py")
    return list(dict.fromkeys(name for task in rubric for name in task.functions))


def _stub_line(node: Function, name: str) -> str:
    text = json.dumps(f"Write {name}.", ensure_ascii=False)
    return f"{' ' * node.body[0].col_offset}raise NotImplementedError({text})\n"


def _edits(node: Definition, name: str) -> Iterable[tuple[int, int, str]]:
    """Yields (first line, last line, replacement) for each body to replace."""
    if isinstance(node, ast.ClassDef):
        for method in node.body:
            if isinstance(method, Function):
                yield from _edits(method, f"{name}.{method.name}")
        return
    body = body_of(node)
    if not body:
        return
    first = body[0].lineno
    if body[0] is not node.body[0]:
        # Comments between the docstring and the first statement belong to the body.
        first = (node.body[0].end_lineno or first) + 1
    yield first, node.end_lineno or first, _stub_line(node, name)


def stub_source(solution: str, names: Collection[str]) -> str:
    """Turns a solution into its exercise.

    Args:
      solution: the solution's source.
      names: functions and classes to become stubs.

    Returns:
      The source of the exercise.
    """
    tree = ast.parse(solution)
    lines = solution.splitlines(keepends=True)
    edits: list[tuple[int, int, str]] = []
    for node in tree.body:
        if not isinstance(node, Definition):
            continue
        if node.name in names:
            edits += _edits(node, node.name)
        elif node.name.startswith("_"):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            # Remove a comment right above it, too, but keep a cell's marker.
            while first > 1 and lines[first - 2].startswith("#") and "%%" not in lines[first - 2]:
                first -= 1
            last = node.end_lineno or first
            while last < len(lines) and not lines[last].strip():
                last += 1
            edits.append((first, last, ""))
    for first, last, text in sorted(edits, reverse=True):
        lines[first - 1 : last] = [text] if text else []
    return "".join(lines).rstrip("\n") + "\n"


def only_for_answers(solution: str, names: Collection[str]) -> list[str]:
    """Returns the public functions and classes that only answers use, though students get them.

    Args:
      solution: the solution's source.
      names: functions and classes that become stubs.
    """
    tree = ast.parse(solution)
    only = _used(tree) - _used(ast.parse(stub_source(solution, names)))
    return [
        node.name
        for node in tree.body
        if isinstance(node, Definition)
        and node.name not in names
        and not node.name.startswith("_")
        and node.name in only
    ]


def _used(tree: ast.Module) -> set[str]:
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def week_stub(course: Course, week: str) -> str:
    """Returns the exercise of a week, made from its solution or stored in a hand-out.

    Raises:
      SubmissionError: if there is neither.
    """
    solution, kept = course.solutions / f"{week}.py", course.stubs / f"{week}.py"
    if not solution.is_file():
        if kept.is_file():
            return kept.read_text(encoding="utf-8")
        raise SubmissionError(f"There is no {solution} to make the stub from.")
    stub = stub_source(solution.read_text(encoding="utf-8"), task_functions(course, week))
    return announce(stub, read_rubric(course.checks / f"{week}.py"))


def keep_copy(path: Path) -> Path:
    """Copies a file to the first free number next to it: week3.py.1.old, week3.py.2.old …"""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.{number}.old")
        try:
            with open(copy, "xb") as file:
                file.write(path.read_bytes())
            return copy
        except FileExistsError:
            number += 1


def has_work(course: Course, week: str) -> bool:
    """True if a student has written something into an exercise, or if it is unreadable."""
    path = course.exercises / f"{week}.py"
    try:
        program = Program(read(path, week))
    except SubmissionError:
        return path.exists()
    return not program.has_only_stubs(task_functions(course, week))


def write_stub(course: Course, week: str, always_copy: bool) -> Path | None:
    """Writes a week's exercise.

    Args:
      course: the course.
      week: the week.
      always_copy: keep a copy of any existing file that differs; else only of one with work in it.

    Returns:
      The copy of the old file, if there is one.
    """
    text = week_stub(course, week)
    path = course.exercises / f"{week}.py"
    copy = None
    if path.exists() and path.read_bytes() != text.encode():
        if always_copy or has_work(course, week):
            copy = keep_copy(path)
    write_text(path, text)
    return copy
