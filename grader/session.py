"""Grades a week: reads the file, starts the worker, lets pytest run the checks, keeps the verdicts.

pytest runs in this process with everything pinned: configuration, root, plugins, environment.
Our plugin gives the fixtures and writes down what came of each check; pytest's own output is off.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import COURSE, Course
from grader.explain import explain
from grader.results.model import TaskResult, WeekResult
from grader.results.text import compose
from grader.rubric import RubricError, Task, read_rubric
from grader.secret import Secret
from grader.source import Program
from grader.student import Refused, Student, StudentRaised
from grader.submission import Submission, SubmissionError, read
from grader.targets import target
from grader.unchanged import CodeFiles, load_all
from grader.worker import tiers, xla_flags
from grader.worker.inside.frames import FrameError
from grader.worker.limits import Limits
from grader.worker.output import printable
from grader.worker.spare import Ready
from grader.worker.supervisor import HostFault, Worker, WorkerGone

if TYPE_CHECKING:
    from grader.judge import Request, RunData

IMPORT_SECONDS = 15.0  # CPU time for importing a student's file
CONFIG = Path(__file__).parent / "checks.ini"
PLUGINS_OFF = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "unittest", "faulthandler", "pastebin"),
    *("stepwise", "logging", "warnings", "threadexception", "unraisableexception", "debugging"),
)


def wall_seconds(cpu_seconds: float) -> float:
    """How long to wait on the clock for so many CPU seconds: generous, for a busy machine."""
    return 10.0 + 4.0 * cpu_seconds


class Reporter:
    """What is told while a week is graded; this one tells nothing."""

    def week_started(self, result: WeekResult) -> None:
        """A week begins."""

    def task_started(self, task: Task) -> None:
        """A task begins."""

    def tick(self, last_line: str) -> None:
        """The student's code is running; about ten times a second."""

    def task_done(self, result: TaskResult) -> None:
        """A task is judged."""

    def week_done(self, result: WeekResult) -> None:
        """A week is judged."""


@dataclass
class Options:
    """How to grade.

    Attributes:
      course: where the rubric and the solutions are.
      data: "embedded", "tfds" or a folder.
      secret: of this run.
      device: "cpu", "gpu" or "tpu".
      tier: "sandbox" or "process".
      tasks: names of the tasks to grade; all by default.
      limits: of a worker.
    """

    course: Course = COURSE
    data: str = "embedded"
    secret: Secret = field(default_factory=Secret.fresh)
    device: str = "cpu"
    tier: str = "process"
    tasks: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


class Workers:
    """The current worker and how to get another: started ahead, so that start-up overlaps."""

    def __init__(self, options: Options, make: Callable[[], Worker] | None = None) -> None:
        """Starts nothing yet.

        Args:
          options: how to grade.
          make: gives a worker that has served nobody; starts one by default.
        """
        self._make = make or (lambda: Worker(options.tier, options.device, options.limits))
        self._current: Worker | None = None
        self.loaded: Submission | None = None

    def start(self) -> None:
        """Starts a worker in the background if there is none."""
        if self._current is None:
            self._current = self._make()

    def worker(self, submission: Submission, tick: Callable[[], None]) -> Worker:
        """Returns a worker that has imported the submission.

        Raises:
          HostFault: if none starts.
          WorkerGone: if importing the file ended it.
          StudentRaised: if importing the file raised.
        """
        if self._current is not None and self.loaded not in (None, submission):
            self.close()
        self.start()
        worker = self._current
        assert worker is not None
        if self.loaded is None:
            worker.wait_ready(tick)
            worker.start_clock()
            message = {
                "do": "load",
                "name": submission.week,
                "file": f"{submission.week}.py",
                "source": submission.source.encode("utf-8", "surrogatepass"),
            }
            self.loaded = submission
            try:
                reply = worker.request(message, IMPORT_SECONDS, wall_seconds(IMPORT_SECONDS), tick)
            except WorkerGone:
                self.forget()
                raise
            if "raised" in reply:
                self.close()
                raised = reply["raised"]
                raise StudentRaised(raised if isinstance(raised, dict) else {})
        return worker

    def forget(self) -> None:
        """The current worker is gone: the next task gets another."""
        self._current, self.loaded = None, None

    def close(self) -> None:
        """Ends the current worker."""
        if self._current is not None:
            self._current.close()
        self.forget()


