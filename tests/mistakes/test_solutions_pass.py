"""The solutions pass with a secret of their own each time; untouched stubs are to be done.

Many runs in a row are a command outside the tests: `python -m benchmarks.repeat --runs 10`.
"""

import json
import shutil

import pytest

from grader.cli.main import main
from grader.course import COURSE

WEEKS = ("week1", "week2", "week3")


def run(tmp_path, *arguments: str) -> tuple[int, list[dict]]:
    found = tmp_path / "result.json"
    status = main([*arguments, "--json", str(found)])
    return status, json.loads(found.read_text())


def test_solutions_pass_with_a_fresh_secret(tmp_path):
    status, weeks = run(tmp_path, *WEEKS, "--solutions")
    wrong = [task for week in weeks for task in week["tasks"] if task["status"] != "passed"]
    assert not wrong
    assert status == 0
    assert [week["week"] for week in weeks] == list(WEEKS)
    for week in weeks:
        assert week["passed"] is True
        assert week["points"] == week["max_points"]


@pytest.mark.parametrize("number", range(3))
def test_quick_tasks_pass_with_other_secrets(number, tmp_path):
    """All but the trainings, which take most of the time, with secrets of their own."""
    from grader.rubric import read_rubric

    for week in WEEKS:
        rubric = read_rubric(COURSE.checks / f"{week}.py")
        tasks = [part for task in rubric if not task.training for part in ("--task", task.name)]
        status, (result,) = run(tmp_path, week, "--solutions", *tasks)
        assert [task for task in result["tasks"] if task["status"] != "passed"] == []
        assert status == 0


def test_stubs_are_to_be_done(tmp_path):
    folder = tmp_path / "exercises"
    folder.mkdir()
    for week in WEEKS:
        shutil.copy(COURSE.exercises / f"{week}.py", folder)
    status, weeks = run(tmp_path, *WEEKS, "--submission", str(folder))
    assert status == 1
    for week in weeks:
        assert {task["status"] for task in week["tasks"]} == {"todo"}
        assert week["points"] == 0
        assert week["passed"] is False
        assert week["seconds"] < 5
