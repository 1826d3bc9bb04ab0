"""The rule that keeps graded targets away from correct and from trivial answers."""

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
        (
            [0.915, 0.9151, 0.9149],  # many standard deviations, but too near
            "0.015 and 150.0 standard deviations below",
        ),
        ([0.95, 0.97, 0.93], "0.050 and 2.5 standard deviations below"),  # far, but it varies
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


def test_a_target_is_proposed_as_high_as_it_keeps_its_distance():
    dense = {"dense 128": [0.8, 0.903, 0.7]}
    proposed = distance([0.95, 0.951, 0.949], **dense).proposal()
    assert "use 0.93. A target above 0.903 and up to 0.930" in proposed
    assert proposed.endswith("It is 0.9 now.")
    varied = distance([0.95, 0.97, 0.93]).proposal()
    assert "use 0.85. A target above 0.150 and up to 0.850" in varied
    scratch = {"scratch": [0.94, 0.94, 0.94]}  # the solution beats it, but it reaches the target
    assert "use 0.93. A target above 0.150" in distance([0.95, 0.951, 0.949], **scratch).proposal()


def test_where_no_target_keeps_its_distance_none_is_proposed():
    proposed = distance([0.95, 0.951, 0.949], **{"dense 128": [0.8, 0.94, 0.7]}).proposal()
    assert "no target keeps its distance. The solution allows 0.930 at most" in proposed
    assert "more than 0.940" in proposed


def test_a_gap_is_proposed_that_stops_rivals():
    proposed = gaps(0.08, 0.13).proposal()
    assert "use 0.93. A target above 0.150" in proposed
    assert "with a gap of 0.11 or more" in proposed and proposed.endswith("the gap 0.12.")
    assert "above 0.910" in gaps(0.08, 0.1).proposal()


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
    assert "the largest gap, 0.12, is 0.009 and 9.0 standard deviations above" in sentence


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
    assert targets.training_of(target).model


def test_every_task_has_a_fingerprint_of_its_own():
    chosen = {target.task: target for target in TARGETS}
    assert len({targets._code(target) for target in chosen.values()}) == len(chosen)


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
    assert targets.main(arguments) == 0 and asked == [0, 1], "the same code is measured only once"
    assert "earlier code" not in capsys.readouterr().out
    monkeypatch.setattr(targets, "_code", lambda target: "changed")
    assert targets.main([*arguments, "--earlier-code"]) == 0 and asked == [0, 1]
    said = capsys.readouterr()
    assert "2 of the 2 runs are older, from earlier code" in said.out
    assert said.err.count("saved by other code, used as asked") == 2
    assert targets.main(arguments) == 0 and asked == [0, 1, 0, 1]
    said = capsys.readouterr()
    assert "earlier code" not in said.out
    assert said.err.count("saved by other code, measured again") == 2


SOLUTION = """
import jax
import lib
import optax


def train_tiny(images, labels, key):
    state = lib.create_state(lib.mnist_dense(), optax.adam(0.001), images[:1], key)
    return lib.fit(state, images, labels, epochs=2, key=key, verbose=0)[0].params
"""
CHECK = """
from grader.rubric import task


@task(points=1, functions=("train_tiny",), training=True)
def check_train_tiny(student, secret, judge):
    \"\"\"Train.\"\"\"
    model = lib.mnist_dense()
    judge_training(student, secret, judge, "train_tiny", model, "More epochs?")
"""
OWN = """
from grader.targets import Target

TARGETS = (
    Target("week91", "train_tiny", "mnist", "embedded", 200, 100, 2, 0.5),
    Target("week91", "other", "mnist", "embedded", 200, 100, 2, 0.5),
)
"""


def test_the_training_of_a_new_week_is_found_and_a_target_is_proposed(
    tmp_path, monkeypatch, capsys
):
    for place, text in (
        ("solutions", SOLUTION),
        ("grader/checks", CHECK),
        ("benchmarks/trainings", OWN),
    ):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "week91.py").write_text(text)
    monkeypatch.setattr(targets, "ROOT", tmp_path)
    monkeypatch.setattr(targets, "_code", lambda target: "this")
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    targets.solution.cache_clear()
    targets.main(["--tasks", "train_tiny", "--seeds", "2"])
    said = capsys.readouterr().out
    assert "week91 train_tiny, embedded" in said and "untrained" in said
    assert "train_tiny (embedded): " in said and "It is 0.5 now." in said
    with pytest.raises(SystemExit):
        targets.main(["--tasks", "other"])
    assert "other: its check has no judge_training" in capsys.readouterr().err
