"""`python -m grader check-the-checks week9`: what a week's checks see, and what they do not."""

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
Judges the checks of some weeks by what they make of programs whose verdict is known: the solution
passes, each time with a fresh secret; every stub is todo; every answer in tests/mistakes gets its
status and its words; and of mutants of the solution, each with one small change, none passes. One
that does is shown: the check does not see what was changed, or the mutant means the same. Explain
that in tests/mistakes/weekN/TASK/equal.toml.
"""
EPILOG = """\
Exit status: 0 all is well; 1 something is not, or a mutant passes that no reason explains; 2 wrong
usage, or something could not be judged.
"""
LONGEST = 6  # changed lines of a mutant that are shown


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m grader check-the-checks",
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("weeks", nargs="+", metavar="WEEK", help="names of weeks, or all")
    made.add_argument(
        "--task", metavar="NAME", action="append", default=[], help="one task only (repeatable)"
    )
    made.add_argument(
        "--runs", metavar="N", type=int, default=3, help="of the solution (default: 3)"
    )
    made.add_argument(
        "--mutants", metavar="N", type=int, default=15, help="of each task (default: 15; 0: none)"
    )
    made.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=0,
        help="another one chooses other mutants, and what they are judged with (default: 0)",
    )
    made.add_argument("--jobs", metavar="N", type=int, help="programs at a time (default: cores)")
    made.add_argument(
        "--json", metavar="FILE", help="write what is found as JSON, task by task (- is stdout)"
    )
    return made


def check_the_checks(argv: Sequence[str], course: Course) -> int:
    """Judges the checks of some weeks.

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
    """Says of each task, in turn, what is found, as soon as all of it is; and writes it down."""

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
        """Takes in that a program is judged."""
        if self.bar is not None:
            self.bar.update(self.task, advance=1, description=f"judged  {trial.week}")
        self.update()

    def update(self) -> None:
        """Says what has become known in full."""
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
        """Says what all came to."""
        found = [each for audit in self.audits for each in audit.tasks.values()]
        mutants = sum(len(each.mutants) for each in found)
        survivors = sum(len(each.survivors()) for each in found)
        answers = sum(len(each.answers) for each in found)
        well = sum(each.all_is_well() for each in found)
        minutes = (time.monotonic() - self.started) / 60
        self.console.print(
            f"{well} of {len(found)} checks are as they should be; {self.runs} runs of each "
            f"solution, {answers} answers, {mutants} mutants of which {survivors} pass "
            f"unexplained; {minutes:.1f} min",
            highlight=False,
        )
        if self.target == "-":
            sys.stdout.write(self._text())

    def close(self) -> None:
        """Ends the bar."""
        if self.bar is not None:
            self.bar.stop()


def _lines(audit: WeekAudit, each: TaskAudit) -> list[tuple[str, str]]:
    """What is said of a task: text and style of each line."""
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
        said.append((f"     the stub is {each.stub}, and should be todo", ""))
    for answer, complaints in each.answers:
        for text in complaints or []:
            where = f"tests/mistakes/{answer.week}/{answer.task}/{answer.name}.py"
            said.append((f"     {where}: {text}", ""))
    for mutant in each.survivors() if each.solution_passes() else []:
        said += _mutant_lines(audit.week, mutant, "passes")
    for mutant in each.wrongly_explained():
        said += _mutant_lines(audit.week, mutant, "is explained as equal, and does not pass")
    for was, becomes in each.stale:
        said.append((f"     equal.toml explains what is no mutant of this solution: {was}", ""))
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
