"""Everything that takes a model takes any Flax module, even one that contains a list."""

import jax
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib
from lib.train import batches, inference


@pytest.fixture
def sequential():
    model = nn.Sequential([lib.Flatten(), lib.Dense(10)])
    images = np.random.default_rng(0).integers(0, 256, (20, 5, 5, 1), np.uint8)
    labels = np.arange(20, dtype=np.int32) % 10
    return lib.create_state(model, optax.sgd(0.1), images, jax.random.key(0)), images, labels


def test_a_sequential_model_is_trained_evaluated_and_used(sequential):
    state, images, labels = sequential
    state, history = lib.fit(state, images, labels, validation=(images, labels), verbose=0)
    assert lib.evaluate(state, images, labels)["loss"] == pytest.approx(history["val_loss"][-1])
    step = lib.eval_step(state.params, (images, labels), model=state.model)
    assert float(step["loss"]) == pytest.approx(history["val_loss"][-1], rel=1e-5)
    assert lib.predict(state, images).shape == (20, 10)


def test_and_compiled_once(sequential):
    state, images, labels = sequential
    before = batches.measure_arrays._cache_size(), inference.predict_arrays._cache_size()
    for _ in range(3):
        lib.evaluate(state, images, labels)
        lib.predict(state, images)
        state, _ = lib.train_step(state, (images, labels), jax.random.key(0))
    assert batches.measure_arrays._cache_size() <= before[0] + 1
    assert inference.predict_arrays._cache_size() <= before[1] + 1
