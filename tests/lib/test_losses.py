"""Losses by hand in NumPy, and the shape slips that they refuse."""

import jax.numpy as jnp
import numpy as np
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
