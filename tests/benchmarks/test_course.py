"""The comparison on images: what it trains, which saved results it uses, what it promises."""

import dataclasses
import json
import sys

import numpy as np
import pytest

import lib
from benchmarks import course, results
from benchmarks.arms import ARMS, read_history
from benchmarks.course import Comparison, Run
from benchmarks.picture_programs import AUGMENTATION, PICTURE_PROGRAMS
from benchmarks.processes import Place, RunnerFailed

HERE = Place(sys.executable, {"jax": "1"})

# The course's own networks; the programs spell them out so that Keras can build them too.
NETS = {
    "happy_or_sad": lib.happy_or_sad(),
    "sign_letters": lib.sign_letters(),
    "horse_or_human": lib.horse_or_human(),
    "flowers": lib.flowers_baseline(),
    "rock_paper_scissors": lib.rock_paper_scissors(),
    "cats_and_dogs": lib.cats_and_dogs(),
    "cats_and_dogs_augmented": lib.cats_and_dogs(dropout=0.5),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PICTURE_PROGRAMS)
def test_the_programs_are_the_courses_nets(name):
    program = PICTURE_PROGRAMS[name]
    model = lib.ConvClassifier(
        program.channels, program.hidden, program.outputs, dropout=program.dropout
    )
    assert model == NETS[name]
    kind = lib.data.dataset.SETS[program.data]
    assert (kind.channels == 3) == (program.colours == 3)
    assert (kind.edge == 28) != program.sized
    assert program.outputs in (len(kind.class_names), 1)


def test_augmentation_is_given_in_words_that_both_sides_know():
    known = {field.name for field in dataclasses.fields(lib.Augment)}
    assert {name.removesuffix("_range") for name in AUGMENTATION} <= known


def test_the_quickest_edges_come_first_and_every_seed_has_both_sides():
    runs = course.planned(list(PICTURE_PROGRAMS), list(ARMS), [150, 75], None)
    assert [run.edge for run in runs] == sorted(run.edge for run in runs)
    assert len(runs) == len(set(runs)) == 2 * (3 + 6 * 3 + 4 * 1 + 2 * 3)
    at_75 = [run for run in runs if run.edge == 75]
    assert [run.seed for run in at_75] == sorted(run.seed for run in at_75)
    assert {run.edge for run in runs if run.name == "sign_letters"} == {28}
    (only,) = course.planned(["flowers"], ["ours"], [150], 1)
    assert only == Run("flowers", "ours", 150, 0)


def test_augmentation_counts_as_code_of_those_that_augment():
    names = "cats_and_dogs", "flowers", "cats_and_dogs_augmented"
    plain, other, augmented = (Run(name, "ours", 75, 0).code() for name in names)
    assert plain == other != augmented


def options(*words):
    return course.parse(["--data", "embedded", "--only", "happy_or_sad", "--quick", *words])


def fake_training(monkeypatch, train=(0.5, 0.9)):
    calls = []

    def trained(run, place, data, epochs, threads, folder):
        with np.load(data) as arrays:
            assert arrays["images"].dtype == np.uint8
        calls.append(run)
        return {"history": {"accuracy": list(train)}, "seconds": 2.0}

    monkeypatch.setattr(course, "train", trained)
    return calls


def test_what_is_saved_is_not_trained_again(folder, monkeypatch):
    calls = fake_training(monkeypatch)
    places = dict.fromkeys(ARMS, HERE)
    first = list(course.measure(options(), places))
    assert len(calls) == 2
    again = list(course.measure(options(), places))
    assert len(calls) == 2
    assert first == again
    list(course.measure(options("--fresh"), places))
    assert len(calls) == 4


def test_other_code_and_other_pictures_are_trained_again(folder, monkeypatch):
    calls = fake_training(monkeypatch)
    places = {"ours": HERE}
    list(course.measure(options(), places))
    (file,) = folder.glob("course/*.json")
    for item in ("code", "digest", "edge", "program"):
        saved = json.loads(file.read_text())
        file.write_text(json.dumps(saved | {item: "other"}))
        before = len(calls)
        list(course.measure(options(), places))
        assert len(calls) == before + 1, item
    saved = json.loads(file.read_text())
    file.write_text(json.dumps(saved | {"code": "other"}))
    measured = dict(course.measure(options("--earlier-code", "--saved"), {}))
    assert len(measured) == 1 and len(calls) == 5
    assert "1 of the 1 training runs are from earlier code" in course.note(measured)
    assert list(course.measure(options("--saved"), {})) == []


def test_a_training_that_fails_is_told_and_the_rest_goes_on(folder, monkeypatch, capsys):
    def failing(run, *_):
        if run.arm == "ours":
            raise RunnerFailed("no answer")
        return {"history": {"accuracy": [1.0]}, "seconds": 1.0}

    monkeypatch.setattr(course, "train", failing)
    measured = dict(course.measure(options(), dict.fromkeys(ARMS, HERE)))
    assert [run.arm for run in measured] == ["keras_tensorflow"]
    assert "no answer" in capsys.readouterr().err


