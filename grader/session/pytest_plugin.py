"""Lets pytest run the checks: it collects a week's check file and calls each check.

The plugin provides the fixtures `student`, `secret` and `judge`, skips tasks that are already
settled, and passes on what every check raised: nothing, a failed judgement, or a fault. It pins
pytest's configuration, root, plugins and environment, and turns pytest's output off.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.rubric import RubricError, Task
from grader.secret import TaskSecret
from grader.session.task_run import TaskRun
from grader.worker.output import printable

CONFIG = Path(__file__).parent / "checks.ini"
PLUGINS_OFF = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "unittest", "faulthandler", "pastebin"),
    *("stepwise", "logging", "warnings", "threadexception", "unraisableexception", "debugging"),
)


class Judging(Protocol):
    """Answers the plugin while it runs the checks of a week."""

    def order(self) -> list[Task]:
        """The tasks to judge, in order."""
        ...

    def settled(self, task: Task) -> bool:
        """Returns whether a task's check need not run; if so, records its verdict."""
        ...

    def begin(self, task: Task) -> TaskRun:
        """Prepares everything for a check; raises what keeps it from running."""
        ...

    def conclude(self, task: Task, error: Exception | None) -> None:
        """Records the verdict on a task whose check has run, or could not run."""
        ...


class ChecksPlugin:
    """Provides the fixtures of each check, and passes on its outcome.

    Attributes:
      problem: why the check file could not run, or "".
      interrupt: what stopped the run from outside, if anything did.
    """

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._tasks = {task.name: task for task in judging.order()}
        self.problem = ""
        self.interrupt: BaseException | None = None

    # Fixtures ---------------------------------------------------------------------------------

    @pytest.fixture
    def task_run(self, request: pytest.FixtureRequest) -> TaskRun:
        """The task of this check, ready to answer."""
        return self._judging.begin(self._task(request.node))

    @pytest.fixture
    def student(self, task_run: TaskRun) -> Student:
        """The student's functions; see `grader.judge.student`."""
        return task_run.student

    @pytest.fixture
    def secret(self, task_run: TaskRun) -> TaskSecret:
        """Fresh inputs; see `grader.secret`."""
        return task_run.secret

    @pytest.fixture
    def judge(self, task_run: TaskRun) -> Judge:
        """Compares and explains; see `grader.judge.judge`."""
        return task_run.judge

    # Hooks ------------------------------------------------------------------------------------

    def _task(self, item: Any) -> Task:
        return self._tasks[item.name.removeprefix("check_")]

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declares the mark that carries a task's points, hints and limits."""
        config.addinivalue_line("markers", "task(rubric): what a check is worth, needs and forbids")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keeps the tasks to grade, in the order in which they are judged."""
        by_name = {item.name.removeprefix("check_"): item for item in items}
        items[:] = [by_name[name] for name in self._tasks if name in by_name]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: Any) -> None:
        """Skips a check whose task is settled."""
        task, mark = self._task(item), item.get_closest_marker("task")
        if mark is None or mark.args != (task,):
            raise RubricError(f"{item.name}: its rubric is not what its source says")
        if self._judging.settled(task):
            pytest.skip("settled before its check")

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: Any) -> Generator[None, Any, Any]:
        """Fails a check that ran to its end although one of its parts failed."""
        result = yield
        pyfuncitem.funcargs["task_run"].judge.finish()
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, Any]:
        """Passes on what a check raised, or what kept it from running."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or (call.when == "setup" and error and not report.skipped):
            self._judging.conclude(self._task(item), error)
        return report

    def pytest_collectreport(self, report: Any) -> None:
        """Notes why Python cannot import a check file."""
        if report.failed:
            lines = str(report.longrepr).strip().splitlines()
            self.problem = printable(lines[-1] if lines else "it cannot be imported", 300)

    def pytest_internalerror(self, excrepr: Any, excinfo: Any) -> None:
        """Notes a fault in the grader itself."""
        self.problem = printable(f"{excinfo.typename}: {excinfo.value}", 300)

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """Notes a stop from outside; in other cases pytest interrupts itself."""
        if not isinstance(excinfo.value, pytest.Session.Interrupted):
            self.interrupt = excinfo.value


def run_checks(check_file: Path, judging: Judging) -> str:
    """Runs the checks of a file.

    Args:
      check_file: such as grader/checks/week3.py.
      judging: records the verdicts.

    Returns:
      Why checks may not have run, or "".

    Raises:
      KeyboardInterrupt: or whatever else stopped the run from outside.
    """
    plugin = ChecksPlugin(judging)
    # pytest caches a check file under its stem, and would take another course's file of the same
    # name for this one. No hook prevents that.
    sys.modules.pop(check_file.stem, None)
    arguments = [
        *("-c", str(CONFIG), "--rootdir", str(check_file.parent), "--noconftest"),
        *("--import-mode=importlib", "--assert=plain", "--capture=no"),
        *(part for name in PLUGINS_OFF for part in ("-p", f"no:{name}")),
        str(check_file),
    ]
    with _pinned_environment():
        pytest.main(arguments, plugins=[plugin])
    if plugin.interrupt is not None:
        raise plugin.interrupt
    return plugin.problem


@contextlib.contextmanager
def _pinned_environment() -> Iterator[None]:
    """Hides environment variables that could make pytest load or do something else."""
    removed = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
        os.environ.update(removed)
