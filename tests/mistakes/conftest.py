"""Turns the solutions into wrong ones, and grades them through the command line.

`python -m pytest tests/mistakes --twice` grades every submission twice with one seed and holds that
status, points and message of every task are the same (of a timeout: status and points).
"""

import ast
import dataclasses
import functools
import json
import os
import textwrap
import zlib
from pathlib import Path

import pytest

from grader.cli.main import main
from grader.course import COURSE
from grader.rubric import read_rubric
from grader.worker import launch


def pytest_addoption(parser):
    """Adds --twice, where these tests are named on the command line."""
    parser.addoption("--twice", action="store_true", help="grade twice with one seed and compare")


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


def verdicts(report: Report) -> dict[str, tuple]:
    """What must not change from one run to the next.

    Where code was stopped that ran out of time, and by which clock, is the machine's doing.
    """
    judged = ("status", "points", "max_points")
    said = ("message", "hint")
    return {
        name: tuple(task[key] for key in (judged if task["status"] == "timeout" else judged + said))
        for name, task in report.tasks.items()
    }


@pytest.fixture(autouse=True)
def workers_keep_compiled_code(monkeypatch):
    """Workers take what the grader or an earlier worker compiled: hundreds do the same here."""
    start, folder = launch.launch, os.environ["JAX_COMPILATION_CACHE_DIR"]
    os.makedirs(folder, exist_ok=True)
    monkeypatch.setattr(
        launch, "launch", lambda tier, device, compiled: start(tier, device, folder)
    )


@pytest.fixture
def grade(once, request):
    """Grades a text, or bytes, as a week's file; with --twice a second time, to the same end."""

    def grade(source: str | bytes, week: str, *tasks: str, **more) -> Report:
        if not request.config.getoption("--twice", False):
            return once(source, week, *tasks, **more)
        seed = str(zlib.crc32(request.node.nodeid.encode()))
        first, again = (
            once(source, week, *tasks, **more | {"arguments": ("--seed", seed)}) for _ in range(2)
        )
        assert verdicts(first) == verdicts(again), f"--seed {seed}"
        return first

    return grade


@pytest.fixture
def once(tmp_path, capfd):
    """Grades a text, or bytes, as a week's file with the grader's command line."""

    def once(
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

    return once


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


GRADERS_OWN = (
    "grader/",
    "worker.py",
    "site-packages",
    "Traceback",
    "checks/",
    "session.py",
    "/tmp",
)


@pytest.fixture
def all_fail(grade, wrong_solution):
    """Grades wrong versions of several tasks at once and looks at what each is told."""

    def all_fail(week: str, versions: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        """Asserts that each fails, with a short message that names a line and says the words.

        Args:
          week: "week4" …
          versions: for each task a wrong version of one of its functions, and what message and
            hint must say, in any case of letters.
        """
        source = wrong_solution(week, {task: version for task, (version, _) in versions.items()})
        report = grade(source, week, *versions)
        print(report.shown)
        assert report.status == 1
        assert sorted(report.tasks) == sorted(versions)
        for name, found in report.tasks.items():
            assert found["status"] in ("failed", "error", "timeout"), found
            assert found["points"] < found["max_points"], found
            text = "\n".join(filter(None, (found["message"], found["hint"])))
            assert 1 <= len(text.split("\n")) <= 12, text
            assert not [own for own in GRADERS_OWN if own in text], text
            assert f"{week}.py:" in text, text
            missing = [word for word in versions[name][1] if word.lower() not in text.lower()]
            assert not missing, f"{name}: {missing} not in:\n{text}"

    return all_fail


@pytest.fixture
def all_pass(grade, solution):
    """Grades other right versions of several tasks at once."""

    def all_pass(week: str, versions: dict[str, str]) -> None:
        """Asserts that all of them pass; a later definition takes the place of an earlier one."""
        source = "\n\n".join([solution(week), *map(textwrap.dedent, versions.values())])
        report = grade(source, week, *versions)
        print(report.shown)
        assert [task for task in report.tasks.values() if task["status"] != "passed"] == []
        assert sorted(report.tasks) == sorted(versions)
        assert report.status == 0

    return all_pass
