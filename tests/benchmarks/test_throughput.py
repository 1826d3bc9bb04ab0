"""Both arms of the throughput benchmark judge the same tasks."""

import json

import numpy as np

from benchmarks import otter_arm, throughput
from grader.course import COURSE
from grader.rubric import read_rubric
from solutions import week1


def test_otter_gets_every_task_with_calls_that_the_solution_passes():
    calls = otter_arm._calls(np.random.default_rng(1))
    rubric = read_rubric(COURSE.checks / "week1.py")
    assert {name for task in rubric for name in task.functions} == set(calls)
    for name in ("set_last", "gradient_step", "judge_learning_rate"):
        for arguments in calls[name]:
            found = otter_arm._answers(getattr(week1, name), arguments)
            assert json.loads(json.dumps(found)) == found
    kinds = {
        otter_arm._answers(week1.judge_learning_rate, c)[0] for c in calls["judge_learning_rate"]
    }
    assert kinds == {"too small", "good", "diverges"}


def test_the_files_are_different_and_their_points_known(tmp_path):
    files = throughput.write_class(tmp_path / "some", 8, right=False)
    assert len({file.read_text() for file in files}) == 8
    assert list(files.values()).count(17.0) >= 2 and min(files.values()) < 17
    assert set(throughput.write_class(tmp_path / "right", 3, right=True).values()) == {17.0}
