"""Callbacks, called directly and by a real training."""

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
    with pytest.raises(ValueError, match="exactly one of above=… and below=…"):
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
    assert history.epochs == int(np.argmin(losses)) + 1 + 3  # the best, and 3 no better
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
    early = lib.EarlyStopping("val_loss", patience=2)
    assert drive(early, [1.0, 1.1, 0.9, 0.95, 0.96], "val_loss") == [False] * 4 + [True]
    assert early.best_epoch == 2
    assert drive(early, [5.0, 6.0], "val_loss") == [False, False]  # a new training starts again


def test_accuracy_is_better_when_larger_and_small_gains_can_be_ignored():
    early = lib.EarlyStopping("val_accuracy", patience=0, min_delta=0.01)
    assert drive(early, [0.5, 0.6, 0.605], "val_accuracy") == [False, False, True]
    assert early.best_epoch == 1


@pytest.mark.parametrize(
    ("values", "stops", "best"),
    [
        ([np.nan, 0.5, 0.4, 0.3], None, 3),
        ([0.5, np.nan, 0.4, np.nan, np.nan], 4, 2),
        ([np.nan, np.nan], 1, None),
        ([np.inf, 0.5, -np.inf], None, 2),
    ],
)
def test_nan_is_never_best(values, stops, best):
    early = lib.EarlyStopping("val_loss", patience=2)
    answers = drive(early, values, "val_loss")
    assert (answers.index(True) if True in answers else None) == stops
    assert early.best_epoch == best
    assert early.best_value == (None if best is None else values[best])


@pytest.mark.parametrize(
    ("metric", "mode", "best"),
    [
        ("val_recall", "auto", 1),
        ("val_auc", "auto", 1),
        ("val_top_5_accuracy", "auto", 1),
        ("val_recall_2", "auto", 1),
        ("val_acc", "auto", 1),
        ("val_mean_squared_error", "auto", 0),
        ("val_dice", "max", 1),
        ("val_dice", "min", 0),
        ("val_loss", "max", 1),
    ],
)
def test_the_mode_says_which_way_is_better(metric, mode, best):
    early = lib.EarlyStopping(metric, patience=5, mode=mode)
    drive(early, [0.1, 0.9], metric)
    assert early.best_epoch == best


@pytest.mark.parametrize("metric", ["val_dice", "lr", "val_iou"])
def test_a_metric_whose_name_says_nothing_needs_a_mode(metric):
    with pytest.raises(ValueError, match=f"'{metric}'.*mode="):
        lib.EarlyStopping(metric)


def test_a_mode_is_one_of_three():
    with pytest.raises(ValueError, match="got 'larger'"):
        lib.EarlyStopping(mode="larger")


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
    for _ in range(2):  # a second training overwrites the file
        _, history = lib.fit(state(), *noise[0], epochs=3, callbacks=callbacks, verbose=0)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows_so_far == [2, 3, 4] * 2
    assert [float(row["loss"]) for row in rows] == history["loss"]
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2]


def test_of_several_processes_the_first_alone_writes_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    lib.LogHistory(tmp_path / "log.csv").on_epoch_end(0, {"loss": 1.0}, None)
    assert list(tmp_path.iterdir()) == []


def test_the_log_of_a_training_that_goes_on_has_a_row_for_each_epoch(noise, tmp_path):
    path = tmp_path / "log.csv"
    train, validation = noise
    first, begun = lib.fit(state(), *train, epochs=3, callbacks=[lib.LogHistory(path)], verbose=0)
    _, rest = lib.fit(
        first, *train, epochs=5, initial_epoch=2, validation=validation,
        callbacks=[lib.LogHistory(path)], verbose=0,
    )  # fmt: skip
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert [float(row["loss"]) for row in rows] == begun["loss"][:2] + rest["loss"]
    assert [row["val_loss"] for row in rows[:2]] == ["", ""]
    assert [float(row["val_loss"]) for row in rows[2:]] == rest["val_loss"]
    assert list(tmp_path.iterdir()) == [path]


def write_log(path, *epochs_and_logs):
    log = lib.LogHistory(path)
    for epoch, logs in epochs_and_logs:
        log.on_epoch_end(epoch, logs, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "epoch,loss\n7,0.5\n"),
        ("epoch,loss\n5,0.7\n6,0.6\n7,0.9\n8,0.9\n", "epoch,loss\n5,0.7\n6,0.6\n7,0.5\n"),
        ("epoch,loss\n6,0.7\n6,0.6\n", "epoch,loss\n6,0.6\n7,0.5\n"),
        ("epoch,loss,lr\n6,0.6,1\n", "epoch,loss,lr\n6,0.6,1\n7,0.5,\n"),
        ("epoch,loss,lr\n6,0.6\n", "epoch,loss,lr\n6,0.6,\n7,0.5,\n"),
    ],
)
def test_a_log_is_gone_on_with_whatever_it_holds(tmp_path, before, after):
    path = tmp_path / "log.csv"
    path.write_text(before)
    write_log(path, (7, {"loss": 0.5}))
    assert path.read_text() == after.replace("\n", "\r\n") or path.read_text() == after


def test_rows_are_not_shifted_where_a_metric_comes_and_goes(tmp_path):
    path = tmp_path / "log.csv"
    write_log(
        path, (0, {"loss": 3.0}), (1, {"loss": 2.0, "auc": 0.5}), (2, {"loss": 1.0}),
        (3, {"loss": 0.5}), (4, {"auc": 0.9, "loss": 0.1}),
    )  # fmt: skip
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["loss"] for row in rows] == ["3.0", "2.0", "1.0", "0.5", "0.1"]
    assert [row["auc"] for row in rows] == ["", "0.5", "", "", "0.9"]


def test_a_file_that_is_no_log_is_refused_and_stays(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("label,pixel1\n3,0\n")
    with pytest.raises(ValueError, match="not a log of LogHistory"):
        write_log(path, (1, {"loss": 1.0}))
    assert path.read_text() == "label,pixel1\n3,0\n"


def test_a_metric_that_is_never_a_number_is_told():
    early = lib.EarlyStopping("val_auc", patience=2)
    assert drive(early, [np.nan, np.nan], "val_auc") == [False, True]
    with pytest.warns(UserWarning, match="val_auc was not a number in any epoch"):
        early.on_train_end(None)
