"""Weights of classes and examples, and counted metrics, in every kind of training."""

import jax
import numpy as np
import optax
import pytest

import lib
from lib.train import batches

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(50, 6)).astype(np.float32)
LABELS = RNG.integers(0, 3, 50).astype(np.int32)
SGD = optax.sgd(0.5)


def start(**options):
    return lib.create_state(lib.DenseClassifier(8, 3), SGD, INPUTS, jax.random.key(0), **options)


class Stream:
    """Batches of the examples in their order."""

    batch_size, steps = 16, 4

    def __init__(self, inputs=INPUTS, labels=LABELS):
        self.inputs, self.labels = inputs, labels

    def epoch(self, number):
        for first in range(0, 50, 16):
            part = slice(first, first + 16)
            yield self.inputs[part], self.labels[part]


def trained(*data, state=None, **options):
    state = start() if state is None else state
    options = {"batch_size": 16, "shuffle": False, "verbose": 0, "epochs": 2} | options
    state, history = lib.fit(state, *data, **options)
    return [*jax.tree.leaves(state.params), np.array(history["loss"])]


def same(one, other, tolerance=1e-6):
    return all(np.allclose(a, b, atol=tolerance) for a, b in zip(one, other, strict=True))


@pytest.mark.slow
def test_a_weight_of_two_is_an_example_given_twice():
    """With all examples in one batch, whose mean is then taken over as many examples."""
    doubled = np.concatenate([INPUTS, INPUTS[LABELS == 1]])
    labels = np.concatenate([LABELS, LABELS[LABELS == 1]])
    factor = len(labels) / 50
    weighted = trained(
        INPUTS, LABELS, batch_size=50, class_weight={k: (1 + (k == 1)) / factor for k in range(3)}
    )
    assert same(weighted, trained(doubled, labels, batch_size=len(labels)), 1e-5)


def test_a_weight_of_0_leaves_an_example_out_of_the_learning():
    kept = LABELS != 2
    weighted = trained(INPUTS, LABELS, batch_size=50, sample_weight=kept * 50 / kept.sum())
    assert same(weighted, trained(INPUTS[kept], LABELS[kept], batch_size=50), 1e-5)


@pytest.mark.parametrize(
    "labels", [LABELS, pytest.param(np.eye(3, dtype=np.float32)[LABELS], marks=pytest.mark.slow)]
)
def test_a_stream_is_weighted_by_class_as_arrays_are(labels):
    weights = {"class_weight": {0: 3.0, 1: 0.5}}
    loss = lib.softmax_cross_entropy if labels.ndim == 1 else lib.categorical_cross_entropy
    state = start(loss=loss)
    weighted = trained(INPUTS, labels, state=state, **weights)
    assert same(weighted, trained(Stream(labels=labels), state=state, **weights))
    assert not same(weighted, trained(INPUTS, labels, state=state), 1e-3)


def test_weights_of_one_change_no_bit():
    plain = trained(INPUTS, LABELS)
    for weights in ({"class_weight": {0: 1}}, {"sample_weight": [1] * 50}, {"class_weight": {}}):
        for one, other in zip(plain, trained(INPUTS, LABELS, **weights), strict=True):
            np.testing.assert_array_equal(one, other)


