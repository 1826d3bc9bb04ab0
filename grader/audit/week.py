"""The audit of a week's checks: which programs to judge, and their results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.audit.answers import (
    Answer,
    AnswerError,
    answers_folder,
    complaints,
    definitions,
    read_answers,
    read_equal,
    swapped,
    without_mark,
)
from grader.audit.mutants import Mutant, all_mutants, choose
from grader.audit.trials import Trial
from grader.course import Course
from grader.rubric import Task, read_rubric
from grader.secret import Secret
from grader.session.settle import settle
from grader.source.program import Program
from grader.source.reading import work_of
from grader.source.stubs import task_functions, week_stub

MUTANTS = 15
SURVIVED = "survived"


@dataclass
class TaskAudit:
    """The audit of one task's check.

    Attributes:
      task: the task.
      runs: (status, message) of each run of the solution.
      stub: status of the stub; it should be "todo".
      answers: the author's answers, each with a list of what is wrong with its verdict, or None
        before it is judged.
      mutants: those drawn, each with its status: `SURVIVED` if it passed, "" before it is judged.
      equal: the reasons why some mutants are equivalent, by their change.
      stale: the changes whose reasons explain no mutant of this solution.
    """

    task: Task
    runs: list[tuple[str, str]] = field(default_factory=list)
    stub: str = ""
    answers: list[tuple[Answer, list[str] | None]] = field(default_factory=list)
    mutants: list[tuple[Mutant, str]] = field(default_factory=list)
    equal: dict[tuple[str, str], str] = field(default_factory=dict)
    stale: list[tuple[str, str]] = field(default_factory=list)

    def survivors(self) -> list[Mutant]:
        """The mutants that passed without a reason that explains it."""
        return [
            m for m, status in self.mutants if status == SURVIVED and m.change not in self.equal
        ]

    def wrongly_explained(self) -> list[Mutant]:
        """The mutants with a reason why they are equivalent, which failed all the same."""
        judged = [m for m, status in self.mutants if status not in (SURVIVED, "", "ungraded")]
        return [mutant for mutant in judged if mutant.change in self.equal]

    def ungraded(self) -> int:
        """How many programs could not be judged."""
        statuses = [status for status, _ in self.runs] + [status for _, status in self.mutants]
        wrong = [said for _, said in self.answers if said == ["ungraded"]]
        return statuses.count("ungraded") + len(wrong)

    def solution_passes(self) -> bool:
        """Whether the solution passed in every run."""
        return all(status == "passed" for status, _ in self.runs)

    def all_is_well(self) -> bool:
        """Whether the check gave every program the right verdict."""
        return (
            self.solution_passes()
            and self.stub == "todo"
            and not any(said for _, said in self.answers)
            and not self.survivors()
            and not self.wrongly_explained()
            and not self.stale
        )

    def as_json(self) -> dict[str, Any]:
        """The task's object in the JSON file."""
        return {
            "name": self.task.name,
            "solution": [{"status": status, "message": text} for status, text in self.runs],
            "stub": self.stub,
            "answers": [
                {"name": answer.name, "wrong": said}
                for answer, said in self.answers
                if said is not None
            ],
            "mutants": [
                {
                    "line": mutant.line,
                    "kind": mutant.kind,
                    "diff": mutant.diff(),
                    "status": status,
                    "equal": self.equal.get(mutant.change, ""),
                }
                for mutant, status in self.mutants
                if status
            ],
            "stale": [{"was": was, "becomes": becomes} for was, becomes in self.stale],
        }


