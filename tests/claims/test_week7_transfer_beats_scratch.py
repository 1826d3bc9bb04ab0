"""Week 7's claim: with few images, a trained backbone beats training from scratch.

There are five seeds, each with different images. With a hundred images, a single seed leaves much
to luck, so the claim is about all five: the mean is well ahead, and no seed is far behind.
"""

import jax
import numpy as np
import optax
import pytest

import lib
from lib.transfer.backbone import EDGE

TRAIN_SIZE, TEST_SIZE, EPOCHS, SEEDS = 100, 400, 20, 5


def reached(data: lib.Dataset, variables: dict | None, seed: int) -> float:
    """Measures accuracy on fresh images, with a frozen backbone or, without one, from scratch."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    model = lib.TransferClassifier(lib.SmallBackbone(), lib.TransferHead(hidden=64))
    images, labels = data.train
    images = np.concatenate([images, images[:, :, ::-1]])
    labels = np.concatenate([labels, labels])
    optimizer, start = optax.rmsprop(optax.linear_schedule(0.001, 0.0, EPOCHS * 10)), None
    if variables is not None:
        start = lib.transfer_variables(model, variables, images, init_key)
        optimizer = lib.freeze(optimizer, start["params"], "backbone")
    state = lib.create_state(
        model, optimizer, images, init_key, loss=lib.sigmoid_cross_entropy, variables=start
    )
    state, _ = lib.fit(state, images, labels, epochs=EPOCHS, batch_size=20, key=fit_key, verbose=0)
    return lib.evaluate(state, *data.test)["accuracy"]


@pytest.mark.slow
def test_a_trained_backbone_beats_learning_from_scratch_on_a_hundred_pictures():
    _, variables = lib.backbone()
    ahead = []
    for seed in range(SEEDS):
        data = lib.load(
            "cats_and_dogs", train_size=TRAIN_SIZE, test_size=TEST_SIZE, edge=EDGE, seed=seed
        )
        ahead.append(reached(data, variables, seed) - reached(data, None, seed))
    assert np.mean(ahead) > 0.03, ahead
    assert min(ahead) > -0.03, ahead
