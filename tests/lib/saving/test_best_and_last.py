"""`Checkpoint` saves the last state and the best one, even across a pause."""

import jax
import numpy as np
import optax
import pytest

import lib


@pytest.fixture(scope="module")
def fresh():
    model, sample = lib.DenseClassifier(2, 2), np.zeros((1, 3), np.float32)
    return lib.create_state(model, optax.sgd(0.1), sample, jax.random.key(0))


def after(state, epoch):
    """A state that contains its epoch."""
    return state.replace(params=jax.tree.map(lambda leaf: leaf * 0 + epoch, state.params))


def drive(checkpoint, fresh, values, first=0, metric="val_loss"):
    for epoch, value in enumerate(values, start=first):
        checkpoint.on_epoch_end(epoch, {metric: value, "loss": 1.0}, after(fresh, epoch))


def epoch_in(path, fresh):
    return int(jax.tree.leaves(lib.load_state(path, fresh).params)[0].ravel()[0])


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "last.npz", tmp_path / "best.npz"


@pytest.mark.parametrize(
    ("metric", "mode", "values", "best"),
    [
        ("val_loss", "auto", [0.5, 0.3, 0.4], 1),
        ("val_accuracy", "auto", [0.5, 0.7, 0.6], 1),
        ("val_dice", "max", [0.5, 0.4, 0.6], 2),
        ("val_loss", "auto", [np.nan, 0.3, np.nan], 1),
    ],
)
def test_the_best_and_the_last_are_kept(paths, fresh, metric, mode, values, best):
    last, where = paths
    drive(lib.Checkpoint(last, where, metric, mode), fresh, values, metric=metric)
    assert epoch_in(last, fresh) == 2 and epoch_in(where, fresh) == best


def test_a_training_that_goes_on_knows_what_was_best(paths, fresh):
    drive(lib.Checkpoint(*paths), fresh, [0.5, 0.3, 0.4])
    checkpoint = lib.Checkpoint(*paths)
    _, done = checkpoint.resume(fresh)
    assert done == 3
    drive(checkpoint, fresh, [0.35], first=done)
    assert epoch_in(paths[1], fresh) == 1
    drive(checkpoint, fresh, [0.25], first=4)
    assert epoch_in(paths[1], fresh) == 4 and epoch_in(paths[0], fresh) == 4


def test_a_new_training_begins_anew(paths, fresh):
    checkpoint = lib.Checkpoint(*paths)
    drive(checkpoint, fresh, [0.5, 0.1])
    drive(checkpoint, fresh, [0.4])
    assert epoch_in(paths[1], fresh) == 0


def test_the_best_by_another_metric_is_not_gone_on_with(paths, fresh):
    drive(lib.Checkpoint(*paths, metric="loss"), fresh, [0.5])
    with pytest.raises(lib.CheckpointError, match="best state by val_loss: name another file"):
        lib.Checkpoint(*paths).resume(fresh)


def test_a_file_for_the_best_that_a_checkpoint_did_not_write_is_refused(paths, fresh):
    drive(lib.Checkpoint(paths[0]), fresh, [0.5])
    lib.save_state(paths[1], fresh)
    with pytest.raises(lib.CheckpointError, match="not saved as the best"):
        lib.Checkpoint(*paths).resume(fresh)


def test_one_file_cannot_hold_both(paths):
    with pytest.raises(ValueError, match="a separate file for the best one"):
        lib.Checkpoint(paths[0], paths[0])


def test_a_metric_that_is_not_measured_is_named(paths, fresh):
    with pytest.raises(KeyError, match="Checkpoint watches 'val_loss'"):
        lib.Checkpoint(*paths).on_epoch_end(0, {"loss": 1.0}, fresh)
    assert not paths[0].exists()


def test_without_a_best_no_metric_is_asked_for(paths, fresh):
    lib.Checkpoint(paths[0], metric="val_dice").on_epoch_end(0, {}, fresh)
    assert paths[0].exists() and not paths[1].exists()
