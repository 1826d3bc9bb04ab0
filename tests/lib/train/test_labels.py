"""Labels that a model could never predict, or always would, are refused."""

import numpy as np
import optax
import pytest

import lib
from lib.train.examples import check_labels


@pytest.mark.parametrize(
    "loss",
    [
        lib.softmax_cross_entropy,
        lib.categorical_cross_entropy,
        optax.softmax_cross_entropy,
        optax.softmax_cross_entropy_with_integer_labels,
    ],
)
def test_a_loss_that_compares_outputs_needs_more_than_one(loss):
    with pytest.raises(ValueError, match="single output.*sigmoid_cross_entropy"):
        check_labels(np.array([[0], [1]]), loss, 1)


@pytest.mark.parametrize(
    ("loss", "labels", "sentence"),
    [
        (optax.softmax_cross_entropy_with_integer_labels, [0, 3], "takes 0 to 2"),
        (optax.sigmoid_binary_cross_entropy, [1, 2], "takes 0 and 1"),
        (lib.sigmoid_cross_entropy, [-1, 1], "takes 0 and 1"),
    ],
)
def test_labels_that_are_no_class_are_refused_whoever_wrote_the_loss(loss, labels, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_labels(np.array(labels), loss, 3)


def test_a_loss_that_is_not_known_is_left_alone():
    check_labels(np.array([[-4.0]]), lib.squared_error, 1)