def test_validation_and_accuracy_are_measured_without_weights():
    state, history = lib.fit(
        start(), INPUTS, LABELS, class_weight={0: 9.0}, validation=(INPUTS, LABELS), verbose=0
    )
    measured = lib.evaluate(state, INPUTS, LABELS)
    assert history["val_loss"] == [pytest.approx(measured["loss"], rel=1e-6)]
    assert history["accuracy"][0] <= 1


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"class_weight": {3: 2.0}}, "has the key 3, but its keys .* 0 to 2"),
        ({"class_weight": {"cat": 2.0}}, "has the key 'cat'"),
        ({"class_weight": {0: -1.0}}, "negative"),
        ({"class_weight": {0: np.nan}}, "not a number"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "would not learn"),
        ({"sample_weight": np.ones(49)}, r"the shape \(49,\), but there are 50"),
        ({"sample_weight": np.ones((50, 1))}, r"shape \(50, 1\)"),
        ({"sample_weight": np.full(50, np.inf)}, "infinite"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        trained(INPUTS, LABELS, **weights)


def test_what_is_no_class_cannot_be_weighted_by_class():
    state = lib.create_state(
        lib.LinearRegression(), SGD, INPUTS, jax.random.key(0), loss=lib.squared_error
    )
    targets = RNG.normal(size=(50, 1)).astype(np.float32)
    with pytest.raises(ValueError, match="labels that are classes.*sample_weight"):
        trained(INPUTS, targets, state=state, class_weight={0: 2.0})


def test_a_stream_has_no_weight_for_each_example():
    with pytest.raises(ValueError, match="class_weight"):
        trained(Stream(), sample_weight=np.ones(50))


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [(LABELS + 1, "range from 1 to 3"), (np.array(["a"] * 50), "such as 'a'")],
)
def test_labels_of_a_stream_are_checked_too(labels, sentence):
    for call in (lib.fit, lib.evaluate):
        with pytest.raises(ValueError, match=sentence):
            call(start(), Stream(labels=labels))


METRICS = (
    lib.metrics.AUC(),
    lib.metrics.Precision(),
    lib.metrics.Recall(1),
    ("second", lib.metrics.TopKAccuracy(2)),
)


@pytest.mark.slow
@pytest.mark.parametrize("stream", [False, True])
def test_metrics_are_reported_while_training_and_stop_it(stream):
    state = start(metrics=METRICS)
    data = (Stream(),) if stream else (INPUTS, LABELS)
    stop = lib.EarlyStopping("val_auc", patience=2)
    trained_state, history = lib.fit(
        state, *data, epochs=6, batch_size=16, validation=(INPUTS, LABELS), callbacks=[stop],
        verbose=0,
    )  # fmt: skip
    names = ("loss", "accuracy", "auc", "precision", "recall_1", "second")
    assert set(history.names) == {*names, *(f"val_{name}" for name in names)}
    assert stop.best_value == max(history["val_auc"])
    measured = lib.evaluate(trained_state, INPUTS, LABELS, batch_size=7)
    assert measured["auc"] == pytest.approx(stop.best_value, abs=1e-6)
    streamed = lib.evaluate(trained_state, Stream())
    assert streamed == pytest.approx(measured, abs=1e-6)
    step = lib.eval_step(
        trained_state.params, (INPUTS, LABELS), model=state.model, metrics=state.metrics
    )
    assert float(step["auc"]) == pytest.approx(measured["auc"], abs=1e-6)


def test_metrics_compile_once():
    state = start(metrics=METRICS)
    before = batches.train_on_arrays._cache_size(), batches.measure_arrays._cache_size()
    for _ in range(2):
        state, _ = lib.fit(
            state, INPUTS, LABELS, batch_size=16, validation=(INPUTS, LABELS), verbose=0
        )
    assert batches.train_on_arrays._cache_size() <= before[0] + 1
    assert batches.measure_arrays._cache_size() <= before[1] + 1


@pytest.mark.parametrize(
    ("metrics", "sentence"),
    [
        ([lib.accuracy], "'accuracy'"),
        ([lib.metrics.AUC(), lib.metrics.AUC(20)], "'auc'.*rename one"),
        ([("loss", lib.accuracy)], "'loss'"),
    ],
)
def test_two_metrics_of_one_name_are_refused(metrics, sentence):
    with pytest.raises(ValueError, match=sentence):
        start(metrics=metrics)


@pytest.mark.parametrize("metric", [lib.metrics.TopKAccuracy(4), lib.metrics.Recall(3)])
def test_classes_that_there_are_not_are_named(metric):
    with pytest.raises(ValueError, match="3 classes"):
        lib.evaluate(start(metrics=[metric]), INPUTS, LABELS)


def test_auc_of_one_class_alone_is_not_a_number():
    measured = lib.evaluate(start(metrics=[lib.metrics.AUC()]), INPUTS, LABELS * 0)
    assert np.isnan(measured["auc"]) and np.isfinite(measured["loss"])
