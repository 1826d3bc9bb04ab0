"""The display of a long training, on a terminal and elsewhere."""

import contextlib
import io

import jax
import numpy as np
import optax
import pytest

import lib
from lib.train import inference, progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still; it returns a function that moves it."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def test_an_epoch_ends_with_the_time_left(clock, capsys):
    """The first line does not show it: its time includes compiling."""
    lines = progress.Lines(epochs=4, steps=10)
    for epoch, seconds in enumerate((50, 20, 24, 20)):
        clock(seconds)
        lines.step(epoch, 10, {"loss": 0.5})
        lines.epoch(epoch, {"loss": 0.5})
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1/4 · loss 0.5000 · 50.0 s",
        "Epoch 2/4 · loss 0.5000 · 70.0 s · 40 s left",
        "Epoch 3/4 · loss 0.5000 · 94.0 s · 22 s left",
        "Epoch 4/4 · loss 0.5000 · 114.0 s",
    ]


def test_what_is_over_soon_tells_no_time_left(clock, capsys):
    lines = progress.Lines(epochs=2, steps=10)
    clock(0.4)
    lines.epoch(0, {"loss": 0.5})
    clock(90)
    lines.epoch(1, {"loss": 0.5})
    assert "left" not in capsys.readouterr().out


def test_a_long_epoch_tells_now_and_then_how_far_it_is(clock, capsys):
    lines = progress.Lines(epochs=1, steps=1000)
    for step in range(100, 1001, 100):
        clock(6)
        lines.step(0, step, {"loss": 0.5})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Epoch 1/1, step 200/1000 · loss 0.5000 · 48 s left"
    assert len(said) == 4
    assert [line.split()[3] for line in said] == ["200/1000", "400/1000", "600/1000", "800/1000"]


def test_a_training_that_goes_on_counts_what_it_makes_itself(clock, capsys):
    lines = progress.Lines(epochs=100, steps=10, first=96)
    for epoch in (96, 97):
        clock(5)
        lines.epoch(epoch, {"loss": 0.5})
    assert capsys.readouterr().out.endswith("Epoch 98/100 · loss 0.5000 · 10.0 s · 10 s left\n")


@pytest.mark.parametrize(
    ("seconds", "words"), [(300, "5 min left"), (7200, "2.0 h left"), (89, "89 s left")]
)
def test_long_times_are_told_in_minutes_and_hours(clock, capsys, seconds, words):
    lines = progress.Lines(epochs=3, steps=1)
    for epoch in range(2):
        clock(seconds)
        lines.epoch(epoch, {"loss": 0.5})
    assert words in capsys.readouterr().out


def test_the_bar_is_not_full_while_the_last_validation_is_measured():
    bar = progress.display(1, epochs=2, steps=10, measured=5)
    (task,) = bar.bar.tasks
    for epoch in range(2):
        bar.step(epoch, 10, {"loss": 0.5})
        bar.measuring()
        assert not task.finished and "validation" in task.fields["numbers"]
        bar.epoch(epoch, {"loss": 0.5})
        assert task.completed == 15 * (epoch + 1)
    bar.close()
    assert task.finished


def test_where_somebody_looks_on_many_pictures_are_worked_on_part_by_part(monkeypatch):
    state = lib.create_state(
        lib.DenseClassifier(4, 3), optax.sgd(0.1), np.zeros((1, 5), np.float32), jax.random.key(0),
        metrics=[lib.metrics.AUC()],
    )  # fmt: skip
    inputs = np.random.default_rng(0).normal(size=(43, 5)).astype(np.float32)
    labels = np.arange(43) % 3
    whole = lib.predict(state, inputs, batch_size=4)
    measured = lib.evaluate(state, inputs, labels, batch_size=10)
    moved = []

    @contextlib.contextmanager
    def shown(total, title):
        yield lambda done: moved.append((done, total))

    monkeypatch.setattr(inference, "progress", shown)
    monkeypatch.setattr(
        "sys.stderr", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})()
    )
    np.testing.assert_array_equal(lib.predict(state, inputs, batch_size=4), whole)
    assert moved == [(16, 43), (32, 43), (43, 43)]
    moved.clear()
    again = lib.evaluate(state, inputs, labels, batch_size=10)
    assert again == pytest.approx(measured, rel=1e-5) and again.keys() == measured.keys()
    assert moved == [(10, 43), (20, 43), (30, 43), (40, 43), (43, 43)]
