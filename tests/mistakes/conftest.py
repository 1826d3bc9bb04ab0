"""Puts wrong answers into the solutions and grades them, many with one worker.

`python -m pytest tests/mistakes -m "" --twice` grades every submission twice with one seed and
asserts that each task's status, points and message are the same (after a timeout, only status and
points).
"""

import contextlib
import dataclasses
import functools
import io
import json
import os
import zlib
from collections.abc import Container

import pytest

from grader.audit.answers import complaints, swapped
from grader.audit.trials import NotingWorker, SharedWorkers
from grader.cli.display import Display
from grader.course import COURSE
from grader.results.files import json_text
from grader.results.model import exit_status
from grader.rubric import read_rubric
from grader.secret import Secret
from grader.session.options import Options
from grader.session.week import grade_work
from grader.source.reading import read_work
from grader.source.stubs import task_functions
from grader.worker import launch, tiers


def pytest_addoption(parser):
    """Adds --twice if the command line names these tests."""
    parser.addoption("--twice", action="store_true", help="grade twice with one seed and compare")


@dataclasses.dataclass
class Report:
    """What the grader says about one submission.

    Attributes:
      status: the exit status of the command.
      tasks: the tasks in the JSON result, by name.
      shown: the text printed for people.
    """

    status: int
    tasks: dict[str, dict]
    shown: str


@pytest.fixture(scope="module")
def judged():
    """Grades a file as `python -m grader` does, reusing the last worker if it is still alive."""
    compiled, tier = os.environ["JAX_COMPILATION_CACHE_DIR"], tiers.choose("auto")
    os.makedirs(compiled, exist_ok=True)
    workers = SharedWorkers(Options(), lambda: NotingWorker(tier, compiled=compiled))

    def judged(path, week: str, tasks: tuple[str, ...], seed: int | None = None) -> Report:
        secret = Secret.fresh() if seed is None else Secret.from_seed(seed)
        options = Options(tier=tier, tasks=tasks, secret=secret)
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            work = read_work(path, week, task_functions(COURSE, week))
            result = grade_work(work, options, Display(), workers)
        tasks = json.loads(json_text([result]))[0]["tasks"]
        status = exit_status([result])
        return Report(status, {task["name"]: task for task in tasks}, shown.getvalue())

    yield judged
    workers.close()


def verdicts(report: Report) -> dict[str, tuple]:
    """Returns what must not change from one run to the next.

    Where code that ran out of time was stopped, and by which clock, depends on the machine.
    """
    judged = ("status", "points", "max_points")
    said = ("message", "hint")
    return {
        name: tuple(task[key] for key in (judged if task["status"] == "timeout" else judged + said))
        for name, task in report.tasks.items()
    }


@pytest.fixture
def grade(judged, tmp_path, request):
    """Grades text or bytes as a week's file; with --twice, twice with the same result."""

    def grade(
        source: str | bytes, week: str, *tasks: str, name: str = "", seed: int | None = None
    ) -> Report:
        path = tmp_path / (name or f"{week}.py")
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        if seed is not None or not request.config.getoption("--twice", False):
            return judged(path, week, tasks, seed)
        seed = zlib.crc32(request.node.nodeid.encode())
        first, again = (judged(path, week, tasks, seed) for _ in range(2))
        assert verdicts(first) == verdicts(again), f"--seed {seed}"
        return first

    return grade


@pytest.fixture(autouse=True)
def workers_keep_compiled_code(monkeypatch):
    """Workers of the command line also use what the grader or an earlier worker compiled."""
    start, folder = launch.launch, os.environ["JAX_COMPILATION_CACHE_DIR"]
    os.makedirs(folder, exist_ok=True)
    monkeypatch.setattr(
        launch, "launch", lambda tier, device, compiled: start(tier, device, folder)
    )


# Submissions -------------------------------------------------------------------------------------


@functools.cache
def read_solution(week: str) -> str:
    """Returns the source of a week's solution."""
    return (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")


@pytest.fixture
def solution():
    """Returns the source of a week's solution."""
    return read_solution


@pytest.fixture
def swap():
    """Replaces one or more of a task's functions in a week's solution."""

    def swap(week: str, task: str, version: str) -> str:
        rubric = read_rubric(COURSE.checks / f"{week}.py")
        return swapped(read_solution(week), next(t for t in rubric if t.name == task), version)

    return swap


# Messages ----------------------------------------------------------------------------------------

GRADERS_OWN = (
    *("grader/", "worker.py", "site-packages", "Traceback", "checks/", "session.py", "/tmp"),
    "pytest",
)


@pytest.fixture
def teaches():
    """Asserts what holds for the message of every wrong answer."""

    def teaches(
        report: Report,
        task: str,
        words: tuple[str, ...],
        lines: Container[int],
        name: str,
        unwanted: tuple[str, ...] = (),
    ) -> None:
        """Asserts that it is short, has the words, and names one of the lines if there are any.

        Args:
          report: what the grader says.
          task: the task's name.
          words: what message and hint must contain, in upper or lower case.
          lines: line numbers in the student's file.
          name: the name of that file.
          unwanted: what message and hint must not contain, in upper or lower case.
        """
        found = report.tasks[task]
        text = "\n".join(filter(None, (found["message"], found["hint"])))
        print(text)
        assert 1 <= len(text.split("\n")) <= 12
        assert not [own for own in GRADERS_OWN if own in text]
        wrong = complaints(text, words, lines, name, unwanted)
        assert not wrong, f"{wrong}:\n{text}"
        if found["status"] != "todo":
            # The person at the terminal reads the same.
            for part in [*found["message"].split("\n"), found["hint"]]:
                assert part in report.shown
        assert report.status == 1

    return teaches
