"""The grey picture: the same bits everywhere, and worth filtering."""

import hashlib

import numpy as np
import pytest

from lib.data import grey_picture


@pytest.fixture(scope="module")
def picture():
    return grey_picture()


def test_picture_is_the_same_bits_everywhere(picture):
    assert hashlib.sha256(picture.tobytes()).hexdigest() == (
        "93e2c799a09318111c07dc71a0ed5df40e5240752479690485b01827a01894fc"
    )


def test_shape_and_greys(picture):
    assert picture.shape == (512, 512)
    assert picture.dtype == np.uint8
    assert len(np.unique(picture)) > 200
    assert 90 < picture.mean() < 170


def test_other_seeds_give_other_pictures(picture):
    assert not np.array_equal(picture, grey_picture(2**127 + 1))
    assert np.array_equal(picture, grey_picture(0))


def test_it_has_vertical_edges_horizontal_edges_and_smooth_parts(picture):
    grey = picture.astype(int)
    across = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2])
    down = np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1])
    strong = 60
    assert ((across > strong) & (down < strong // 3)).mean() > 0.01
    assert ((down > strong) & (across < strong // 3)).mean() > 0.01
    assert ((across < strong // 3) & (down < strong // 3)).mean() > 0.4
