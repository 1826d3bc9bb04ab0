"""Wrong answers get a message that teaches, right ones in another form pass: one file each.

`weekN/TASK/NAME.py` begins with a header, a line for each entry:

    # task: convolve2d
    # status: failed
    # words: "flipped", "first place"
    # not: "more epochs"
    # points: 0.5

The words are what message and hint must say, in any case of letters, and those of `not` what they
must not say; the points are those of parts that hold all the same, left out where the inputs drawn
may decide. Then comes the wrong version of one of the task's functions or classes, with what
belongs to it. It takes the place of the solution's, and the task is graded. `# <-` marks the line
that the message must name; without a mark it must name one of the version, or of another function
that the header `names`.

`right_NAME.py` is right in another form than the solution. `form_NAME.py` is judged by its text
alone: a misspelt name, a stub, the library's own answer. Quick are those, the first other wrong
answer to each task, and each week's first right one, but none of a task that trains; the others are
slow: `python -m pytest -m slow`.
"""

import ast
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.course import COURSE
from grader.rubric import Task, read_rubric

FOLDER = Path(__file__).parent
MARK = "# <-"


@dataclasses.dataclass(frozen=True)
class Answer:
    """One file: where it stands, its header, and the text below."""

    week: str
    task: str
    name: str
    status: str
    words: tuple[str, ...]
    unwanted: tuple[str, ...]
    points: float | None
    names: str
    version: str

    @classmethod
    def read(cls, path: Path) -> "Answer":
        """Reads a file of this folder."""
        header, _, version = path.read_text(encoding="utf-8").partition("\n\n")
        entries = dict(line.removeprefix("# ").split(": ", 1) for line in header.split("\n"))
        week, task, _ = path.relative_to(FOLDER).parts
        answer = cls(
            week=week,
            task=entries.pop("task"),
            name=path.stem,
            status=entries.pop("status"),
            words=tuple(ast.literal_eval(f"[{entries.pop('words', '')}]")),
            unwanted=tuple(ast.literal_eval(f"[{entries.pop('not', '')}]")),
            points=float(entries.pop("points")) if "points" in entries else None,
            names=entries.pop("names", ""),
            version=version.strip("\n"),
        )
        assert not entries, f"{path}: {entries}"
        assert answer.task == task, path
        assert answer.right == (answer.status == "passed"), path
        return answer

    @property
    def right(self) -> bool:
        """Whether the answer has to pass."""
        return self.name.startswith("right_")

    def lines(self, source: str) -> Sequence[int]:
        """The lines of a source with this version in it, one of which the message must name."""
        marked = [n for n, line in enumerate(source.split("\n"), 1) if line.endswith(MARK)]
        assert len(marked) <= 1
        if marked:
            return marked
        for node in ast.parse(source).body:
            if getattr(node, "name", None) == self.names:
                return range(node.lineno, (node.end_lineno or node.lineno) + 1)
        first = source[: source.index(self.version)].count("\n") + 1
        return range(first, first + self.version.count("\n") + 1)


ANSWERS = [Answer.read(path) for path in sorted(FOLDER.glob("*/*/*.py"))]
TASKS: dict[tuple[str, str], Task] = {
    (week, task.name): task
    for week in COURSE.weeks()
    for task in read_rubric(COURSE.checks / f"{week}.py")
}


def chosen(right: bool) -> list:
    """The right answers or the wrong ones, task by task, the slow ones marked."""
    seen, parameters = set(), []
    for answer in ANSWERS:
        if answer.right != right:
            continue
        place = (answer.week, answer.task)
        quick = answer.name.startswith("form_")
        if not quick and not TASKS[place].training:
            group = answer.week if right else place
            quick = group not in seen
            seen.add(group)
        marks = [] if quick else [pytest.mark.slow]
        parameters.append(pytest.param(answer, id="/".join((*place, answer.name)), marks=marks))
    return parameters


@pytest.mark.parametrize("answer", chosen(right=False))
def test_wrong_answer_gets_a_message_that_teaches(answer, grade, swap, teaches):
    source = swap(answer.week, answer.task, answer.version)
    lines = [] if answer.status == "todo" else answer.lines(source)
    source = re.sub(rf" *{MARK}$", "", source, flags=re.M)
    report = grade(source, answer.week, answer.task)
    assert list(report.tasks) == [answer.task]
    found = report.tasks[answer.task]
    teaches(report, answer.task, answer.words, lines, f"{answer.week}.py", answer.unwanted)
    assert found["status"] == answer.status
    assert found["points"] == answer.points or answer.points is None
    assert found["points"] < found["max_points"]


@pytest.mark.parametrize("answer", chosen(right=True))
def test_right_answer_in_another_form_passes(answer, grade, swap):
    report = grade(swap(answer.week, answer.task, answer.version), answer.week, answer.task)
    assert list(report.tasks) == [answer.task]
    assert report.tasks[answer.task]["status"] == "passed", report.tasks[answer.task]
    assert report.status == 0


@pytest.mark.parametrize(("week", "task"), TASKS)
def test_every_task_has_at_least_three_wrong_answers(week, task):
    place = (week, task)
    wrong = {a.version for a in ANSWERS if (a.week, a.task) == place and not a.right}
    assert len(wrong) >= 3


@pytest.mark.parametrize("week", ["week4", "week5"])
def test_every_task_has_a_right_answer_in_another_form(week):
    tasks = {task for answered, task in TASKS if answered == week}
    assert tasks == {a.task for a in ANSWERS if a.week == week and a.right}