@pytest.mark.slow
def test_one_training_here_from_the_file_to_the_history(folder):
    data, about = course.PictureFiles("embedded", quick=True).of(
        PICTURE_PROGRAMS["happy_or_sad"], 75
    )
    assert about["train_size"] == 80 and not about["is_real"]
    run = Run("happy_or_sad", "ours", 75, 0)
    result = course.train(run, HERE, data, 2, 1, folder / "whole")
    assert len(result["history"]["accuracy"]) == 2 and "val_accuracy" not in result["history"]
    course.train(run, HERE, data, 1, 1, folder / "paused")
    resumed = course.train(run, HERE, data, 2, 1, folder / "paused")
    assert resumed["history"] == result["history"]
    with pytest.raises(RunnerFailed, match="no answer"):
        course.train(run, HERE, data.with_name("missing.npz"), 2, 1, folder / "none")


def test_an_epoch_that_was_begun_twice_counts_once(tmp_path):
    table = tmp_path / "history.csv"
    table.write_text(
        "epoch,accuracy,loss,val_loss\n0,0.5,2,NA\n1,0.6,1.5,NA\n1,0.7,1.25,NA\n2,0.8,1,NA\n"
    )
    assert read_history(table) == {"accuracy": [0.5, 0.7, 0.8], "loss": [2, 1.25, 1]}


def test_what_other_settings_left_is_not_gone_on_with(folder):
    run = Run("flowers", "ours", 75, 0)
    first, second = (course.unfinished_folder(run, {"digest": text}) for text in "ab")
    assert first != second
    assert first == course.unfinished_folder(run, {"digest": "a"})


def results_of(*best, last=None, train=1.0):
    return [
        {
            "history": {
                "accuracy": [0.5, train],
                "val_accuracy": [value, value if last is None else last],
            }
        }
        for value in best
    ]


def compare(ours, theirs, name="cats_and_dogs", edge=75):
    return Comparison(name, edge, dict(zip(ARMS, (ours, theirs), strict=True)))


def test_ours_may_be_below_by_two_points_or_two_standard_errors():
    assert compare(results_of(0.70), results_of(0.719)).broken() == []
    assert compare(results_of(0.70), results_of(0.75)).broken() == [
        "cats and dogs, 75²: the last epoch's validation accuracy is 5.0 points below Keras's; at "
        "most 2.0 are allowed.",
        "cats and dogs, 75²: the best epoch's validation accuracy is 5.0 points below Keras's; at "
        "most 2.0 are allowed.",
    ]
    # Standard deviations of 0.05 on both sides: 2·√(0.05²/3 + 0.05²/3) = 0.082.
    ours, theirs = results_of(0.65, 0.70, 0.75), results_of(0.73, 0.78, 0.83)
    difference, allowance = compare(ours, theirs).difference(1)
    assert (difference, allowance) == (pytest.approx(-0.08), pytest.approx(0.0816, abs=1e-4))
    assert compare(ours, theirs).broken() == []
    assert len(compare(ours, results_of(0.74, 0.79, 0.84)).broken()) == 2


def test_one_seed_has_the_variance_of_smaller_pictures():
    smaller = compare(results_of(0.65, 0.70, 0.75), results_of(0.73, 0.78, 0.83))
    alone = compare(results_of(0.60), results_of(0.70), edge=150)
    assert alone.difference(1) == (pytest.approx(-0.1), 0.02)
    beside = dataclasses.replace(alone, smaller=smaller)
    # Standard deviations of 0.05 and one seed: 2·√(0.05² + 0.05²) = 0.141.
    assert beside.difference(1) == (pytest.approx(-0.1), pytest.approx(0.1414, abs=1e-4))
    measured = {
        Run("flowers", arm, edge, 0): result
        for arm in ARMS
        for edge, result in zip((150, 75), results_of(0.6, 0.7), strict=True)
    }
    small, large = course.comparisons(measured)
    assert (small.edge, small.smaller, large.smaller) == (75, None, small)


def test_the_last_epoch_counts_as_well_as_the_best():
    (sentence,) = compare(results_of(0.70, last=0.6), results_of(0.70)).broken()
    assert "last epoch" in sentence


def test_a_side_alone_or_a_set_without_validation_is_not_judged():
    assert compare([], results_of(0.7)).broken() == []
    bare = [{"history": {"accuracy": [1.0]}}]
    assert compare(bare, bare, "happy_or_sad").difference(0) is None
    assert compare(bare, bare, "happy_or_sad").row()[-1] == "–"


def test_the_courses_own_promises():
    plain = compare(results_of(0.70), results_of(0.70))
    better = compare(results_of(0.75), results_of(0.75), "cats_and_dogs_augmented")
    assert course.broken_promises([plain, better]) == []
    hardly = compare(results_of(0.73), results_of(0.73), "cats_and_dogs_augmented")
    (sentence,) = course.broken_promises([plain, hardly])
    assert "3.0 points above" in sentence
    (sentence,) = course.broken_promises([compare(results_of(0.70, train=0.8), [])])
    assert "does not overfit" in sentence
    short = [{"history": {"accuracy": [0.99]}}]
    (sentence,) = course.broken_promises([compare(short, [], "happy_or_sad")])
    assert "0.999" in sentence


def test_a_row_has_last_and_best_with_their_spread():
    row = compare(results_of(0.70, 0.72, last=0.6), results_of(0.70, 0.70)).row()
    assert row[:2] == ["cats and dogs, 75²", "2"]
    assert row[4:] == ["0.600 ± 0.000", "0.700 ± 0.000", "0.710 ± 0.014", "0.700 ± 0.000"] + [
        "-10.0, +1.0"
    ]
    assert len(row) == len(course.HEADER)


def test_quick_figures_are_not_written(capsys):
    with pytest.raises(SystemExit):
        course.main(["--data", "embedded", "--quick", "--write"])
    assert "--quick" in capsys.readouterr().err
