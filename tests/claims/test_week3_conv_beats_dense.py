"""Week 3's claim: on the same images, a convolutional network beats a dense one on every seed.

A small version of `python -m benchmarks.targets`, which measures the graded sizes over ten seeds.
"""

import jax
import optax
import pytest

import lib

TRAIN_SIZE, TEST_SIZE = 3_000, 2_000


def accuracy_after_training(model, data, epochs: int, seed: int) -> float:
    params_key, fit_key = jax.random.split(jax.random.key(seed))
    state = lib.create_state(model, optax.adam(0.001), data.train.images[:1], params_key)
    state, _ = lib.fit(state, *data.train, epochs=epochs, key=fit_key, verbose=0)
    return lib.evaluate(state, *data.test)["accuracy"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_conv_net_beats_both_dense_nets_on_fresh_pictures(seed):
    data = lib.load("fashion_mnist", train_size=TRAIN_SIZE, test_size=TEST_SIZE, seed=seed)
    conv = accuracy_after_training(lib.fashion_cnn(), data, epochs=3, seed=seed)
    # The dense networks train longer, so that they do not lose for lack of time.
    narrow = accuracy_after_training(lib.fashion_dense(), data, epochs=8, seed=seed)
    wide = accuracy_after_training(lib.mnist_dense(), data, epochs=8, seed=seed)
    assert conv > max(narrow, wide) + 0.02, f"conv {conv:.3f}, dense {narrow:.3f} and {wide:.3f}"
