"""The inputs of a network: every function warns of pictures outside the range 0 to 1."""

import warnings

import jax
import numpy as np
import optax
import pytest

import lib

PICTURES = np.random.default_rng(0).integers(0, 256, (12, 6, 6, 1)).astype(np.uint8)
LABELS = np.arange(12, dtype=np.int32) % 2


@pytest.fixture(scope="module")
def state():
    model = lib.ConvClassifier((2,), hidden=2, classes=2)
    return lib.create_state(model, optax.sgd(0.01), PICTURES, jax.random.key(0))


@pytest.mark.parametrize("dtype", ["float32", "int64", "uint16"])
@pytest.mark.parametrize("what", ["fit", "evaluate", "predict"])
def test_pictures_of_0_to_255_that_are_not_uint8_are_told(state, what, dtype):
    work = {
        "fit": lambda images: lib.fit(state, images, LABELS, epochs=1, verbose=0),
        "evaluate": lambda images: lib.evaluate(state, images, LABELS),
        "predict": lambda images: lib.predict(state, images),
    }[what]
    with pytest.warns(
        UserWarning, match="values up to 25[0-9], but a network expects 0 to 1: divide"
    ):
        work(PICTURES.astype(dtype))


@pytest.mark.parametrize(
    "images",
    [
        PICTURES,
        PICTURES / np.float32(255),
        PICTURES.astype(np.float32) - 128,  # standardised in some way: both signs
        np.eye(4)[:, :, None, None],
        np.full((3, 2), 300.0),  # no pictures
        np.full((3, 4, 4, 16), 300.0),  # features of another network
        [[[[300.0]]]],
        (PICTURES[:1], PICTURES[0]),
        np.zeros((0, 2, 2, 1)),
    ],
)
def test_other_ranges_are_fine(images):
    from lib.inputs import warn_of_range

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_range(images)


def test_pictures_without_channels_are_told_as_well():
    from lib.inputs import warn_of_range

    images = np.arange(128.0).reshape(2, 8, 8) * 2
    with pytest.warns(UserWarning, match="up to 254"):
        warn_of_range(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for fine in (images / 255, images * 9, images + 0.5, images[:, :4], images.astype("uint8")):
            warn_of_range(fine)
        warn_of_range(images[:0])
