"""The examples that are held back: always the same ones, with every class in proportion."""

import numpy as np
import pytest

from lib.data.dataset import Split
from lib.data.splitting import held_out, held_out_of_each, split_off

LABELS = np.repeat([0, 1, 5], [10, 4, 6])


def test_the_choice_never_changes():
    """Accuracies on the real sets belong to these pictures."""
    assert np.flatnonzero(held_out(LABELS, 7, 0)).tolist() == [1, 3, 6, 8, 11, 14, 18]
    assert np.flatnonzero(held_out(LABELS, 7, 1)).tolist() == [1, 3, 4, 6, 13, 15, 17]


@pytest.mark.parametrize("size", range(21))
def test_classes_are_in_proportion(size):
    counts = np.bincount(LABELS[held_out(LABELS, size, 3)], minlength=6)[[0, 1, 5]]
    assert counts.sum() == size
    assert np.abs(counts - size * np.array([10, 4, 6]) / 20).max() < 1


def test_a_larger_choice_contains_the_smaller():
    assert not (held_out(LABELS, 5, 2) & ~held_out(LABELS, 9, 2)).any()


def test_the_order_of_the_labels_does_not_favour_anyone():
    often = np.mean([held_out(np.zeros(8, int), 2, seed) for seed in range(2000)], axis=0)
    assert np.abs(often - 0.25).max() < 6 * (0.25 * 0.75 / 2000) ** 0.5


def test_splitting_off_keeps_images_with_their_labels():
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    rest, taken = split_off(Split(images, LABELS), 7, 0)
    assert taken.images.ravel().tolist() == [1, 3, 6, 8, 11, 14, 18]
    assert taken.labels.tolist() == LABELS[[1, 3, 6, 8, 11, 14, 18]].tolist()
    assert sorted([*rest.images.ravel(), *taken.images.ravel()]) == list(range(20))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("counts", "share", "chosen"),
    [
        ([10, 1], 0.5, [5, 0]),  # the only one stays to learn from
        ([30, 3], 0.2, [6, 1]),  # each class is seen in both parts
        ([30, 30, 1], 0.2, [6, 6, 0]),
        ([30, 2], 0.2, [6, 0]),
        ([2, 2], 0.99, [1, 1]),
        ([40, 20], 0.25, [10, 5]),
        ([4, 4], 0.0, [0, 0]),
    ],
)
def test_no_class_disappears(counts, share, chosen, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    found = held_out_of_each(labels, share, seed)
    assert np.bincount(labels[found], minlength=len(counts)).tolist() == chosen


def test_what_has_examples_enough_is_chosen_as_before():
    again = held_out_of_each(LABELS, 0.35, 1)
    assert np.array_equal(again, held_out(LABELS, 7, 1))
