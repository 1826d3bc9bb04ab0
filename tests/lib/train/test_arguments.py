"""Wrong arguments get a message that says what to pass."""

import jax
import numpy as np
import optax
import pytest
from flax import linen as nn
from flax import nnx

import lib

IMAGES = np.zeros((6, 8, 8, 3), np.uint8)
LABELS = np.arange(6) % 3
MODEL = lib.DenseClassifier(4, 3)
ADAM, KEY = optax.adam(0.01), jax.random.key(0)


class Two(nn.Module):
    """A model with two inputs and two outputs."""

    @nn.compact
    def __call__(self, a, b):
        return a, b


class Pair(nn.Module):
    @nn.compact
    def __call__(self, x):
        return x, x


@pytest.fixture(scope="module")
def state():
    return lib.create_state(MODEL, ADAM, IMAGES, KEY)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"class_weight": [1, 2, 3]}, "a dict from the number of a class.*enumerate"),
        ({"class_weight": "balanced"}, "got 'balanced'.*bincount"),
        ({"class_weight": {"fox": 2.0}}, "the key 'fox', but its keys must be the numbers.*index"),
        ({"validation": 0.2}, "load_folder"),
        ({"validation": (IMAGES, LABELS, LABELS)}, "must be a pair, .* its length is 3"),
        ({"validation": (IMAGES[:0], LABELS[:0])}, "validation set is empty"),
        (
            {"validation": (IMAGES[:, :4], LABELS)},
            r"different shape from \(1, 4, 8, 3\): dense/ker",
        ),
        ({"callbacks": lib.EarlyStopping("loss")}, r"callbacks=\[…\]"),
        ({"callbacks": [lib.EarlyStopping]}, "on_epoch_end"),
        ({"callbacks": [print]}, "on_epoch_end"),
        ({"key": 7}, r"jax.random.key\(7\)"),
    ],
)
def test_fit_says_what_to_give(state, wrong, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        lib.fit(state, IMAGES, LABELS, verbose=0, **wrong)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"metrics": ["auc"]}, "such as lib.metrics.AUC.*got 'auc'"),
        ({"metrics": [lib.metrics.AUC]}, "with parentheses"),
        ({"metrics": lib.metrics.AUC()}, "must be a list"),
        ({"metrics": [("area", "auc")]}, "one of lib.metrics"),
        ({"key": 0}, r"jax.random.key\(0\)"),
        ({"optimizer": "adam"}, r"optax.adam\(0.001\)"),
        ({"loss": "mse"}, "lib.squared_error"),
        ({"sample_inputs": (1, 8, 8, 3)}, r"jnp.zeros\(\(1, 8, 8, 3\)\)"),
        ({"model": Two()}, "Two takes different arguments from the 1 inputs"),
        ({"model": nn.Sequential([nn.Dropout(0.5)])}, "dropout layer in Sequential does not know"),
    ],
)
def test_create_state_says_what_to_give(wrong, sentence):
    right = {"model": MODEL, "optimizer": ADAM, "sample_inputs": IMAGES, "key": KEY}
    with pytest.raises((TypeError, ValueError), match=sentence):
        lib.create_state(**(right | wrong))


@pytest.mark.parametrize("shape", [(6, 7, 8, 3), (6, 8, 8, 1), (8, 8, 3)])
def test_pictures_of_another_shape_are_named(state, shape):
    for call in (lib.predict, lib.examine):
        with pytest.raises(ValueError, match="are for inputs of a different shape from"):
            call(state, np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (nnx.Linear(2, 2, rngs=nnx.Rngs(0)), "module of Flax NNX"),
        (MODEL, "a model without parameters: make .* with lib.create_state"),
        ("model.npz", "this is a str"),
    ],
)
def test_a_model_is_no_state(model, sentence):
    for call in (lib.predict, lib.examine, lib.evaluate, lib.fit):
        with pytest.raises(TypeError, match=sentence):
            call(model, IMAGES, LABELS)


def test_what_lib_examine_and_lib_predict_do_not_take(state):
    pair = lib.create_state(Pair(), ADAM, IMAGES, KEY)
    with pytest.raises(ValueError, match="returns tuple"):
        lib.examine(pair, IMAGES)

    class Stream:
        steps, batch_size, epoch = 1, 1, None

    with pytest.raises(ValueError, match="batch by batch"):
        lib.predict(state, Stream())


def test_the_shapes_of_two_inputs_stand_in_one_list():
    with pytest.raises(ValueError, match=r"\[\(1, 4\), \(1, 3\)\]"):
        lib.summary(Two(), (1, 4), (1, 3))
    with pytest.raises(ValueError, match="from the 1 inputs"):
        lib.summary(Two(), (1, 4))


def test_a_kept_model_is_no_training_state(state):
    kept = lib.SavedModel(MODEL, state.params, ("a", "b", "c"), (8, 8, 3))
    for call in (lib.fit, lib.evaluate):
        with pytest.raises(TypeError, match="create_state.kept.model, "):
            call(kept, IMAGES, LABELS)
