"""Early stopping, weights and metrics against Keras, on random data."""

import os

os.environ["KERAS_BACKEND"] = "jax"  # read once, when keras is imported

import jax
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib

keras = pytest.importorskip("keras", reason="keras is the oracle here: pip install -e '.[dev]'")

if keras.backend.backend() != "jax":
    pytest.skip("keras was imported before with another backend", allow_module_level=True)

RNG = np.random.default_rng(0)


def slow(*values):
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


class Net:
    """What Keras's callback needs from a model."""

    stop_training = False
    metrics = ()

    def get_weights(self):
        return []

    def set_weights(self, weights):
        pass


def epochs_in_keras(values, metric, **options):
    early = keras.callbacks.EarlyStopping(metric, **options)
    early.set_model(Net())
    early.on_train_begin()
    for epoch, value in enumerate(values):
        early.on_epoch_end(epoch, {metric: value})
        if early.model.stop_training:
            return epoch + 1, early.best
    return len(values), early.best


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("patience", [0, 1, 2, 4])
def test_early_stopping_stops_when_keras_does(patience, mode):
    state = type("State", (), {"params": {}})()
    stops = set()
    for _ in range(60):
        values = RNG.normal(size=12).round(1)
        min_delta = float(RNG.choice([0, 0.1, 0.35]))
        early = lib.EarlyStopping("val_dice", patience, min_delta, mode)
        for epoch, value in enumerate(values):
            if early.on_epoch_end(epoch, {"val_dice": value}, state):
                break
        expected = epochs_in_keras(
            values, "val_dice", patience=patience, min_delta=min_delta, mode=mode
        )
        assert (epoch + 1, early.best_value) == expected, (values, min_delta)
        stops.add(epoch)
    assert len(stops) > 2


@pytest.fixture(scope="module")
def problem():
    inputs = RNG.normal(size=(50, 6)).astype(np.float32)
    return inputs, RNG.integers(0, 3, 50).astype(np.int32)


def weights_of(net):
    # Not `get_weights()`: that asks NumPy in a way it warns about.
    return [np.asarray(weight.value) for weight in net.weights]


def trained_by_both(problem, ours, theirs, outputs=3, sparse=True):
    """Weights and losses after two epochs of SGD in the order of the data, here and in Keras."""
    inputs, labels = problem
    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.Input((6,)), keras.layers.Dense(outputs)])
    if outputs == 1:
        loss, our_loss = keras.losses.BinaryCrossentropy(from_logits=True), "sigmoid_cross_entropy"
    elif sparse:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        our_loss = "softmax_cross_entropy"
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        our_loss = "categorical_cross_entropy"
    net.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss)
    kernel, bias = weights_of(net)
    state = lib.create_state(
        nn.Sequential([lib.Dense(outputs)]),
        optax.sgd(0.5), inputs, jax.random.key(0), loss=getattr(lib, our_loss),
        variables={"params": {"layers_0": {"kernel": kernel, "bias": bias}}},
    )  # fmt: skip
    state, history = lib.fit(
        state, inputs, labels, epochs=2, batch_size=16, shuffle=False, verbose=0, **ours
    )
    with np.errstate(all="ignore"):
        log = net.fit(
            inputs, labels, epochs=2, batch_size=16, shuffle=False, verbose=0, **theirs
        ).history["loss"]
    layer = state.params["layers_0"]
    return (layer["kernel"], layer["bias"], history["loss"]), (*weights_of(net), log)


CLASS_WEIGHT = {0: 0.2, 2: 3.0}


