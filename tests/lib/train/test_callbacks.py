"""Callbacks, driven by hand and by a real training."""

import csv

import jax
import numpy as np
import optax
import pytest

import lib

# One object for all tests: compiled functions are kept per optimizer object.
ADAM = optax.adam(0.01)


@pytest.fixture(scope="module")
def noise():
    """Labels that have nothing to do with the inputs: validation loss soon rises."""
    rng = np.random.default_rng(0)
    draw = lambda: (rng.normal(size=(64, 8)).astype(np.float32), rng.integers(0, 2, 64))
    return draw(), draw()


def state():
    return lib.create_state(
        lib.DenseClassifier(hidden=64, classes=2),
        ADAM,
        np.zeros((1, 8), np.float32),
        jax.random.key(0),
    )


@pytest.mark.parametrize(
    ("callback", "values", "stops"),
    [
        (lib.StopWhen("accuracy", above=0.9), [0.5, 0.9, 0.91], [False, False, True]),
        (lib.StopWhen("accuracy", below=0.4), [0.5, 0.4, 0.3], [False, False, True]),
    ],
)
def test_stop_when_stops_strictly_past_the_threshold(callback, values, stops):
    answers = [callback.on_epoch_end(i, {"accuracy": v}, None) for i, v in enumerate(values)]
    assert answers == stops


def test_stop_when_bears_a_missing_metric():
    assert not lib.StopWhen("accuracy", above=0).on_epoch_end(0, {"loss": 1.0}, None)


@pytest.mark.parametrize("limits", [{}, {"above": 1, "below": 2}])
def test_stop_when_takes_one_direction(limits):
    with pytest.raises(ValueError, match="above=… or below=…"):
        lib.StopWhen("loss", **limits)


def test_fit_stops_after_the_first_epoch_past_the_threshold(noise):
    train, _ = noise
    _, history = lib.fit(
        state(), *train, epochs=200, callbacks=[lib.StopWhen("loss", below=0.3)], verbose=0
    )
    assert history["loss"][-1] < 0.3 and min(history["loss"][:-1]) >= 0.3


def test_any_object_with_the_method_is_a_callback_and_all_are_asked(noise):
    seen = []

    class Third:
        def on_epoch_end(self, epoch, logs, state):
            seen.append((epoch, logs["loss"], int(state.step)))
            return epoch == 2

    _, history = lib.fit(state(), *noise[0], epochs=9, callbacks=[Third(), Third()], verbose=0)
    assert history.epochs == 3
    assert [epoch for epoch, _, _ in seen] == [0, 0, 1, 1, 2, 2]
    assert [step for _, _, step in seen[::2]] == [2, 4, 6]
    assert [loss for _, loss, _ in seen[::2]] == history["loss"]


def test_early_stopping_returns_the_parameters_of_the_best_epoch(noise):
    train, validation = noise
    early = lib.EarlyStopping("val_loss", patience=3)
    best, history = lib.fit(
        state(), *train, epochs=100, validation=validation, callbacks=[early], verbose=0
    )
    losses = history["val_loss"]
    assert history.epochs == int(np.argmin(losses)) + 1 + 4  # the best, 3 borne, 1 too many
    assert early.best_epoch == int(np.argmin(losses)) and early.best_value == min(losses)
    assert lib.evaluate(best, *validation)["loss"] == pytest.approx(min(losses), rel=1e-6)


def test_early_stopping_gives_the_best_back_also_when_it_never_stops(noise):
    train, validation = noise
    early = lib.EarlyStopping("val_loss", patience=1000)
    best, history = lib.fit(
        state(), *train, epochs=30, validation=validation, callbacks=[early], verbose=0
    )
    assert history.epochs == 30 and np.argmin(history["val_loss"]) < 29
    assert lib.evaluate(best, *validation)["loss"] == pytest.approx(min(history["val_loss"]))


def drive(early, values, metric):
    fake = type("State", (), {"params": {}})()
    return [early.on_epoch_end(i, {metric: v}, fake) for i, v in enumerate(values)]


def test_patience_counts_epochs_without_improvement():
    early = lib.EarlyStopping("val_loss", patience=1)
    assert drive(early, [1.0, 1.1, 0.9, 0.95, 0.96], "val_loss") == [False] * 4 + [True]
    assert early.best_epoch == 2
    assert drive(early, [5.0, 6.0], "val_loss") == [False, False]  # a new training starts afresh


def test_accuracy_is_better_when_larger_and_small_gains_can_be_ignored():
    early = lib.EarlyStopping("val_accuracy", patience=0, min_delta=0.01)
    assert drive(early, [0.5, 0.6, 0.605], "val_accuracy") == [False, False, True]
    assert early.best_epoch == 1


def test_early_stopping_names_a_metric_that_is_missing(noise):
    with pytest.raises(KeyError, match="validation="):
        lib.fit(state(), *noise[0], callbacks=[lib.EarlyStopping()], verbose=0)


def test_early_stopping_refuses_negative_patience():
    with pytest.raises(ValueError, match="0 or more"):
        lib.EarlyStopping(patience=-1)


def test_the_log_is_on_disk_after_every_epoch(noise, tmp_path):
    path = tmp_path / "log.csv"
    rows_so_far = []

    class Peek:
        def on_epoch_end(self, epoch, logs, state):
            rows_so_far.append(len(path.read_text().splitlines()))

    callbacks = [lib.LogHistory(path), Peek()]
    for _ in range(2):  # a second training writes the file anew
        _, history = lib.fit(state(), *noise[0], epochs=3, callbacks=callbacks, verbose=0)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows_so_far == [2, 3, 4] * 2
    assert [float(row["loss"]) for row in rows] == history["loss"]
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2]


def test_of_several_processes_the_first_alone_writes_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    lib.LogHistory(tmp_path / "log.csv").on_epoch_end(0, {"loss": 1.0}, None)
    assert list(tmp_path.iterdir()) == []
