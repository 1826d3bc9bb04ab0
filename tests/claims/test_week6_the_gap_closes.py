"""Week 6's claim: augmentation and dropout close part of the gap of week 5's network.

There are five seeds, each with different images. With a few hundred images, a single seed leaves
much to luck, so the claim is about all five: on average the network recognises new images better,
and the gap between training and test images is smaller.
"""

import jax
import numpy as np
import optax
import pytest

import lib
from solutions.week6 import train_augmented

TRAIN_SIZE, TEST_SIZE, EDGE, SEEDS, WEEK5_EPOCHS = 300, 600, 46, 5, 24


def accuracies(state: lib.TrainState, data: lib.Dataset) -> np.ndarray:
    """Measures the accuracy on training and on test images."""
    return np.array([lib.evaluate(state, *split)["accuracy"] for split in (data.train, data.test)])


@pytest.mark.slow
def test_augmentation_and_dropout_close_part_of_the_gap():
    better, closer = [], []
    for seed in range(SEEDS):
        data = lib.load(
            "cats_and_dogs", train_size=TRAIN_SIZE, test_size=TEST_SIZE, edge=EDGE, seed=seed
        )
        key = jax.random.key(seed)
        state = lib.create_state(lib.cats_and_dogs(), optax.adam(0.001), data.train.images, key)
        plain, _ = lib.fit(
            state, *data.train, epochs=WEEK5_EPOCHS, batch_size=20, key=key, verbose=0
        )
        augmented = state.replace(params=train_augmented(*data.train, key))
        without, with_both = accuracies(plain, data), accuracies(augmented, data)
        better.append(with_both[1] - without[1])
        closer.append((without[0] - without[1]) - (with_both[0] - with_both[1]))
    assert np.mean(better) > 0.02, better
    assert np.mean(closer) > 0.03 and min(closer) > 0, closer
