"""A class with every kind of submission gets the right marks, even after kills."""

import random

import pytest

from benchmarks import classroom
from benchmarks.submissions import HOSTILE, make_class, partly, passing
from grader.worker import tiers

KINDS = 20  # one of each round of `submissions`


@pytest.mark.slow
def test_a_mixed_class_killed_at_five_random_moments(tmp_path):
    tier = tiers.choose("auto")
    if tier == "process":
        pytest.skip("one submission ends every process of its user: install bubblewrap to run this")
    folder = tmp_path / "in"
    expected = make_class(folder, KINDS, ["week1"])
    more = ["--weeks", "week1", "--isolation", tier]
    killed = classroom.graded_in_pieces(folder, tmp_path / "pieces", 5, more)
    assert killed >= 1
    classroom.compare(tmp_path / "pieces", expected)
    # Everything in the gradebook is judged; grading once more changes no byte.
    table = (tmp_path / "pieces/grades.csv").read_bytes()
    classroom.grade(folder, tmp_path / "pieces", more)
    assert (tmp_path / "pieces/grades.csv").read_bytes() == table


def test_a_wrong_mark_or_row_is_noticed(tmp_path):
    table = tmp_path / "grades.csv"
    table.write_text("student,week1,total\nada,3,3\n")
    classroom.compare(tmp_path, {"ada": [3.0]})
    for expected in ({"ada": [2.0]}, {"ada": [3.0], "bob": [0.0]}, {}):
        with pytest.raises(classroom.Wrong, match="1 of"):
            classroom.compare(tmp_path, expected)
    table.write_text("student,week1,total\nada,3,4\n")
    with pytest.raises(classroom.Wrong, match="total of ada"):
        classroom.points(tmp_path)
    table.write_text("student,week1,total\nada,,0\n")
    with pytest.raises(classroom.Wrong):
        classroom.compare(tmp_path, {"ada": [0.0]})


def test_points_follow_from_what_is_broken():
    all_tasks = {task.name for task in passing("week1", [])}
    without = {task.name for task in passing("week1", ["train_line"])}
    assert all_tasks - without == {"train_line", "house_price", "judge_learning_rate"}
    assert passing("week1", ["mean_squared_error"])[-1].name == "two_draws"
    texts = {partly("week2", random.Random(seed))[0] for seed in range(5)}
    assert len(texts) == 5


def test_a_large_class_has_every_attack(tmp_path):
    names = make_class(tmp_path, 60, ["week1"])
    assert {name[4:] for name in names} >= set(HOSTILE)
