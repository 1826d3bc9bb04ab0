"""`python -m grader check-the-checks week9`: what a week's checks see and what they miss."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli.usage import UsageError, chosen_tasks, chosen_weeks, cores
from grader.course import Course
from grader.source.submission import SubmissionError
from grader.worker import compile_cache, tiers

if TYPE_CHECKING:
    from rich.console import Console

    from grader.audit.mutants import Mutant
    from grader.audit.trials import Trial
    from grader.audit.week import TaskAudit, WeekAudit

ABOUT = """\
Tests a week's checks with programs whose verdict is known. The solution must pass every time, with
a fresh secret each time. Every stub must be todo. Every answer in tests/mistakes must get the
status and the words in its header. No mutant (the solution with one small change) may pass. If one
does, it is shown: either the check does not see the change, or the mutant means the same. Explain
the second kind in tests/mistakes/weekN/TASK/equal.toml.
"""
EPILOG = """\
Exit status: 0 all checks do what they should; 1 a check does not, or a mutant passes without an
explanation; 2 wrong usage, or something could not be judged.
"""
LONGEST = 6  # changed lines shown of a mutant


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m grader check-the-checks",
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("weeks", nargs="+", metavar="WEEK", help="one or more weeks, or all")
    made.add_argument(
        "--task", metavar="NAME", action="append", default=[], help="one task only (repeatable)"
    )
    made.add_argument(
        "--runs", metavar="N", type=int, default=3, help="runs of the solution (default: 3)"
    )
    made.add_argument(
        "--mutants",
        metavar="N",
        type=int,
        default=15,
        help="mutants of each task (default: 15; 0: none)",
    )
    made.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=0,
        help="chooses the mutants and the inputs they are judged with (default: 0)",
    )
    made.add_argument(
        "--jobs", metavar="N", type=int, help="programs judged at a time (default: one per core)"
    )
    made.add_argument(
        "--json", metavar="FILE", help="write the findings as JSON, task by task (- is stdout)"
    )
    return made


def check_the_checks(argv: Sequence[str], course: Course) -> int:
    """Checks the checks of weeks.

    Args:
      argv: the arguments after `check-the-checks`.
      course: whose weeks.

    Returns:
      The exit status.
    """
    arguments = _parser().parse_args(argv)
    if not course.solutions.is_dir():
        raise UsageError("There is no solutions/ here: this is a hand-out for students.")
    if arguments.runs < 1 or arguments.mutants < 0 or (arguments.jobs or 1) < 1:
        raise UsageError("--runs and --jobs are 1 or more, --mutants 0 or more.")
    weeks = chosen_weeks(arguments.weeks, course)
    names = chosen_tasks(arguments.task, weeks, course)

    from grader.audit.answers import AnswerError
    from grader.audit.trials import judge, unjudged
    from grader.audit.week import WeekAudit
    from grader.classroom import local
    from grader.classroom.pool import Judges

    count, seed = arguments.mutants, arguments.seed
    try:
        audits = [WeekAudit(course, week, names, count, seed) for week in weeks]
    except (AnswerError, SubmissionError) as error:
        raise UsageError(str(error)) from None
    tier = tiers.choose("auto")
    compiled = compile_cache.folder(course, course.solutions, tier)
    trials = [
        (audit, trial) for audit in audits for trial in audit.trials(arguments.runs, tier, compiled)
    ]
    whose = {id(trial): audit for audit, trial in trials}
    report = _Report(audits, arguments.runs, len(trials), arguments.json)
    jobs = [trial for _, trial in trials]
    judging = local.run(jobs, arguments.jobs or cores(), Judges(judge, unjudged))
    with contextlib.closing(judging), contextlib.closing(report):
        report.update()
        for trial, result in judging:
            whose[id(trial)].take(trial, result)
            report.judged(trial)
    report.sum_up()
    found = [each for audit in audits for each in audit.tasks.values()]
    if any(each.ungraded() for each in found):
        return 2
    return 0 if all(each.all_is_well() for each in found) else 1


class _Report:
    """Prints the findings of each task in turn, once complete, and saves them."""

    def __init__(self, audits: list[WeekAudit], runs: int, total: int, target: str | None) -> None:
        from grader.results.text import console

        self.audits, self.runs, self.total, self.target = audits, runs, total, target
        self.console: Console = console(stderr=target == "-")
        self.started = time.monotonic()
        self.waiting = [(audit, name) for audit in audits for name in audit.tasks]
        self.bar: Any = None
        if self.console.is_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Bar(*columns, TextColumn("{task.description}"), console=self.console)
            self.bar.start()
            self.task = self.bar.add_task("programs judged", total=total)

    def judged(self, trial: Trial) -> None:
        """Records that a program was judged."""
        if self.bar is not None:
            self.bar.update(self.task, advance=1, description=f"judged  {trial.week}")
        self.update()

    def update(self) -> None:
        """Prints the tasks whose findings are complete."""
        while self.waiting:
            audit, name = self.waiting[0]
            each = audit.tasks[name]
            if len(each.runs) < self.runs or not audit.judged(name):
                return
            self.waiting.pop(0)
            if name == next(iter(audit.tasks)):
                self.console.print(f"{audit.week}  solutions/{audit.week}.py", style="bold")
            for text, style in _lines(audit, each):
                self.console.print(text, style=style, markup=False, highlight=False)
            sys.stdout.flush()
            if self.target and self.target != "-":
                self._write(Path(self.target))

    def _text(self) -> str:
        weeks = [audit.as_json() for audit in self.audits]
        return json.dumps(weeks, indent=2, ensure_ascii=False) + "\n"

    def _write(self, path: Path) -> None:
        from grader.results.files import write_text

        write_text(path, self._text())

    def sum_up(self) -> None:
        """Prints the totals."""
        found = [each for audit in self.audits for each in audit.tasks.values()]
        mutants = sum(len(each.mutants) for each in found)
        survivors = sum(len(each.survivors()) for each in found)
        answers = sum(len(each.answers) for each in found)
        well = sum(each.all_is_well() for each in found)
        minutes = (time.monotonic() - self.started) / 60
        self.console.print(
            f"{well} of {len(found)} checks do what they should; {self.runs} runs of each "
            f"solution, {answers} answers, {mutants} mutants ({survivors} pass unexplained); "
            f"{minutes:.1f} min",
            highlight=False,
        )
        if self.target == "-":
            sys.stdout.write(self._text())

    def close(self) -> None:
        """Closes the progress bar."""
        if self.bar is not None:
            self.bar.stop()


def _lines(audit: WeekAudit, each: TaskAudit) -> list[tuple[str, str]]:
    """The lines about a task, each with text and style."""
    right = sum(answer.right for answer, _ in each.answers)
    wrong = len(each.answers) - right
    parts = [f"{wrong} wrong and {right} right answers" if each.answers else "no answers"]
    if each.task.training:
        parts.append("no mutants of a training")
    else:
        explained = sum(mutant.change in each.equal for mutant, _ in each.mutants)
        parts.append(f"{len(each.mutants)} mutants")
        if explained:
            parts.append(f"{explained} of them equal")
    sign, style = ("✓", "green") if each.all_is_well() else ("✗", "red")
    if each.ungraded():
        sign, style = "?", "yellow"
    said = [(f" {sign} {each.task.name}  {', '.join(parts)}", style)]
    for status, message in each.runs:
        if status != "passed":
            said.append((f"     the solution is {status}: {message}", ""))
    if each.stub != "todo":
        said.append((f"     the stub is {each.stub}, but should be todo", ""))
    for answer, complaints in each.answers:
        for text in complaints or []:
            where = f"tests/mistakes/{answer.week}/{answer.task}/{answer.name}.py"
            said.append((f"     {where}: {text}", ""))
    for mutant in each.survivors() if each.solution_passes() else []:
        said += _mutant_lines(audit.week, mutant, "passes")
    for mutant in each.wrongly_explained():
        said += _mutant_lines(audit.week, mutant, "is explained as equal, but does not pass")
    for was, becomes in each.stale:
        said.append((f"     equal.toml explains what is not a mutant of this solution: {was}", ""))
        said.append((f"       as {becomes}", ""))
    if ungraded := each.ungraded():
        said.append((f"     {ungraded} could not be judged; run the command again", ""))
    return said


def _mutant_lines(week: str, mutant: Mutant, what: str) -> list[tuple[str, str]]:
    diff = mutant.diff()
    if len(diff) > LONGEST:
        diff = [*diff[: LONGEST - 1], f"… and {len(diff) - LONGEST + 1} more lines"]
    lines = [(f"     solutions/{week}.py:{mutant.line}  {mutant.kind}  {what}", "")]
    styles = {"-": "red", "+": "green"}
    return lines + [(f"       {line}", styles.get(line[0], "dim")) for line in diff]