def submission_name(path: Path) -> str:
    """Returns how a submission is called in results: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@functools.cache
def reference_program(course: Course, week: str) -> Program | None:
    """Returns the solution's program, or the stub's, for the signatures; None without either."""
    place = course.solutions if course.solutions.is_dir() else course.stubs
    try:
        return Program(read(place / f"{week}.py", week))
    except SubmissionError:
        return None


class WeekGrader:
    """Grades one submission of one week."""

    def __init__(
        self,
        week: str,
        place: Path,
        options: Options,
        reporter: Reporter | None = None,
        workers: Workers | None = None,
    ) -> None:
        """Reads rubric and file; runs nothing yet.

        Args:
          week: "week3".
          place: the folder that holds the submission, or the file.
          options: how to grade.
          reporter: told what happens.
          workers: where the worker comes from; its own by default.

        Raises:
          RubricError: if the week's check file is at fault.
        """
        self.week = week
        self.options = options
        self.reporter = reporter or Reporter()
        self.workers = workers or Workers(options)
        self.check_file = options.course.checks / f"{week}.py"
        self.rubric = read_rubric(self.check_file)
        self.tasks = [t for t in self.rubric if not options.tasks or t.name in options.tasks]
        self.verdicts: dict[str, TaskResult] = {}
        self.import_failure: Exception | None = None
        self.ahead: dict[str, dict[Request, RunData]] = {}  # by task
        self.code_files: CodeFiles | None = None  # as they were, in the process tier
        self.submission: Submission | None = None
        self.program: Program | None = None
        self.problem: SubmissionError | None = None
        path = place
        try:
            functions = [name for task in self.rubric for name in task.functions]
            self.submission = read(place, week, functions)
            path = self.submission.path
            self.program = Program(self.submission)
        except SubmissionError as error:
            self.problem = error
            if place.is_dir():
                path = place / f"{week}.py"
        self.result = WeekResult(
            week=week,
            submission=submission_name(path),
            self_check=COURSE.holds(path),
            data=options.data,
            isolation=options.tier,
            device=options.device,
            seed=options.secret.label,
        )

    # Verdicts ---------------------------------------------------------------------------------

    def record(
        self,
        task: Task,
        status: str,
        rows: list[tuple[str, str]] | None = None,
        hint: str = "",
        points: float = 0.0,
        seconds: float = 0.0,
    ) -> None:
        """Writes down the verdict on a task and tells the reporter."""
        safe = [(label, printable(text, 400)) for label, text in rows or []]
        verdict = TaskResult(
            name=task.name,
            title=task.title,
            status=status,
            points=points,
            max_points=float(task.points),
            seconds=seconds,
            message=compose(safe),
            hint=printable(hint, 600),
        )
        self.verdicts[task.name] = verdict
        self.reporter.task_done(verdict)

    def settle_from_source(self, task: Task) -> bool:
        """Judges what the text tells: unreadable file, stub, missing name, forbidden piece."""
        if self.problem is not None or self.program is None or self.submission is None:
            self._record_problem(task)
            return True
        program, submission = self.program, self.submission
        for name in task.functions:
            if program.is_stub(name):
                shadowed = program.shadowed_line(name)
                if shadowed:
                    definition = program.definition(name)
                    assert definition is not None
                    rows = [
                        ("", f"{name} is there twice, and the one that counts is the stub below:"),
                        ("your line", submission.quote(definition.lineno)),
                    ]
                    self.record(task, "failed", rows, "Delete the stub.")
                else:
                    self.record(task, "todo", [("", f"{name} is still the stub.")])
                return True
        for name in task.functions:
            if not program.has(name):
                near = program.near_miss(name)
                rows = [("", f"There is no {name} in {submission.path.name}.")]
                hint = f"Write it under this name: def {name}(…)."
                if near:
                    definition = program.definition(near)
                    assert definition is not None
                    rows.append(("your line", submission.quote(definition.lineno)))
                    hint = f"Is it {near}? Then call it {name}."
                self.record(task, "failed", rows, hint)
                return True
        # For marks the grader's own checkout decides, wherever it is started from.
        own = self.options.course.checks == COURSE.checks
        reference = reference_program(COURSE if own else self.options.course, self.week)
        for name in task.functions if reference else ():
            expected = reference.definition(name) if reference else None
            wrong = program.wrong_signature(name, expected) if expected else None
            if wrong:
                line, sentence = wrong
                rows = [("", sentence), ("your line", submission.quote(line))]
                self.record(task, "failed", rows, "Keep the names and the order of the stub.")
                return True
        use = program.forbidden(task.functions, task.forbids)
        if use:
            said = f"You write this one: {use.name} is the answer itself."
            hint = "Write it from what the lesson says."
            if use.by_name:
                said = (
                    "This task does not allow imports by name, nor names that are computed: "
                    f"{use.name}."
                )
                hint = "Write import at the top of the file, and the name after the dot."
            rows = [("", said), ("your line", submission.quote(use.line))]
            self.record(task, "failed", rows, hint)
            return True
        return False

    def _record_problem(self, task: Task) -> None:
        assert self.problem is not None
        rows = [("", str(self.problem))]
        if self.problem.line and self.submission is not None:
            rows.append(("your line", self.submission.quote(self.problem.line)))
        elif self.problem.line:
            rows.append(("your line", f"{self.week}.py:{self.problem.line}"))
        self.record(task, "error", rows)

    def skip(self, task: Task) -> bool:
        """Skips a task whose needs did not pass; needs that are not graded now do not count."""
        missing = [
            need
            for need in task.needs
            if need in self.verdicts and self.verdicts[need].status != "passed"
        ]
        if missing:
            self.record(task, "skipped", [("", f"It needs {', '.join(missing)} first.")])
        return bool(missing)

    def judge_task(self, task: Task, check: Callable[..., Any]) -> None:
        """Runs one check and records its verdict."""
        from grader.judge import Failure, Judge, PartsFailed

        if self.settle_from_source(task) or self.skip(task):
            return
        self.reporter.task_started(task)
        assert self.submission is not None and self.program is not None
        submission, program = self.submission, self.program
        started = time.monotonic()
        if self.import_failure is not None:
            self._record_error(task, self.import_failure, 0.0, 0.0)
            return
        self._draw_ahead()  # while the worker starts, which leaves a core free
        try:
            worker = self.workers.worker(submission, self._tick)
        except Exception as error:
            self.workers.close()
            if isinstance(error, StudentRaised | WorkerGone | HostFault):
                # The file does not import, or no worker starts: no other task can go better.
                self.import_failure = error
            self._record_error(task, error, 0.0, time.monotonic() - started)
            return
        answered = 0

        def ask(message: dict[str, Any]) -> dict[str, Any]:
            nonlocal answered
            reply = worker.request(message, task.seconds, wall_seconds(task.seconds), self._tick)
            answered += 1
            return reply

        def your_line(name: str) -> str:
            line = program.last_line(name if program.definition(name) else task.functions[0])
            return submission.quote(line) if line else ""

        def renew() -> None:
            nonlocal worker
            self.workers.close()
            try:
                worker = self.workers.worker(submission, self._tick)
            except Exception:
                self.workers.close()
                raise
            worker.start_clock()
            ask({"do": "task", "forbids": list(task.forbids)})

        student = Student(ask, renew)
        streams = self.options.secret.stream(self.week, task.name)
        judge = Judge(student, streams, self.options.data, your_line, self.ahead[task.name])
        error: Exception | None = None
        try:
            worker.start_clock()
            ask({"do": "task", "forbids": list(task.forbids)})
            check(student=student, secret=streams, judge=judge)
            judge.finish()
        except PartsFailed as parts:
            error = parts.first
        except (Failure, StudentRaised, Refused) as failure:
            error = failure
        except WorkerGone as gone:
            self.workers.forget()
            error = gone
        except Exception as other:
            error = other
        seconds = time.monotonic() - started
        if error is None:
            self.record(task, "passed", points=task.points, seconds=seconds)
        else:
            self._record_error(task, error, judge.earned, seconds, answered > 1)
        self._tidy(worker)

    def _draw_ahead(self) -> None:
        """Begins to make the images of the trainings that are to come, once."""
        from grader.judge import Request, run_data

        if self.ahead:
            return
        self.ahead = {task.name: {} for task in self.tasks}
        for task in self.tasks:
            if not task.training or self._needs_no_worker(task):
                continue
            try:
                goal = target(task.name, self.options.data)
            except KeyError:
                continue
            request = Request(goal.data, goal.train, goal.test, goal.edge)
            streams = self.options.secret.stream(self.week, task.name)
            self.ahead[task.name][request] = run_data(self.options.data, streams, request)

    def _tidy(self, worker: Worker) -> None:
        """Ends a worker in which more runs than should, so that the next task starts clean."""
        if self.workers.loaded is None:
            return
        try:
            worker.start_clock()
            reply = worker.request({"do": "task", "forbids": []}, 5.0, 20.0)
            value = reply.get("value")
            clean = isinstance(value, dict) and value.get("threads") == 1
            clean = clean and not worker.has_children()
        except WorkerGone:
            self.workers.forget()
            return
        if not clean:
            self.workers.close()

    def _record_error(
        self,
        task: Task,
        error: Exception,
        points: float,
        seconds: float,
        student_answered: bool = False,
    ) -> None:
        """Turns what a check raised into a verdict."""
        import lib
        from grader.judge import Failure

        assert self.submission is not None and self.program is not None
        if isinstance(error, Failure):
            hint = error.hint
            if any(text.startswith("None (") for _, text in error.rows) and any(
                self.program.print_line(name) for name in task.functions
            ):
                hint = "print only shows a value. `return` hands it back to whoever called."
            self.record(task, "failed", error.rows, hint, points, seconds)
        elif isinstance(error, Refused):
            rows = [("", f"What your code returned cannot be taken: {error}.")]
            rows += self._function_line(task)
            hint = "Return numbers, arrays, or lists, tuples and dicts of them."
            self.record(task, "failed", rows, hint, points, seconds)
        elif isinstance(error, StudentRaised):
            rows, hint = explain(error, self.submission)
            if not any(label == "your line" for label, _ in rows):
                # It was raised by using what the function had returned.
                line = self.program.last_line(task.functions[0])
                rows += [("your line", self.submission.quote(line))] if line else []
            status = "failed" if error.forbidden else "error"
            self.record(task, status, rows, hint, points, seconds)
        elif isinstance(error, WorkerGone):
            rows = [("", error.text)]
            if error.line is not None and self.submission.text(error.line):
                rows.append(("your line", self.submission.quote(error.line)))
            else:
                rows += self._function_line(task)
            hint = ""
            if error.cause == "timeout":
                hint = "Does a loop never end, or does Python loop over single numbers?"
            self.record(task, error.cause, rows, hint, 0.0, seconds)
        elif isinstance(error, HostFault | lib.DataError):
            self.record(task, "ungraded", [("", str(error))], seconds=seconds)
        elif student_answered and isinstance(
            error, TypeError | ValueError | IndexError | KeyError | AttributeError | ArithmeticError
        ):
            rows = [
                ("", "What your code returned is of a form that the check could not work with."),
                ("it said", f"{type(error).__name__}: {error}"),
                *self._function_line(task),
            ]
            hint = "Compare types and shapes with the docstring."
            self.record(task, "failed", rows, hint, points, seconds)
        else:
            what = "cannot send" if isinstance(error, FrameError) else "failed"
            rows = [
                ("", f"The check itself {what}; this is not your fault."),
                ("it said", f"{type(error).__name__}: {error}"),
            ]
            self.record(task, "ungraded", rows, seconds=seconds)

    def _function_line(self, task: Task) -> list[tuple[str, str]]:
        assert self.submission is not None and self.program is not None
        definition = self.program.definition(task.functions[0])
        return [("your line", self.submission.quote(definition.lineno))] if definition else []

    def _tick(self) -> None:
        worker = self.workers._current
        self.reporter.tick(worker.output.last if worker is not None else "")

    # The run ----------------------------------------------------------------------------------

    def ordered(self) -> list[Task]:
        """Returns the tasks in the order to judge them."""
        return list(self.tasks)

    def run(self) -> WeekResult:
        """Judges all tasks and returns the week's result."""
        started = time.monotonic()
        self.reporter.week_started(self.result)
        try:
            if all(self._needs_no_worker(task) for task in self.tasks):
                for task in self.ordered():
                    if not self.settle_from_source(task):
                        self.skip(task)
            else:
                self._run_checks()
        except KeyboardInterrupt:
            for task in self.tasks:
                if task.name not in self.verdicts:
                    self.verdicts[task.name] = self._unjudged(task, "It was stopped by Ctrl-C.")
            raise
        finally:
            self.result.tasks = [
                self.verdicts[task.name] for task in self.tasks if task.name in self.verdicts
            ]
            self._distrust()
            self.result.seconds = time.monotonic() - started
        self.reporter.week_done(self.result)
        return self.result

    def _distrust(self) -> None:
        """Takes all verdicts back if the grader's own files were changed in the meantime."""
        if self.code_files is None:
            return
        self.workers.close()
        self.result.changed_files = [printable(name) for name in self.code_files.changed()]
        if self.result.changed_files:
            why = (
                f"{', '.join(self.result.changed_files[:3])} was changed while student code ran: "
                "nothing of this week counts. Restore the grader's files, for example by `git "
                "restore`, or grade with --isolation sandbox."
            )
            self.result.tasks = [self._unjudged(task, why) for task in self.tasks]

    @staticmethod
    def _unjudged(task: Task, why: str) -> TaskResult:
        return TaskResult(task.name, task.title, "ungraded", 0.0, float(task.points), message=why)

    def _needs_no_worker(self, task: Task) -> bool:
        """True if the text alone settles a task, or one that it needs."""
        silent = _Silent(self)
        return silent.settles(task, {t.name: t for t in self.tasks})

    def _run_checks(self) -> None:
        try:
            self.workers.start()
        except HostFault as fault:
            for task in self.ordered():
                if not (self.settle_from_source(task) or self.skip(task)):
                    self.record(task, "ungraded", [("", str(fault))])
            return
        pin_jax()
        if self.options.tier == "process":
            self.code_files = CodeFiles(self.options.course)
            load_all()
        plugin = Plugin(self)
        with pinned_environment():
            import pytest

            arguments = [
                *("-c", str(CONFIG), "--rootdir", str(self.check_file.parent), "--noconftest"),
                *("--import-mode=importlib", "--assert=plain", "--capture=no"),
                *(part for name in PLUGINS_OFF for part in ("-p", f"no:{name}")),
                str(self.check_file),
            ]
            # A check file of another course, of the same name, would be taken for this one.
            sys.modules.pop(self.check_file.stem, None)
            pytest.main(arguments, plugins=[plugin])
        if plugin.interrupt is not None:
            raise plugin.interrupt
        for task in self.tasks:
            if task.name not in self.verdicts:
                what = plugin.problem or "its check was not run"
                rows = [("", f"The check could not be run; this is not your fault: {what}")]
                self.record(task, "ungraded", rows)


