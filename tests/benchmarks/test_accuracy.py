"""The accuracy benchmark: one training as in the course, the table, and the promises."""

import dataclasses
import json

import pytest

import lib
from benchmarks import accuracy, accuracy_training, measurements, results
from benchmarks.programs import PROGRAMS


def test_one_training_stops_as_the_course_does():
    data = lib.load("mnist", "embedded", train_size=300, test_size=200)
    run = accuracy.train_once("mnist_dense", data, seed=1)
    assert run["train_size"] == 300 and run["test_size"] == 200
    assert not run["is_real"] and "stand-in" in run["data"]
    assert 1 <= run["epochs"] <= 10
    assert all(value <= 0.99 for value in run["train_by_epoch"][:-1])
    assert 0.2 < run["test"] < 1


def runs(train, test):
    return [
        {"seed": seed, "epochs": 4, "train": a, "test": b, "seconds_per_epoch": 1.0}
        for seed, (a, b) in enumerate(zip(train, test, strict=True))
    ]


def test_a_promise_holds_on_average_and_the_stop_on_every_seed():
    good = {"mnist_dense": runs([0.991, 0.992], [0.974, 0.978])}
    assert accuracy.broken_promises(good) == []
    bad = {"mnist_dense": runs([0.991, 0.989], [0.974, 0.974])}
    assert len(accuracy.broken_promises(bad)) == 2
    low = {"fashion_cnn": runs([0.93, 0.93], [0.899, 0.9])}
    assert accuracy.broken_promises(low) == [
        "Fashion CNN 64/64: the mean test accuracy is 0.8995, below 0.9."
    ]


def test_stock_layers_must_end_at_the_same_accuracy():
    ours = runs([0.93, 0.93], [0.905, 0.907])
    near = {"fashion_cnn": ours, accuracy.STOCK: runs([0.93, 0.93], [0.906, 0.908])}
    assert accuracy.broken_promises(near) == []
    far = {"fashion_cnn": ours, accuracy.STOCK: runs([0.93, 0.93], [0.912, 0.914])}
    (sentence,) = accuracy.broken_promises(far)
    assert "differ by -0.0070" in sentence and "0.0014" in sentence


@pytest.mark.slow
def test_stock_layers_are_trained_step_by_step(monkeypatch):
    short = dataclasses.replace(PROGRAMS["fashion_cnn"], epochs=2)
    monkeypatch.setattr(accuracy_training, "PROGRAMS", {"fashion_cnn": short})
    data = lib.load("fashion_mnist", "embedded", train_size=320, test_size=200)
    run = accuracy.train_once(accuracy.STOCK, data, seed=1)
    assert run["epochs"] == 2 and run["train_size"] == 320
    assert run["train_by_epoch"][1] > run["train_by_epoch"][0] > 0
    assert 0.15 < run["test"] < 1


@pytest.fixture
def trained(tmp_path, monkeypatch):
    calls = []

    def train_once(name, data, seed):
        calls.append((name, seed))
        return {"epochs": 1, "train": 0.9, "test": 0.8, "seconds_per_epoch": 1.0, "is_real": False}

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(accuracy, "train_once", train_once)
    return calls


QUICK = ["--data", "embedded", "--quick", "--programs", "fashion_dense", "fashion_cnn"]


def test_only_the_same_training_is_taken_from_earlier(trained, tmp_path, capsys):
    assert accuracy.main([*QUICK, "--seeds", "1"]) == 0
    assert accuracy.main([*QUICK, "--seeds", "1"]) == 0
    assert trained == [("fashion_dense", 0), ("fashion_cnn", 0)]
    folder = tmp_path / "accuracy"
    dense = (folder / "fashion_dense-0-quick.json").read_text()
    for other in ("fashion_dense-1", "fashion_cnn-0", "fashion_cnn-1"):
        (folder / f"{other}-quick.json").write_text(dense)
    accuracy.main([*QUICK, "--seeds", "2"])
    assert trained[2:] == [("fashion_dense", 1), ("fashion_cnn", 0), ("fashion_cnn", 1)]


def test_the_table_says_when_and_with_what_its_trainings_were_made(trained, tmp_path, capsys):
    accuracy.main([*QUICK, "--seeds", "1"])
    for file in (tmp_path / "accuracy").iterdir():
        run = json.loads(file.read_text())
        run["machine"] |= {"jax": "0.9.9", "date": "2020-01-01"}
        file.write_text(json.dumps(run | {"code": "other"}))
    capsys.readouterr()
    accuracy.main([*QUICK, "--seeds", "1", "--earlier-code"])
    table = capsys.readouterr().out
    assert "Measured on 2020-01-01" in table and "jax 0.9.9" in table
    assert "2 of the 2 training runs are from earlier code" in table
    assert len(trained) == 2


def test_a_table_of_nothing_is_not_written(capsys):
    with pytest.raises(SystemExit):
        accuracy.main([*QUICK, "--seeds", "0"])
    assert "--seeds" in capsys.readouterr().err


def test_a_part_of_a_table_is_not_written(capsys):
    with pytest.raises(SystemExit):
        accuracy.main(["--data", "embedded", "--programs", "same_cnn", "--write"])
    assert "--write needs all" in capsys.readouterr().err


def test_the_stock_layers_have_a_table_of_their_own(trained, monkeypatch, capsys):
    written = {}
    monkeypatch.setattr(measurements, "write", written.__setitem__)
    monkeypatch.setattr(accuracy, "broken_promises", lambda measured: [])
    few = lib.load("fashion_mnist", "embedded", train_size=20, test_size=20)
    monkeypatch.setattr(lib, "load", lambda *_, **sizes: few)
    words = ["--data", "embedded", "--seeds", "1", "--write"]
    accuracy.main([*words, "--programs", "fashion_cnn", accuracy.STOCK])
    assert list(written) == ["stock"] and "stock layers" in written["stock"]


def test_table_has_mean_spread_and_range():
    table = accuracy.table({"fashion_cnn": runs([0.93, 0.94], [0.90, 0.91])})
    assert "0.9050 ± 0.0071 (0.9000–0.9100)" in table


def test_quick_figures_are_not_written(capsys):
    with pytest.raises(SystemExit):
        accuracy.main(["--data", "embedded", "--quick", "--write"])
    assert "--quick" in capsys.readouterr().err
