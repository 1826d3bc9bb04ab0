"""The rule that keeps graded targets away from right and from trivial answers."""

import dataclasses

import jax
import pytest

import lib
from benchmarks import results, targets
from benchmarks.targets import Distance
from grader.targets import read_targets
from lib.data.dataset import SETS

TARGETS = read_targets()
TARGET = dataclasses.replace(TARGETS[0], accuracy=0.9)


def distance(solution, accuracy=0.9, **trivial):
    answers = {"untrained": [0.1, 0.11, 0.09], "largest class": [0.1, 0.1, 0.1]} | trivial
    runs = [
        {"solution": value, **{name: values[i] for name, values in answers.items()}}
        for i, value in enumerate(solution)
    ]
    return Distance(dataclasses.replace(TARGET, accuracy=accuracy), runs)


def test_a_target_well_between_is_right():
    assert distance([0.95, 0.951, 0.949]).broken() == []


@pytest.mark.parametrize(
    ("solution", "what"),
    [
        ([0.915, 0.9151, 0.9149], "0.015 and 150.0 deviations below"),  # many deviations, too near
        ([0.95, 0.97, 0.93], "0.050 and 2.5 deviations below"),  # far, but it varies
    ],
)
def test_a_target_close_to_the_solution_is_not(solution, what):
    (sentence,) = distance(solution).broken()
    assert what in sentence


def test_a_target_close_to_a_trivial_answer_is_not():
    (sentence,) = distance([0.95, 0.951, 0.949], untrained=[0.8, 0.85, 0.9]).broken()
    assert "above untrained" in sentence


def test_a_dense_net_may_neither_reach_the_target_nor_beat_the_solution():
    dense = {"dense 128": [0.9, 0.8, 0.952]}
    reached, beaten = distance([0.95, 0.951, 0.949], **dense).broken()
    assert "reached 0.9520" in reached
    assert "as good as the solution" in beaten


def gaps(solution_gap, rival_gap, most=0.12):
    runs = distance([0.95, 0.951, 0.949], **{"week 5's net": [0.91, 0.8, 0.82]}).runs
    runs = [
        run | {"gap of solution": solution_gap + 0.001 * i, "gap of week 5's net": rival_gap}
        for i, run in enumerate(runs)
    ]
    return Distance(dataclasses.replace(TARGET, gap=most), runs)


def test_a_net_that_reaches_the_accuracy_may_fail_by_its_gap():
    assert gaps(0.08, 0.13).broken() == []
    (passed,) = gaps(0.08, 0.11).broken()
    assert "week 5's net passed on 1 of 3 seeds" in passed
    (passed,) = gaps(0.08, 0.13, most=None).broken()
    assert "reached 0.9100" in passed


def test_a_gap_close_to_the_solution_s_is_not_right():
    (sentence,) = gaps(0.11, 0.13).broken()
    assert "the largest gap, 0.12, is 0.009 and 9.0 deviations above" in sentence


def test_the_row_tells_the_gaps_and_takes_them_for_no_answers():
    row = gaps(0.08, 0.13).row()
    assert "0.9, gap 0.12" in row
    assert row[4].endswith("gap 0.081 ± 0.001")
    assert "gap 0.130 ± 0.000" in row[-1] and row[-1].count("week 5's net") == 1


def test_a_solution_that_does_not_stop_is_told():
    runs = [run | {"epochs": 10, "train": 0.98} for run in distance([0.95, 0.951, 0.949]).runs]
    (sentence,) = Distance(TARGET, runs).broken()
    assert "0.99" in sentence


def test_the_row_names_sizes_and_distances():
    row = distance([0.95, 0.951, 0.949]).row()
    assert f"{TARGET.train:,} / {TARGET.test:,}" in row
    assert "0.050, 50.0 sd" in row
    assert len(row) == len(targets.HEADER)


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: f"{t.task}-{t.images}")
def test_every_graded_training_can_be_measured(target):
    assert target.task in targets.TRAININGS


def test_every_task_has_a_fingerprint_of_its_own():
    chosen = {target.task: target for target in TARGETS}
    assert len({targets._code(target) for target in chosen.values()}) == len(targets.TRAININGS)


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: f"{t.task}-{t.images}")
def test_no_target_can_be_reached_by_guessing(target):
    chance = 1 / len(SETS[target.data].class_names)
    assert target.accuracy >= chance + 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", {(t.task, t.edge): t for t in TARGETS}.values(), ids=lambda t: f"{t.task}-{t.edge}"
)
def test_every_graded_net_can_be_judged_untrained(target):
    pictures = lib.draw(target.data, 4, 0, target.edge)
    key = jax.random.key(0)
    model, params = targets.untrained_net(target, pictures.images, key)
    assert 0 <= targets.reached(model, params, pictures) <= 1


@pytest.mark.slow
def test_one_graded_run_is_measured_with_the_solution():
    small = dataclasses.replace(
        next(t for t in TARGETS if t.task == "train_mnist" and t.images == "embedded"),
        train=600,
        test=200,
    )
    answers = targets.measure(small, "embedded", seed=0)
    assert answers["solution"] > answers["untrained"] + 0.2
    assert answers["largest class"] < 0.3
    assert answers == targets.measure(small, "embedded", seed=0)


def test_what_earlier_code_gave_is_taken_if_asked_for_and_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    asked = []

    def measure(target, source, seed):
        asked.append(seed)
        gap = {"gap of solution": 0.05 + 0.001 * seed}
        return gap | {"solution": 0.95 + 0.001 * seed, "untrained": 0.5, "largest class": 0.5}

    monkeypatch.setattr(targets, "measure", measure)
    arguments = ["--seeds", "2", "--tasks", "train_augmented"]
    assert targets.main(arguments) == 0 and asked == [0, 1]
    assert targets.main(arguments) == 0 and asked == [0, 1], "the same code is not asked twice"
    assert "earlier code" not in capsys.readouterr().out
    monkeypatch.setattr(targets, "_code", lambda target: "changed")
    assert targets.main([*arguments, "--earlier-code"]) == 0 and asked == [0, 1]
    assert "2 of the 2 runs were made before that, by earlier code" in capsys.readouterr().out
    assert targets.main(arguments) == 0 and asked == [0, 1, 0, 1]
    assert "earlier code" not in capsys.readouterr().out
