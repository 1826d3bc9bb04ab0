"""The rubric as data: each check declares its task's points, needs, forbidden pieces and hints.

The arguments of `@task(...)` are literals, so that `read_rubric` can read the rubric of a week from
its source without importing it, and jax with it. This keeps the overview, the hints and the
untouched stubs quick.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

PREFIX = "check_"
Check = TypeVar("Check", bound=Callable[..., Any])


class RubricError(Exception):
    """A check file does not describe its tasks properly: a fault in the grader."""


@dataclass(frozen=True)
class Task:
    """One task of a week.

    Attributes:
      name: the check's name without "check_".
      title: the first line of the check's docstring.
      points: what it is worth, more than 0.
      functions: names of the functions and classes in the student's file that are its answer.
      seconds: CPU seconds for everything that the check asks of the student's code; at least five
        times what the solution takes.
      needs: tasks that must pass first.
      forbids: full names, with wildcards, of the library pieces that are the answer to the task,
        such as "lib.conv2d" or "jax.lax.conv*".
      hints: from a nudge to nearly the answer; `python -m grader hint` shows one more each time.
      training: True if it trains a model, so that `watch` judges it after the others.
    """

    name: str
    title: str
    points: float
    functions: tuple[str, ...]
    seconds: float = 10.0
    needs: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    training: bool = False

    def __post_init__(self) -> None:
        for name in ("functions", "needs", "forbids", "hints"):
            value = getattr(self, name)
            if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
                raise RubricError(
                    f"{self.name}: {name} must be a tuple of strings, not {value!r} "
                    '(one item needs a comma: ("a",))'
                )
        if not self.points > 0 or not self.seconds > 0:
            raise RubricError(f"{self.name}: points and seconds must be greater than 0")
        if not self.title:
            raise RubricError(f"{self.name}: its docstring needs a first line, the title")
        if not self.functions:
            raise RubricError(f"{self.name}: functions must name at least one function")


def _make(function_name: str, docstring: str | None, options: dict[str, Any]) -> Task:
    if not function_name.startswith(PREFIX):
        raise RubricError(f"{function_name}: the name of a check begins with {PREFIX!r}")
    known = {field.name for field in fields(Task)} - {"name", "title"}
    unknown = options.keys() - known
    if unknown:
        raise RubricError(f"{function_name}: task() does not know {', '.join(sorted(unknown))}")
    title = (docstring or "").strip().split("\n")[0].strip()
    try:
        return Task(name=function_name.removeprefix(PREFIX), title=title, **options)
    except TypeError as error:
        raise RubricError(f"{function_name}: {error}") from None


def task(
    *,
    points: float,
    functions: tuple[str, ...],
    seconds: float = 10.0,
    needs: tuple[str, ...] = (),
    forbids: tuple[str, ...] = (),
    hints: tuple[str, ...] = (),
    training: bool = False,
) -> Callable[[Check], Check]:
    """Marks a function `check_NAME(student, secret, judge)` as the check of a task, for pytest.

    All arguments are literals; `Task` explains them. The docstring's first line is the task's
    title.
    """
    import pytest

    options = {
        "points": points,
        "functions": functions,
        "seconds": seconds,
        "needs": needs,
        "forbids": forbids,
        "hints": hints,
        "training": training,
    }

    def mark(check: Check) -> Check:
        return pytest.mark.task(_make(check.__name__, check.__doc__, options))(check)

    return mark


class _Constants(ast.NodeTransformer):
    """Replaces names with a file's literal constants; `*NAME` adds its items."""

    def __init__(self) -> None:
        self.known: dict[str, ast.expr] = {}

    def note(self, node: ast.stmt) -> None:
        """Stores `NAME = value`."""
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            self.known[node.targets[0].id] = node.value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        items: list[ast.expr] = []
        for item in node.elts:
            value = self.visit(item.value if isinstance(item, ast.Starred) else item)
            spread = isinstance(item, ast.Starred) and isinstance(value, ast.Tuple)
            items += value.elts if spread else [value]
        return ast.Tuple(items, node.ctx)


@functools.cache
def read_rubric(path: Path) -> tuple[Task, ...]:
    """Reads the tasks of a week from its check file, without running it.

    Args:
      path: such as grader/checks/week3.py.

    Returns:
      The tasks in the file's order.

    Raises:
      RubricError: if a check is not marked with literals, or needs a task that is not before it.
    """
    tasks: list[Task] = []
    constants = _Constants()
    for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
        constants.note(node)
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith(PREFIX):
            continue
        calls = [
            decorator
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call)
            and ast.unparse(decorator.func) in ("task", "rubric.task")
        ]
        if len(calls) != 1:
            raise RubricError(f"{path.name}: {node.name} needs exactly one @task(...)")
        options = {}
        for keyword in calls[0].keywords:
            try:
                options[str(keyword.arg)] = ast.literal_eval(constants.visit(keyword.value))
            except ValueError:
                raise RubricError(
                    f"{path.name}: {node.name}: {keyword.arg} must be a literal or a constant"
                ) from None
        found = _make(node.name, ast.get_docstring(node), options)
        missing = set(found.needs) - {earlier.name for earlier in tasks}
        if missing:
            raise RubricError(
                f"{path.name}: {found.name} needs {', '.join(sorted(missing))}, "
                "which is not before it"
            )
        if found.name in {earlier.name for earlier in tasks}:
            raise RubricError(f"{path.name}: two checks are called {node.name}")
        tasks.append(found)
    if not tasks:
        raise RubricError(f"{path.name} has no checks")
    return tuple(tasks)
