"""Turns the solutions into wrong ones, and grades them through the command line."""

import ast
import dataclasses
import functools
import json
import textwrap
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import COURSE
from grader.rubric import read_rubric


@functools.cache
def read_solution(week: str) -> str:
    """The source of a week's solution."""
    return (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")


def place(source: str, name: str) -> tuple[int, int]:
    """First and last line of the definition of a function or class, counted from 1."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            return first, node.end_lineno or node.lineno
    raise KeyError(name)


def replaced(source: str, name: str, other: str) -> str:
    """Returns the source with another text in the place of a function or class."""
    first, last = place(source, name)
    lines = source.split("\n")
    lines[first - 1 : last] = textwrap.dedent(other).strip("\n").split("\n")
    return "\n".join(lines)


@dataclasses.dataclass
class Report:
    """What the grader says about one submission.

    Attributes:
      status: exit status of the command.
      tasks: the tasks of the JSON result, by name.
      shown: what is printed for people.
    """

    status: int
    tasks: dict[str, dict]
    shown: str


@pytest.fixture
def grade(tmp_path, capfd):
    """Grades a text, or bytes, as a week's file with the grader's command line."""

    def grade(
        source: str | bytes, week: str, *tasks: str, name: str = "", arguments: tuple[str, ...] = ()
    ) -> Report:
        folder = tmp_path / "work"
        folder.mkdir(exist_ok=True)
        path = folder / (name or f"{week}.py")
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        found = tmp_path / "result.json"
        command = [week, "--submission", str(path), "--json", str(found), *arguments]
        for task in tasks:
            command += ["--task", task]
        capfd.readouterr()
        status = main(command)
        shown = capfd.readouterr().out
        result = json.loads(Path(found).read_text())[0]
        return Report(status, {task["name"]: task for task in result["tasks"]}, shown)

    return grade


@pytest.fixture
def solution():
    """Returns the source of a week's solution."""
    return read_solution


@pytest.fixture
def swap():
    """Puts a wrong version of one of a task's functions into the solution of a week."""

    def swap(week: str, task: str, wrong: str) -> str:
        source, wrong = read_solution(week), textwrap.dedent(wrong).strip("\n")
        functions = {t.name: t.functions for t in read_rubric(COURSE.checks / f"{week}.py")}[task]
        name = ast.parse(wrong).body[0].name
        # A misspelt one stands in the place of the right one.
        return replaced(source, name if name in functions else functions[0], wrong)

    return swap


@pytest.fixture
def wrong_solution():
    """Puts wrong versions of several tasks, by name, into the solution of a week."""

    def wrong_solution(week: str, versions: dict[str, str]) -> str:
        source = read_solution(week)
        for version in versions.values():
            version = textwrap.dedent(version).strip("\n")
            source = replaced(source, ast.parse(version).body[0].name, version)
        return source

    return wrong_solution
