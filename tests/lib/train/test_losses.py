"""Losses against NumPy, and the wrong shapes that they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lib


def test_cross_entropy_is_minus_the_log_of_the_right_classs_softmax():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    softmax = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = -np.log(softmax[np.arange(6), labels])
    found = lib.softmax_cross_entropy(jnp.asarray(logits), jnp.asarray(labels))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_cross_entropy_survives_huge_logits():
    loss = lib.softmax_cross_entropy(jnp.array([[1e4, 0.0]]), jnp.array([1]))
    np.testing.assert_allclose(loss, [1e4])


def test_cross_entropy_refuses_one_hot_labels():
    with pytest.raises(ValueError, match="argmax"):
        lib.softmax_cross_entropy(jnp.zeros((3, 4)), jnp.zeros((3, 4)))


def test_squared_error_is_meaned_over_outputs():
    found = lib.squared_error(
        jnp.array([[1.0, 2.0], [0.0, 0.0]]), jnp.array([[0.0, 0.0], [0.0, 3.0]])
    )
    np.testing.assert_allclose(found, [2.5, 4.5])


def test_squared_error_refuses_to_broadcast_a_row_against_a_column():
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3,\)"):
        lib.squared_error(jnp.zeros((3, 1)), jnp.zeros(3))


def test_accuracy_is_one_where_the_largest_logit_is_right():
    logits = jnp.array([[0.1, 0.9], [2.0, -1.0], [0.0, 5.0]])
    np.testing.assert_array_equal(lib.accuracy(logits, jnp.array([1, 0, 0])), [1, 1, 0])


def test_sigmoid_cross_entropy_is_minus_the_log_of_the_right_classs_probability():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(0, 3, 8), rng.integers(0, 2, 8)
    probability = 1 / (1 + np.exp(-logits))
    expected = -np.log(np.where(labels == 1, probability, 1 - probability))
    for shape in ((8, 1), (8,)):
        found = lib.sigmoid_cross_entropy(jnp.asarray(logits.reshape(shape)), jnp.asarray(labels))
        assert found.shape == (8,)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_sigmoid_cross_entropy_survives_huge_logits():
    loss = lib.sigmoid_cross_entropy(jnp.array([[1e4], [-1e4], [1e4]]), jnp.array([0, 0, 1]))
    np.testing.assert_allclose(loss, [1e4, 0, 0])


@pytest.mark.parametrize(
    ("logits", "labels"), [((4, 2), (4,)), ((4, 1), (4, 1)), ((4,), (3,)), ((4, 1), (1, 4))]
)
def test_sigmoid_cross_entropy_refuses_what_would_be_compared_in_pairs(logits, labels):
    for function in (lib.sigmoid_cross_entropy, lib.binary_accuracy):
        with pytest.raises(ValueError, match="one output"):
            function(jnp.zeros(logits), jnp.zeros(labels, jnp.int32))


def test_two_softmax_outputs_and_one_sigmoid_are_the_same_loss():
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(0, 3, (9, 2)).astype(np.float32), rng.integers(0, 2, 9)
    np.testing.assert_allclose(
        lib.softmax_cross_entropy(jnp.asarray(logits), jnp.asarray(labels)),
        lib.sigmoid_cross_entropy(jnp.asarray(logits[:, 1] - logits[:, 0]), jnp.asarray(labels)),
        rtol=1e-5,
    )


def test_categorical_cross_entropy_of_one_hot_rows_is_that_of_their_labels():
    rng = np.random.default_rng(3)
    logits, labels = rng.normal(0, 3, (7, 3)), rng.integers(0, 3, 7)
    logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    found = lib.categorical_cross_entropy(jnp.asarray(logits), jnp.eye(3)[labels])
    np.testing.assert_allclose(found, -logs[np.arange(7), labels], rtol=1e-4, atol=1e-6)
    soft = np.array([[0.2, 0.5, 0.3]] * 7)
    found = lib.categorical_cross_entropy(jnp.asarray(logits), jnp.asarray(soft))
    np.testing.assert_allclose(found, -(soft * logs).sum(1), rtol=1e-4)


def test_categorical_cross_entropy_refuses_integer_labels():
    with pytest.raises(ValueError, match="For integer labels"):
        lib.categorical_cross_entropy(jnp.zeros((3, 4)), jnp.zeros(3, jnp.int32))


def test_binary_accuracy_draws_the_line_at_probability_one_half():
    logits = jnp.array([[2.0], [-1.0], [0.0], [1e-6]])
    np.testing.assert_array_equal(
        lib.binary_accuracy(logits, jnp.array([1, 1, 0, 1])), [1, 0, 1, 1]
    )


def test_categorical_accuracy_compares_the_largest():
    logits = jnp.array([[0.1, 0.9], [2.0, -1.0], [0.0, 5.0]])
    targets = jnp.array([[0, 1], [1, 0], [1, 0]], jnp.float32)
    np.testing.assert_array_equal(lib.categorical_accuracy(logits, targets), [1, 1, 0])


@pytest.mark.parametrize(
    ("loss", "labels", "logits"),
    [
        (lib.softmax_cross_entropy, [1, 0, 1], [[0, 1], [0, 1], [0, 1]]),
        (lib.sigmoid_cross_entropy, [1, 0, 1], [[1], [1], [1]]),
        (lib.categorical_cross_entropy, [[0.0, 1], [1, 0], [0, 1]], [[0, 1], [0, 1], [0, 1]]),
    ],
)
def test_training_reports_the_accuracy_that_goes_with_its_loss(loss, labels, logits):
    model = lib.LinearRegression() if len(logits[0]) == 1 else lib.DeepLinear((2,))
    inputs = np.zeros((3, 1), np.float32)
    state = lib.create_state(model, optax.sgd(0.0), inputs, jax.random.key(0), loss)
    (layer,) = state.params
    params = {layer: dict(state.params[layer], bias=jnp.asarray(logits[0], jnp.float32))}
    found = lib.evaluate(state.replace(params=params), inputs, np.asarray(labels))
    assert found["accuracy"] == pytest.approx(2 / 3)
