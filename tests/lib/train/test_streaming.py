"""Training on a stream of batches is the same training."""

import jax
import numpy as np
import optax
import pytest

import lib
from lib.train import batches


class Batches:
    """A stream over arrays in memory, in their own order."""

    def __init__(self, images, labels, batch_size):
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.epochs = []

    @property
    def steps(self):
        return -(-len(self.labels) // self.batch_size)

    def epoch(self, number):
        self.epochs.append(number)
        for at in range(0, len(self.labels), self.batch_size):
            here = slice(at, at + self.batch_size)
            yield self.images[here], self.labels[here]


@pytest.fixture(scope="module")
def examples():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (70, 6, 6, 1)).astype(np.uint8)
    return images, rng.integers(0, 3, 70).astype(np.int32)


@pytest.fixture
def state(examples):
    model = lib.DenseClassifier(hidden=8, classes=3)
    return lib.create_state(model, optax.adam(0.01), examples[0][:1], jax.random.key(1))


def test_a_stream_trains_as_the_arrays_do(state, examples):
    options = {"epochs": 3, "key": jax.random.key(2), "verbose": 0}
    whole, history = lib.fit(
        state, *examples, batch_size=16, shuffle=False, validation=examples, **options
    )
    stream = Batches(*examples, 16)
    other = Batches(*examples, 32)
    streamed, log = lib.fit(state, stream, validation=other, **options)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), whole.params, streamed.params
    )
    assert stream.epochs == [0, 1, 2]
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(history[name], log[name], rtol=1e-5)
    assert lib.evaluate(streamed, other) == pytest.approx(lib.evaluate(whole, *examples), rel=1e-5)


def test_a_stream_can_leave_its_pictures_as_they_are(state, examples):
    def inverted(key, images):
        return 1 - images

    def trained(state, **options):
        stream, key = Batches(*examples, 16), jax.random.key(2)
        return lib.fit(state, stream, epochs=1, key=key, verbose=0, **options)[1]["loss"]

    augmented, expected = state.replace(augment=inverted), trained(state)
    assert trained(augmented, augment=False) == pytest.approx(expected, rel=1e-6)
    assert trained(augmented) != pytest.approx(expected, rel=1e-3)
    cropped = state.replace(augment=lambda key, images: images[:, 1:])
    with pytest.raises(ValueError, match="this one returned float32"):
        trained(cropped, augment=False)


def test_streams_of_other_classes_are_refused(state, examples):
    learning, other = Batches(*examples, 16), Batches(*examples, 16)
    learning.class_names, other.class_names = ("a", "b", "c"), ("b", "c")
    with pytest.raises(ValueError, match="the classes a, b, c, but the validation stream has b, c"):
        lib.fit(state, learning, validation=other, verbose=0)
    assert learning.epochs == []


def test_the_rest_of_a_training_goes_on_with_the_next_epoch(state, examples):
    options = {"key": jax.random.key(2), "verbose": 0}
    whole, _ = lib.fit(state, Batches(*examples, 16), epochs=3, **options)
    half, _ = lib.fit(state, Batches(*examples, 16), epochs=2, **options)
    stream = Batches(*examples, 16)
    rest, _ = lib.fit(half, stream, epochs=3, initial_epoch=2, **options)
    assert stream.epochs == [2]
    jax.tree.map(np.testing.assert_array_equal, whole.params, rest.params)


def test_every_step_of_a_stream_runs_the_same_code(state, examples):
    batches.train_on_batch.clear_cache()
    lib.fit(state, Batches(*examples, 16), epochs=2, verbose=0)
    assert batches.train_on_batch._cache_size() == 1


def test_part_of_an_epoch(state, examples):
    trained, history = lib.fit(state, Batches(*examples, 16), steps_per_epoch=2, verbose=0)
    assert int(trained.step) == 2 and history.epochs == 1
    with pytest.raises(ValueError, match="steps_per_epoch"):
        lib.fit(state, Batches(*examples, 16), steps_per_epoch=6, verbose=0)
