"""The speed benchmark: turns between processes, and the tables of their results."""

import sys

import numpy as np
import pytest

from benchmarks import results, speed
from benchmarks.processes import Place, Runner, RunnerFailed, cold_run, find
from benchmarks.programs import PROGRAMS
from benchmarks.speed import Speed, Turns

HERE = Place(sys.executable, {})


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "data.npz"
    images = rng.integers(0, 256, (64, 28, 28, 1), np.uint8)
    np.savez(path, images=images, labels=np.zeros(64, np.int32))
    return path


@pytest.mark.slow
def test_two_frameworks_take_turns(data, tmp_path):
    places = {"ours": HERE, "stock_flax": HERE, "matmul": HERE}
    with (tmp_path / "log").open("w+") as log:
        turns = speed.take_turns("fashion_dense", places, data, 2, 2, log)
    assert list(turns.speeds) == ["ours", "stock_flax"]
    assert len(turns.matmul) == 2 and min(turns.matmul) > 1e8
    for each in turns.speeds.values():
        assert len(each.rates) == len(each.ratios) == 2
        assert each.accuracy > 0.9, "one class is learnt in four epochs of two steps"
    assert turns.speeds["ours"].ratios == [1, 1]


@pytest.mark.slow
def test_a_cold_run_ends_at_its_target_and_finds_nothing_that_was_compiled_before(
    data, tmp_path, monkeypatch
):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "compiled"))
    monkeypatch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    with (tmp_path / "log").open("w+") as log:
        seconds, accuracies = cold_run("ours", HERE, 2, log, "fashion_dense", data, 0.9)
    assert seconds > 0.5
    assert accuracies[-1] > 0.9
    assert all(accuracy <= 0.9 for accuracy in accuracies[:-1])
    assert not (tmp_path / "compiled").exists()


def test_a_runner_that_dies_says_its_last_words(data, tmp_path):
    with (tmp_path / "log").open("w+") as log:
        with Runner("no_such_framework", HERE, 2, log, "fashion_dense", data) as runner:
            with pytest.raises(RunnerFailed, match="No module named"):
                runner.epoch()


def test_a_framework_is_looked_for_in_every_interpreter(tmp_path):
    place = find("ours", [sys.executable])
    assert place is not None and place.python == sys.executable
    assert place.versions["jax"]
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    assert find("ours", [str(bare)]) is None
    assert find("ours", [str(bare), sys.executable]) == place


def test_tables_show_ratios_of_neighbours_in_time():
    ours = Speed([100.0, 200.0, 110.0], 0.9, [1, 1, 1])
    other = Speed([50.0, 50.0, 50.0], 0.9, [2.0, 4.0, 2.2])
    turns = {"fashion_cnn": Turns({"ours": ours, "pytorch": other}, [1e9])}
    table = speed.speed_table(turns)
    assert "2.20×" in table and "PyTorch" in table
    short = speed.short_table(turns)
    assert "2.2× (2.0–4.0)" in short and "Keras" not in short
    cold = speed.cold_table({"ours": [(2.0, [0.995])], "pytorch": [(3.0, [0.98, 0.991])]})
    assert "1.50×" in cold and "1 of 1" in cold
    missed = speed.cold_table({"ours": [(2.0, [0.995])], "pytorch": [(1.0, [0.2])]})
    assert "0 of 1" in missed and "×" not in missed


def test_a_framework_that_fails_midway_is_left_out(monkeypatch, capsys):
    class Fake:
        def __init__(self, framework, *_):
            self.framework, self.epochs = framework, 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def epoch(self):
            self.epochs += 1
            if self.framework == "pytorch" and self.epochs > 3:
                raise RunnerFailed("out of memory")
            return {"seconds": 1.0, "images": 10, "accuracy": 0.9, "peak_mib": 1.0}

    monkeypatch.setattr(speed, "Runner", Fake)
    turns = speed.take_turns("same_cnn", {"ours": HERE, "pytorch": HERE}, None, 2, 2, None)
    assert list(turns.speeds) == ["ours"] and turns.speeds["ours"].rates == [10, 10]
    assert "out of memory" in capsys.readouterr().err
    assert "10" in speed.short_table({"same_cnn": turns})


def test_nets_without_our_own_figures_have_no_ratios():
    turns = {"same_cnn": Turns({"pytorch": Speed([50.0], 0.9, [])}, [1e9])}
    assert "–" in speed.speed_table(turns)
    assert "SAME" not in speed.short_table(turns)
    assert speed.bars(turns).axes


def test_bars_are_as_long_as_the_share_of_our_speed(tmp_path):
    ours, other = Speed([100.0], 0.9, [1]), Speed([50.0], 0.9, [2.0])
    measured = {
        "fashion_cnn": Turns({"ours": ours, "pytorch": other}, [1e9]),
        "same_cnn": Turns({"ours": ours}, [1e9]),
    }
    figure = speed.bars(measured)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "Fashion CNN 64/64",
        "SAME CNN 32/64",
    ]
    lengths = {c.get_label(): [bar.get_width() for bar in c] for c in axes.containers}
    assert lengths == {"here": [1, 1], "PyTorch": [0.5]}


def test_the_cost_of_an_image_is_shown_early_and_late():
    table = speed.scaling_table({1000: [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]})
    cells = table.splitlines()[-1].split("|")
    assert [cell.strip() for cell in cells[1:-1]] == ["1,000", "1,000", "2,000"]


@pytest.mark.slow
def test_a_net_on_pictures_trains_in_its_own_batches(tmp_path):
    program = PROGRAMS["transfer_head"]
    data = speed.write_data(program, "embedded", 40, tmp_path)
    with (tmp_path / "log").open("w+") as log:
        with Runner("ours", HERE, 2, log, "transfer_head", data) as runner:
            answer = runner.epoch()
    assert answer["images"] == 40 and 0 <= answer["accuracy"] <= 1
    # The parameters alone, twice more for Adam, and their gradient: 4 × 38.5 million × 4 bytes.
    assert 580 < answer["peak_mib"] < 8000


def test_a_measurement_that_was_killed_goes_on(tmp_path, monkeypatch, capsys):
    asked = []

    def turns(name, *_):
        asked.append(name)
        if asked == ["fashion_cnn", "same_cnn"]:
            raise KeyboardInterrupt
        return Turns({"ours": Speed([100.0 + len(asked)], 0.9, [1.0])}, [1e9])

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(speed, "take_turns", turns)
    monkeypatch.setattr(speed, "write_data", lambda *_: tmp_path)
    monkeypatch.setattr(speed, "SCALING_IMAGES", ())
    words = ["--programs", "fashion_cnn", "same_cnn", "--frameworks", "ours", "--cold-repeats", "0"]
    with pytest.raises(KeyboardInterrupt):
        speed.main(words)
    assert speed.main([*words, "--resume"]) == 0
    assert asked == ["fashion_cnn", "same_cnn", "same_cnn"]
    table = capsys.readouterr().out
    assert "101 ± 0 %" in table and "103 ± 0 %" in table
    speed.main([*words, "--resume", "--repeats", "3"])
    assert len(asked) == 5, "results with other settings are not used"
    speed.main(words)
    assert len(asked) == 7


def test_quick_figures_are_not_written(capsys):
    with pytest.raises(SystemExit):
        speed.parse(["--quick", "--write"])
    assert "--quick" in capsys.readouterr().err


def test_a_part_of_the_table_is_not_written(capsys):
    with pytest.raises(SystemExit):
        speed.parse(["--programs", "same_cnn", "--write"])
    assert "all programs" in capsys.readouterr().err