@pytest.mark.parametrize("kind", ["both", *slow("class", "sample", "one-hot", "sigmoid")])
def test_weights_move_the_parameters_as_in_keras(problem, kind):
    inputs, labels = problem
    weights = {}
    if kind != "sample":
        weights["class_weight"] = CLASS_WEIGHT
    if kind in ("sample", "both"):
        weights["sample_weight"] = RNG.uniform(0, 4, 50)
    outputs = 3
    if kind == "one-hot":
        labels = np.eye(3, dtype=np.float32)[labels]
    if kind == "sigmoid":
        labels, outputs = (labels > 0).astype(np.int32), 1
        weights["class_weight"] = {1: 0.25}
    their_weights = weights
    if kind == "both":  # which Keras refuses
        table = np.array([CLASS_WEIGHT.get(each, 1) for each in labels])
        their_weights = {"sample_weight": weights["sample_weight"] * table}
    ours, theirs = trained_by_both(
        (inputs, labels), weights, their_weights, outputs, sparse=kind != "one-hot"
    )
    without, _ = trained_by_both((inputs, labels), {}, {}, outputs, sparse=kind != "one-hot")
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, expected, atol=2e-5)
    assert np.abs(ours[0] - without[0]).max() > 0.01, "the weights changed nothing"


class Same(nn.Module):
    """Its inputs are its outputs."""

    def __call__(self, x):
        return x


def measured(metric, outputs, labels):
    """A metric from `evaluate`, in batches; the last one is not full."""
    model = Same()
    state = lib.create_state(
        model, optax.identity(), outputs, jax.random.key(0), variables={"params": {}},
        loss=lambda outputs, labels: outputs.sum(axis=-1), metrics=[metric],
    )  # fmt: skip
    return lib.evaluate(state, outputs, labels, batch_size=16)[metric.name]


def softmax(logits):
    return np.asarray(jax.nn.softmax(logits))


@pytest.mark.parametrize("k", [2, *slow(1, 5)])
def test_top_k_accuracy_is_that_of_keras(k):
    logits = RNG.normal(size=(77, 9)).round(1).astype(np.float32)  # with some that are equal
    labels = RNG.integers(0, 9, 77)
    theirs = keras.metrics.SparseTopKCategoricalAccuracy(k)
    theirs.update_state(labels, logits)
    assert measured(lib.metrics.TopKAccuracy(k), logits, labels) == pytest.approx(
        float(theirs.result()), abs=1e-6
    )


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("thresholds", [200, *slow(20)])
def test_auc_is_that_of_keras(outputs, thresholds):
    logits = RNG.normal(size=(301, outputs)).astype(np.float32) * 3
    labels = RNG.integers(0, 2, 301)
    scores = 1 / (1 + np.exp(-logits[:, 0])) if outputs == 1 else softmax(logits)[:, 1]
    theirs = keras.metrics.AUC(num_thresholds=thresholds)
    theirs.update_state(labels, scores)
    ours = measured(lib.metrics.AUC(thresholds), logits, labels)
    assert ours == pytest.approx(float(theirs.result()), abs=2e-5)


@pytest.mark.slow
def test_auc_of_several_classes_is_keras_mean_over_each_against_all_others():
    logits, labels = RNG.normal(size=(301, 4)).astype(np.float32), RNG.integers(0, 4, 301)
    theirs = keras.metrics.AUC(multi_label=True)
    theirs.update_state(np.eye(4)[labels], softmax(logits))
    ours = measured(lib.metrics.AUC(), logits, labels)
    assert ours == pytest.approx(float(theirs.result()), abs=2e-5)


@pytest.mark.parametrize("name", ["Recall", *slow("Precision")])
def test_precision_and_recall_are_those_of_keras(name):
    ours, theirs = getattr(lib.metrics, name), getattr(keras.metrics, name)
    logits, labels = RNG.normal(size=(77, 1)).astype(np.float32), RNG.integers(0, 2, 77)
    metric = theirs()
    metric.update_state(labels, 1 / (1 + np.exp(-logits[:, 0])))
    assert measured(ours(), logits, labels) == pytest.approx(float(metric.result()), abs=1e-6)
    logits, labels = RNG.normal(size=(77, 4)).astype(np.float32), RNG.integers(0, 4, 77)
    each = []
    for of in range(4):
        metric = theirs(top_k=1, class_id=of)
        metric.update_state(np.eye(4)[labels], softmax(logits))
        each.append(float(metric.result()))
    assert measured(ours(2), logits, labels) == pytest.approx(each[2], abs=1e-6)
    assert measured(ours(), logits, labels) == pytest.approx(np.mean(each), abs=1e-6)
