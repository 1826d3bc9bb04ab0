"""What starts ahead of time: the next week's worker, and the images of a training."""

import importlib
from types import SimpleNamespace

import pytest

from grader.course import COURSE
from grader.judge.images import Request
from grader.results.model import WeekResult
from grader.session import week
from grader.session.options import Options, Reporter
from grader.session.week import WeekGrading
from grader.session.workers import Workers
from grader.source.reading import read_work
from grader.targets import read_targets
from grader.worker.supervisor import Worker

EMBEDDED = [
    each for each in read_targets() if each.images == "embedded" and each.task != "flowers_baseline"
]


@pytest.fixture
def workers(monkeypatch):
    """Returns every worker that was started."""
    started = []

    def start(*arguments):
        started.append(Worker(*arguments))
        return started[-1]

    monkeypatch.setattr(week, "Worker", start)
    return started


def ended(workers):
    return [worker.process.poll() is not None for worker in workers]


def test_the_next_weeks_worker_is_started_along_with_this_ones(tiny, tier, good, tmp_path, workers):
    (tmp_path / "week91.py").write_text(good)
    (tmp_path / "week92.py").write_text("def indexed():\n    return 1, 2\n")
    weeks = week.grade(["week91", "week92"], tmp_path, Options(course=tiny, tier=tier))
    assert next(weeks).passed
    assert ended(workers) == [True, False], "the second week's waits"
    assert {task.name: task.status for task in next(weeks).tasks}["indexed"] == "passed"
    assert list(weeks) == []
    assert ended(workers) == [True, True], "and the last week has started none in vain"


def test_who_grades_no_further_leaves_no_worker_behind(tiny, tier, good, tmp_path, workers):
    (tmp_path / "week91.py").write_text(good)
    weeks = week.grade(["week91", "week92"], tmp_path, Options(course=tiny, tier=tier))
    next(weeks)
    weeks.close()
    assert ended(workers) == [True, True]


def grading(name, place, options):
    work, result = read_work(place, name), WeekResult(name, "", True, "", "", "", "")
    return WeekGrading(work, options, result, Reporter(), Workers(options), {})


@pytest.fixture
def begun(monkeypatch):
    """Returns the images that are being made."""
    requests = []
    monkeypatch.setattr(week, "run_data", lambda source, secret, request: requests.append(request))
    return requests


@pytest.mark.parametrize("goal", EMBEDDED, ids=lambda goal: goal.task)
def test_images_of_a_training_are_those_that_its_check_asks_for(goal, begun):
    def data(*request):
        raise LookupError(request)

    check = vars(importlib.import_module(f"grader.checks.{goal.week}"))[f"check_{goal.task}"]
    with pytest.raises(LookupError) as asked:
        check(None, SimpleNamespace(numpy=str), SimpleNamespace(source="embedded", data=data))
    begins = grading(goal.week, COURSE.solutions, Options())
    begins.draw_ahead()
    begins.draw_ahead()
    assert begun == [Request(*asked.value.args[0])]


def test_no_images_for_a_training_that_is_not_judged(begun):
    grading("week2", COURSE.exercises, Options()).draw_ahead()
    grading("week2", COURSE.solutions, Options(tasks=("one_hot",))).draw_ahead()
    assert begun == []
