"""The solutions pass with a fresh secret each time; untouched stubs are still to do.

To run them many times in a row: `python -m benchmarks.repeat --runs 10`.
"""

import json

import pytest

from grader.cli.main import main
from grader.course import COURSE
from grader.rubric import read_rubric

WEEKS = COURSE.weeks()


def run(tmp_path, *arguments: str) -> tuple[int, list[dict]]:
    found = tmp_path / "result.json"
    status = main([*arguments, "--json", str(found)])
    return status, json.loads(found.read_text())


@pytest.mark.parametrize("week", WEEKS)
def test_a_solution_passes_with_a_fresh_secret(week, tmp_path):
    status, (result,) = run(tmp_path, week, "--solutions")
    assert [task for task in result["tasks"] if task["status"] != "passed"] == []
    assert status == 0 and result["passed"] is True
    assert result["points"] == result["max_points"]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("week", WEEKS)
def test_tasks_that_do_not_train_pass_with_other_secrets(week, number, tmp_path):
    rubric = read_rubric(COURSE.checks / f"{week}.py")
    tasks = [part for task in rubric if not task.training for part in ("--task", task.name)]
    status, (result,) = run(tmp_path, week, "--solutions", *tasks)
    assert [task for task in result["tasks"] if task["status"] != "passed"] == []
    assert status == 0


def test_stubs_are_to_be_done(tmp_path):
    status, weeks = run(tmp_path, *WEEKS, "--submission", str(COURSE.exercises))
    assert status == 1
    for week in weeks:
        assert {task["status"] for task in week["tasks"]} == {"todo"}
        assert week["points"] == 0