class WeekAudit:
    """Plans which programs to judge for one week, and collects their results.

    Attributes:
      week: "week3".
      tasks: the audit of each task, by its name.
    """

    def __init__(self, course: Course, week: str, names: tuple[str, ...], count: int, seed: int):
        """Reads solution, answers and explanations, and judges the stub.

        Args:
          course: the course of the week.
          week: "week3".
          names: of the tasks; if empty, all.
          count: the most mutants of a task's solution.
          seed: determines the mutants and their inputs.

        Raises:
          AnswerError: if an answer cannot be read.
        """
        self.course, self.week, self.seed = course, week, seed
        self.names = names
        place = course.solutions / f"{week}.py"
        if not place.is_file():
            raise AnswerError(f"There is no {place}. The audit needs the solution.")
        self._solution = place.read_text(encoding="utf-8")
        rubric = read_rubric(course.checks / f"{week}.py")
        for folder in sorted((answers_folder(course, week, "")).glob("*/")):
            if folder.name not in {task.name for task in rubric}:
                raise AnswerError(f"{folder}: {week} has no task of this name.")
        self.tasks = {
            task.name: TaskAudit(task) for task in rubric if not names or task.name in names
        }
        program = self._program(self._solution)
        there = definitions(self._solution)
        for each in self.tasks.values():
            task = each.task
            if missing := [name for name in task.functions if name not in there]:
                raise AnswerError(f"{place} has no {missing[0]}, the answer to {task.name}.")
            each.stub = self._stub_status(task)
            each.answers = [(answer, None) for answer in read_answers(course, week, task.name)]
            if task.training:
                continue
            own = {name for name in program.reached_names(task.functions) if name.startswith("_")}
            made = all_mutants(self._solution, own.union(task.functions))
            drawn = choose(made, count, f"{seed}:{week}:{task.name}")
            each.mutants = [(mutant, "") for mutant in drawn]
            each.equal = read_equal(course, week, task.name)
            each.stale = sorted(each.equal.keys() - {mutant.change for mutant in made})

    def _program(self, source: str) -> Program:
        functions = task_functions(self.course, self.week)
        program = work_of({f"{self.week}.py": source.encode()}, self.week, functions).program
        if not isinstance(program, Program):
            raise program
        return program

    def _stub_status(self, task: Task) -> str:
        finding = settle(task, self._program(week_stub(self.course, self.week)), None)
        return finding.status if finding else "not a stub"

    def trials(self, runs: int, tier: str, compiled: str | None) -> Iterator[Trial]:
        """Yields the programs to judge, the solution first: if it fails, the rest says little.

        Args:
          runs: how often to judge the solution, each time with a fresh secret.
          tier: as in `Trial`.
          compiled: as in `Trial`.
        """
        chosen = tuple(self.tasks)

        def trial(
            source: str, tasks: tuple[str, ...], secrets: tuple[Secret, ...], about: Any
        ) -> Trial:
            shared = about is not None
            place = (self.course, self.week)
            return Trial(*place, source, tasks, secrets, shared, tier, compiled, about)

        for _ in range(runs):
            yield trial(self._solution, chosen, (Secret.fresh(),), None)
        twice = (Secret.from_seed(self.seed), Secret.from_seed(self.seed + 1))
        for name, each in self.tasks.items():
            for number, (answer, _) in enumerate(each.answers):
                source = without_mark(swapped(self._solution, each.task, answer.version))
                yield trial(source, (name,), (Secret.fresh(),), (name, "answer", number))
            for number, (mutant, _) in enumerate(each.mutants):
                yield trial(mutant.source, (name,), twice, (name, "mutant", number))

    def take(self, trial: Trial, result: dict[str, Any]) -> None:
        """Records a verdict.

        Args:
          trial: one of those from `trials`.
          result: the week's object of the JSON contract.
        """
        if trial.about is None:
            for found in result["tasks"]:
                said = " · ".join(found["message"].split("\n"))
                self.tasks[found["name"]].runs.append((found["status"], said))
            return
        name, kind, number = trial.about
        each, (found,) = self.tasks[name], result["tasks"]
        if kind == "mutant":
            status = SURVIVED if found["status"] == "passed" else found["status"]
            each.mutants[number] = (each.mutants[number][0], status)
        else:
            answer = each.answers[number][0]
            each.answers[number] = (answer, self._wrong_about(answer, each.task, found))

    def _wrong_about(self, answer: Answer, task: Task, found: dict[str, Any]) -> list[str]:
        """Lists what is wrong with the verdict on an answer."""
        if found["status"] == "ungraded":
            return ["ungraded"]
        if found["status"] != answer.status:
            first = found["message"].split("\n")[0]
            said = f"it is {found['status']}, but should be {answer.status}"
            return [f"{said}: {first}" if first else said]
        if answer.right:
            return []
        text = "\n".join(filter(None, (found["message"], found["hint"])))
        lines = answer.lines(swapped(self._solution, task, answer.version))
        said = complaints(text, answer.words, lines, f"{self.week}.py", answer.unwanted)
        if answer.points is not None and found["points"] != answer.points:
            said.append(f"it gets {found['points']:g} points, but should get {answer.points:g}")
        return said

    def judged(self, name: str) -> bool:
        """Whether all answers and mutants of a task are judged."""
        each = self.tasks[name]
        return all(said is not None for _, said in each.answers) and all(
            status for _, status in each.mutants
        )

    def as_json(self) -> dict[str, Any]:
        """The week's object in the JSON file."""
        tasks = [each.as_json() for each in self.tasks.values()]
        return {"week": self.week, "seed": self.seed, "tasks": tasks}
