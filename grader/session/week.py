"""Grades a week: judges what the text shows, lets pytest run the checks, collects the verdicts."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.course import COURSE, Course
from grader.judge.failure import PartsFailed
from grader.judge.images import Request, RunData, run_data
from grader.judge.student import StudentRaised
from grader.results.model import TaskResult, WeekResult
from grader.rubric import Task, read_rubric
from grader.session.integrity import CodeFiles, load_all
from grader.session.loading import CellStopped
from grader.session.notes import notes_on
from grader.session.options import Options, Reporter
from grader.session.settle import Finding, settle
from grader.session.task_run import TaskRun
from grader.session.verdicts import finding_of, ungraded, verdict
from grader.session.workers import Workers
from grader.source.program import Program
from grader.source.reading import Work, read_work
from grader.source.stubs import task_functions
from grader.targets import target
from grader.worker import xla_flags
from grader.worker.output import printable
from grader.worker.spare import SpareWorkers
from grader.worker.supervisor import HostFault, Worker, WorkerGone


def submission_name(path: Path) -> str:
    """Returns the name of a submission in results: its path, relative if it is below here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@functools.cache
def reference_program(course: Course, week: str) -> Program | None:
    """Returns the solution's program, or the stub's, for its signatures; None without either."""
    place = course.solutions if course.solutions.is_dir() else course.stubs
    program = read_work(place / f"{week}.py", week).program
    return program if isinstance(program, Program) else None


