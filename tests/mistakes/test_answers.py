"""Wrong answers get a message that teaches; right ones in another form pass. One file each.

`grader/audit/answers.py` describes the format of a file. The grader judges `form_NAME.py` by its
text alone: a misspelt name, a stub, the library's own answer. These are quick, as are the first
other wrong answer to each task and the first right one of each week. The rest are slow:
`python -m pytest -m slow`. `test_trainings.py` has the answers to tasks that train.
"""

import pytest

from grader.audit.answers import Answer, read_answers, without_mark
from grader.audit.week import WeekAudit
from grader.course import COURSE
from grader.rubric import Task, read_rubric

TASKS: dict[tuple[str, str], Task] = {
    (week, task.name): task
    for week in COURSE.weeks()
    for task in read_rubric(COURSE.checks / f"{week}.py")
}
ANSWERS = [answer for place in TASKS for answer in read_answers(COURSE, *place)]


def chosen(right: bool, training: bool = False) -> list:
    """Returns the right or the wrong answers, task by task, with the slow ones marked."""
    seen, parameters = set(), []
    for answer in ANSWERS:
        place = (answer.week, answer.task)
        if answer.right != right or TASKS[place].training != training:
            continue
        quick = answer.name.startswith("form_")
        if not quick and not training:
            group = answer.week if right else place
            quick = group not in seen
            seen.add(group)
        marks = [] if quick else [pytest.mark.slow]
        parameters.append(pytest.param(answer, id="/".join((*place, answer.name)), marks=marks))
    return parameters


def judge_wrong(answer: Answer, grade, swap, teaches) -> None:
    """Asserts that a wrong answer gets its message, and points only for what is right in it."""
    source = swap(answer.week, answer.task, answer.version)
    lines = answer.lines(source)
    report = grade(without_mark(source), answer.week, answer.task)
    assert list(report.tasks) == [answer.task]
    found = report.tasks[answer.task]
    teaches(report, answer.task, answer.words, lines, f"{answer.week}.py", answer.unwanted)
    assert found["status"] == answer.status
    assert found["points"] == answer.points or answer.points is None
    assert found["points"] < found["max_points"]


def judge_right(answer: Answer, grade, swap) -> None:
    """Asserts that a right answer passes."""
    report = grade(swap(answer.week, answer.task, answer.version), answer.week, answer.task)
    assert list(report.tasks) == [answer.task]
    assert report.tasks[answer.task]["status"] == "passed", report.tasks[answer.task]
    assert report.status == 0


@pytest.mark.parametrize("answer", chosen(right=False))
def test_wrong_answer_gets_a_message_that_teaches(answer, grade, swap, teaches):
    judge_wrong(answer, grade, swap, teaches)


@pytest.mark.parametrize("answer", chosen(right=True))
def test_right_answer_in_another_form_passes(answer, grade, swap):
    judge_right(answer, grade, swap)


@pytest.mark.parametrize(("week", "task"), TASKS)
def test_every_task_has_at_least_three_wrong_answers(week, task):
    place = (week, task)
    wrong = {a.version for a in ANSWERS if (a.week, a.task) == place and not a.right}
    assert len(wrong) >= 3


@pytest.mark.parametrize("week", ["week4", "week5"])
def test_every_task_has_a_right_answer_in_another_form(week):
    tasks = {task for answered, task in TASKS if answered == week}
    assert tasks == {a.task for a in ANSWERS if a.week == week and a.right}


@pytest.mark.parametrize("week", COURSE.weeks())
def test_every_reason_in_equal_toml_explains_a_mutant_of_the_solution(week):
    audit = WeekAudit(COURSE, week, names=(), count=15, seed=0)
    assert {name: each.stale for name, each in audit.tasks.items() if each.stale} == {}