class _Silent:
    """Asks what the text alone settles, without recording it."""

    def __init__(self, grader: WeekGrader) -> None:
        self.grader = grader

    def settles(self, task: Task, tasks: dict[str, Task]) -> bool:
        grader = self.grader
        kept, grader.verdicts = grader.verdicts, {}
        reporter, grader.reporter = grader.reporter, Reporter()
        try:
            if grader.settle_from_source(task):
                return True
        finally:
            grader.verdicts, grader.reporter = kept, reporter
        return any(need in tasks and self.settles(tasks[need], tasks) for need in task.needs)


def pin_jax() -> None:
    """Makes the trusted side compute on the CPU, whatever the machine has, and compile quickly."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    if "jax" in sys.modules:
        import jax

        jax.config.update("jax_platforms", "cpu")
    else:
        os.environ["XLA_FLAGS"] = xla_flags.quick_flags(os.environ.get("XLA_FLAGS", ""))


@contextlib.contextmanager
def pinned_environment() -> Iterator[None]:
    """Hides what could tell pytest to load or do something else."""
    removed = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
        os.environ.update(removed)


class Plugin:
    """Runs the checks in pytest: gives the fixtures and keeps every verdict itself."""

    def __init__(self, grader: WeekGrader) -> None:
        """Takes the grader of the week."""
        self.grader = grader
        self.problem = ""
        self.interrupt: BaseException | None = None

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keeps the tasks that are graded, in the order in which they are judged."""
        by_name = {item.name.removeprefix("check_"): item for item in items}
        items[:] = [by_name[task.name] for task in self.grader.ordered() if task.name in by_name]

    def pytest_runtest_protocol(self, item: Any) -> bool:
        """Judges one task; the fixtures are `student`, `secret` and `judge`."""
        tasks = {task.name: task for task in self.grader.tasks}
        task = tasks[item.name.removeprefix("check_")]
        if getattr(item.function, "task", None) != task:
            raise RubricError(f"{item.name}: its rubric is not what its source says")
        self.grader.judge_task(task, item.function)
        return True

    def pytest_collectreport(self, report: Any) -> None:
        """Notes why a check file cannot be imported."""
        if report.failed:
            lines = str(report.longrepr).strip().splitlines()
            self.problem = printable(lines[-1] if lines else "it cannot be imported", 300)

    def pytest_internalerror(self, excrepr: Any, excinfo: Any) -> None:
        """Notes a fault of the grader's own."""
        self.problem = printable(f"{excinfo.typename}: {excinfo.value}", 300)

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """Notes that the run was stopped from outside: pytest interrupts itself in other cases."""
        import pytest

        if not isinstance(excinfo.value, pytest.Session.Interrupted):
            self.interrupt = excinfo.value


def grade(
    weeks: list[str],
    place: Path,
    options: Options,
    reporter: Reporter | None = None,
    compiled: str | None = None,
) -> Iterator[WeekResult]:
    """Grades weeks one after the other.

    Args:
      weeks: such as ["week1", "week3"].
      place: the folder with the submissions, or one file.
      options: how to grade.
      reporter: told what happens.
      compiled: as `isolation.launch`.

    Yields:
      A result for each week as it is done; none after one that changed the grader's files.
    """
    ready = Ready(lambda: Worker(options.tier, options.device, options.limits, compiled))
    try:
        for number, week in enumerate(weeks, start=1):
            # The next week's worker starts along with this one's, but two would not share a GPU.
            ready.ahead = int(number < len(weeks) and options.device == "cpu")
            workers = Workers(options, ready.take)
            try:
                result = WeekGrader(week, place, options, reporter, workers).run()
            finally:
                workers.close()
            yield result
            if result.changed_files:
                return  # no other week can be judged by a grader that is not itself
    finally:
        ready.close()


def options_for(tier: str, **rest: Any) -> Options:
    """Returns options with the tier that was asked for, or what "auto" means here."""
    return Options(tier=tiers.choose(tier), **rest)