def pin_jax() -> None:
    """Makes the trusted side compile quickly and compute on the CPU, even if there is a GPU."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    if "jax" in sys.modules:
        import jax

        jax.config.update("jax_platforms", "cpu")
    else:
        os.environ["XLA_FLAGS"] = xla_flags.quick_flags(os.environ.get("XLA_FLAGS", ""))


def grade_work(
    work: Work,
    options: Options,
    reporter: Reporter | None = None,
    workers: Workers | None = None,
    known: Mapping[str, TaskResult] | None = None,
    name: str = "",
) -> WeekResult:
    """Grades a week that has been read.

    Args:
      work: the student's program, or why there is none.
      options: how to grade.
      reporter: hears what happens.
      workers: where the worker comes from; its own by default.
      known: verdicts, by task, that need no second run.
      name: what to call the submission; its path by default.

    Raises:
      RubricError: if the week's check file is at fault.
    """
    result = WeekResult(
        week=work.week,
        submission=name or submission_name(work.path),
        self_check=not name and COURSE.holds(work.path),
        data=options.data,
        isolation=options.tier,
        device=options.device,
        seed=options.secret.label,
        notes=[work.note] if work.note else [],
    )
    workers = workers or Workers(options)
    return WeekGrading(work, options, result, reporter or Reporter(), workers, known or {}).run()


class WeekGrading:
    """Grades one submission of one week; pytest's plugin asks it, and reports to it."""

    def __init__(
        self,
        work: Work,
        options: Options,
        result: WeekResult,
        reporter: Reporter,
        workers: Workers,
        known: Mapping[str, TaskResult],
    ) -> None:
        self.work, self.options, self.result = work, options, result
        self.reporter, self.workers, self.known = reporter, workers, known
        self.check_file = options.course.checks / f"{work.week}.py"
        rubric = read_rubric(self.check_file)
        self.tasks = [t for t in rubric if not options.tasks or t.name in options.tasks]
        self.verdicts: dict[str, TaskResult] = {}
        # The grader's own checkout decides on marks, wherever it is started from.
        own = options.course.checks == COURSE.checks
        reference = reference_program(COURSE if own else options.course, work.week)
        self.findings: dict[str, Finding | None] = {
            task.name: settle(task, work.program, reference) for task in self.tasks
        }
        self.to_run: set[str] = set()  # tasks whose check must run
        for task in self.tasks:
            closed = self.findings.keys() - self.to_run - known.keys()
            if self.findings[task.name] is None and task.name not in known:
                if not closed & set(task.needs):
                    self.to_run.add(task.name)
        self.ahead: dict[str, dict[Request, RunData]] = {}  # by task
        self.import_failure: Exception | None = None
        self.code_files: CodeFiles | None = None  # before student code runs, in the process tier
        self.task_run: TaskRun | None = None

    # What the plugin asks ---------------------------------------------------------------------

    def order(self) -> list[Task]:
        """The tasks to judge, in order."""
        if self.options.training_last:
            return sorted(self.tasks, key=lambda task: task.training)
        return self.tasks

    def settled(self, task: Task) -> bool:
        """Records the verdict on a task whose check need not run; returns whether there is one."""
        finding = self.findings[task.name]
        if finding is None and task.name in self.known:
            self._record(self.known[task.name])
            return True
        missing = [
            need
            for need in task.needs
            if need in self.verdicts and self.verdicts[need].status != "passed"
        ]
        if finding is None and missing:
            finding = Finding("skipped", [("", f"It needs {', '.join(missing)} first.")])
        if finding is not None:
            self._record_finding(task, finding)
        return finding is not None

    def begin(self, task: Task) -> TaskRun:
        """Prepares everything for a check."""
        self.reporter.task_started(task)
        self.task_run = None
        if self.import_failure is not None:
            raise self.import_failure
        self.draw_ahead()  # while the worker starts, which leaves a core free
        assert isinstance(self.work.program, Program)
        ahead = self.ahead[task.name]
        run = TaskRun(task, self.work.program, self.options, self.workers, ahead, self._tick)
        self.task_run = run
        try:
            run.start()
        except CellStopped:
            self.task_run = None  # the worker is unused, and serves the other tasks
            raise
        except Exception as error:
            self.workers.close()
            if isinstance(error, StudentRaised | WorkerGone | HostFault):
                # The file does not import, or no worker starts: every other task would fail, too.
                self.import_failure = error
            raise
        return run

    def conclude(self, task: Task, error: Exception | None) -> None:
        """Records the verdict on a task whose check has run, or could not run."""
        run, program = self.task_run, self.work.program
        self.task_run = None  # the next task's verdict must not use this run
        assert isinstance(program, Program)
        seconds = run.seconds if run else 0.0
        if self.workers.loading is not None:
            self.result.output = self.workers.loading.printed
        if isinstance(error, WorkerGone):
            self.workers.forget()
        if isinstance(error, PartsFailed):
            error = error.first
        if error is None:
            found = verdict(task, None, task.points, seconds)
        else:
            finding = finding_of(error, task, program, bool(run and run.answered))
            earned = run.judge.earned if run and finding.status in ("failed", "error") else 0.0
            found = verdict(task, finding, earned, seconds)
        if run is not None:
            found.output = run.output.text
        self._record(found)
        if run is not None:
            run.tidy()

    # Recording --------------------------------------------------------------------------------

    def _record(self, verdict: TaskResult) -> None:
        self.verdicts[verdict.name] = verdict
        self.reporter.task_done(verdict)

    def _record_finding(self, task: Task, finding: Finding) -> None:
        self._record(verdict(task, finding, 0.0, 0.0))

    def _tick(self) -> None:
        self.reporter.tick(self.workers.last_line)

    # The run ----------------------------------------------------------------------------------

    def draw_ahead(self) -> None:
        """Starts making the images of the training runs ahead, once."""
        from lib.data.dataset import DataError

        if self.ahead:
            return
        self.ahead = {task.name: {} for task in self.tasks}
        for task in self.tasks:
            if not task.training or task.name not in self.to_run:
                continue
            try:
                wanted = target(task.name, self.options.data)
            except (KeyError, DataError):
                continue
            request = Request(*wanted.request)
            streams = self.options.secret.stream(self.work.week, task.name)
            self.ahead[task.name][request] = run_data(self.options.data, streams, request)

    def run(self) -> WeekResult:
        """Judges all tasks and returns the week's result."""
        started = time.monotonic()
        try:
            self.reporter.week_started(self.result)
            if not self.to_run:
                for task in self.order():
                    self.settled(task)
            else:
                self._run_checks()
        except KeyboardInterrupt:
            self._leave_open("The run stopped before this task was judged.")
            raise
        finally:
            self.result.tasks = [
                self.verdicts[task.name] for task in self.tasks if task.name in self.verdicts
            ]
            self._distrust()
            self.result.notes += notes_on(self.work, self.workers.loading, self.result.tasks)
            self.result.seconds = time.monotonic() - started
        self.reporter.week_done(self.result)
        return self.result

    def _run_checks(self) -> None:
        try:
            self.workers.start()
        except HostFault as fault:
            for task in self.order():
                if not self.settled(task):
                    self._record_finding(task, Finding("ungraded", [("", str(fault))]))
            return
        pin_jax()
        if self.options.tier == "process":
            self.code_files = CodeFiles(self.options.course)
            load_all()
        from grader.session.pytest_plugin import run_checks

        problem = run_checks(self.check_file, self) or "its check did not run"
        for task in self.tasks:
            if task.name not in self.verdicts:
                why = f"The check could not run; this is not your fault: {problem}"
                self._record_finding(task, Finding("ungraded", [("", why)]))

    def _leave_open(self, why: str) -> None:
        for task in self.tasks:
            if task.name not in self.verdicts:
                self.verdicts[task.name] = ungraded(task, why)

    def _distrust(self) -> None:
        """Withdraws all verdicts if the grader's own files have changed in the meantime."""
        if self.code_files is None:
            return
        self.workers.close()
        self.result.changed_files = [printable(name) for name in self.code_files.changed()]
        if self.result.changed_files:
            why = (
                f"{', '.join(self.result.changed_files[:3])} was changed while student code ran, "
                "so nothing of this week counts. Restore the grader's files, for example with `git "
                "restore`, or grade with --isolation sandbox."
            )
            self.result.tasks = [ungraded(task, why) for task in self.tasks]


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
      reporter: hears what happens.
      compiled: as for `grader.worker.launch.launch`.

    Yields:
      Each week's result once the week is done; none after a week that changed the grader's files.
    """
    spare = SpareWorkers(lambda: Worker(options.tier, options.device, options.limits, compiled))
    try:
        for number, week in enumerate(weeks, start=1):
            # The next week's worker starts with this one's, but not on a GPU: two cannot share it.
            spare.ahead = int(number < len(weeks) and options.device == "cpu")
            workers = Workers(options, spare.take)
            functions = task_functions(options.course, week)
            work = read_work(place, week, functions, newest=place == options.course.exercises)
            try:
                result = grade_work(work, options, reporter, workers)
            finally:
                workers.close()
            yield result
            if result.changed_files:
                return  # a changed grader cannot judge any other week
    finally:
        spare.close()
