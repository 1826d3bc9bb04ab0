"""A resumed training knows what its callbacks knew."""

import jax
import numpy as np
import optax
import pytest

import lib

ADAM = optax.adam(0.03)
RNG = np.random.default_rng(0)
TRAIN = RNG.normal(size=(20, 6)).astype(np.float32), RNG.integers(0, 3, 20)
OTHERS = RNG.normal(size=(30, 6)).astype(np.float32), RNG.integers(0, 3, 30)


def run(folder, epochs, stop=None, last_first=False):
    """The same program each time: resume, then train."""
    stop = stop or lib.EarlyStopping("val_loss", patience=3)
    keep = lib.Checkpoint(folder / "training.npz", best=folder / "best.npz")
    fresh = lib.create_state(lib.DenseClassifier(8, 3), ADAM, TRAIN[0], jax.random.key(0))
    state, done = keep.resume(fresh)
    state, history = lib.fit(
        state, *TRAIN, epochs=epochs, initial_epoch=done, validation=OTHERS, verbose=0,
        callbacks=[keep, stop] if last_first else [stop, keep],
    )  # fmt: skip
    return state, history, stop


@pytest.mark.parametrize("last_first", [False, True])
def test_a_pause_changes_neither_the_model_nor_where_the_training_stops(tmp_path, last_first):
    for folder in ("whole", "paused"):
        (tmp_path / folder).mkdir()
    whole, history, stop = run(tmp_path / "whole", 40)
    assert 2 < history.epochs < 40
    paused = []
    for epochs in (1, history.epochs - 2, history.epochs - 1, 40):
        state, rest, after = run(tmp_path / "paused", epochs, last_first=last_first)
        paused += rest["val_loss"] if rest.epochs else []
    assert paused == history["val_loss"]
    assert (after.best_epoch, after.best_value) == (stop.best_epoch, stop.best_value)
    for ours, theirs in zip(
        jax.tree.leaves(state.params), jax.tree.leaves(whole.params), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_training_that_was_stopped_stays_so_and_gives_the_best_back(tmp_path):
    whole, _, stop = run(tmp_path, 40)
    again, history, _ = run(tmp_path, 40)
    assert history.epochs == 0
    assert lib.evaluate(again, *OTHERS) == lib.evaluate(whole, *OTHERS)
    best = lib.load_state(tmp_path / "best.npz", like=whole)
    assert lib.evaluate(best, *OTHERS)["loss"] == lib.evaluate(again, *OTHERS)["loss"]
    _, history, patient = run(tmp_path, 40, lib.EarlyStopping("val_loss", patience=5))
    assert history.epochs == 2 and patient.best_epoch == stop.best_epoch  # more patience continues


def test_a_threshold_that_was_passed_is_remembered_too(tmp_path):
    threshold = lambda: lib.StopWhen("loss", below=9.0)
    assert run(tmp_path, 4, threshold())[1].epochs == 1
    assert run(tmp_path, 4, threshold())[1].epochs == 0


def test_an_early_stopping_that_knows_nothing_of_earlier_epochs_says_so():
    stop = lib.EarlyStopping("loss", patience=3)
    with pytest.warns(UserWarning, match="knows nothing of the 4 earlier epochs.*resume"):
        stop.on_epoch_end(4, {"loss": 1.0}, type("State", (), {"params": {}})())


def test_the_memory_of_callbacks_is_no_part_of_the_state(tmp_path):
    state, _, _ = run(tmp_path, 2)
    assert lib.load_state(tmp_path / "training.npz", like=state).step == 2
    assert lib.load_params(tmp_path / "training.npz").keys() == state.params.keys()


def test_what_a_file_says_of_callbacks_may_be_damaged(tmp_path):
    from lib.saving.archive import STATE, write

    state, _, _ = run(tmp_path, 1)
    path = tmp_path / "training.npz"
    write(path, {"holds": STATE, "epochs": 1, "callbacks": [3]}, state)
    with pytest.raises(lib.CheckpointError, match="unreadable data about its callbacks"):
        lib.Checkpoint(path).resume(state)
