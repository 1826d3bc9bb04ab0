"""Hands, signs and flowers: the same bits everywhere, and no brightness reveals the class."""

import hashlib

import numpy as np
import pytest

import lib.data
from lib.data.drawn.scenes import VERSIONS, draw_scenes, sign_language_mnist
from lib.data.drawn.scenes.flowers import LONG, directions, rosette
from lib.data.drawn.scenes.hand import SKINS, any_skin
from lib.data.drawn.scenes.painting import Canvas, Dice
from lib.data.rng import RngBits

SETS = ("rock_paper_scissors", "sign_language_mnist", "flowers")
EDGES = {"rock_paper_scissors": 48, "sign_language_mnist": 28, "flowers": 48}
HUGE = 2**127 + 12345

# SHA-256 of pictures and labels together, of training pictures and of fresh ones at the set's own
# edge. They change only with the set's version: if you change a picture, increase the version and
# measure every accuracy target again.
CHECKSUMS = {
    "rock_paper_scissors": (
        "1a97c0d0389ff7a062a2909db1ad514d588f6ecdc968dff7bde193597b285d76",
        "6cdb530e90f1ad166465480558ad5b8b22219dd63a35ff5e3c577e1604c6d2ed",
    ),
    "sign_language_mnist": (
        "d56f8ad3767b56423aed3de6bfa8b033db5e9873b32dba3e3d6645c592c6b192",
        "ebfd7ae4da00d4960e2975a08576ac7fe7739017afab3f40ea7e86e01328302b",
    ),
    "flowers": (
        "b59dad6a4416f6ed5a8175d7d5b9ff02771ec1a73a1429e9911fa2d351484a9e",
        "af390c86c2872c0a64765492d3e1fab2e7b707123ac1ff01d58bad7b2244e769",
    ),
}


def digest(split: lib.data.Split) -> str:
    labels = split.labels.astype("<i4").tobytes()
    return hashlib.sha256(split.images.tobytes() + labels).hexdigest()


@pytest.mark.parametrize("name", SETS)
def test_pictures_are_the_same_bits_everywhere(name):
    edge = None if name == "sign_language_mnist" else EDGES[name]
    train = lib.data.load(name, train_size=150, test_size=0, edge=edge).train
    assert VERSIONS[name] == "1"
    fresh = lib.data.draw(name, 30, HUGE)
    assert (digest(train), digest(fresh)) == CHECKSUMS[name]


@pytest.mark.parametrize("name", SETS)
def test_the_number_of_pictures_does_not_change_a_picture(name):
    edge = EDGES[name]
    many = draw_scenes(name, 130, 5, 2, edge)
    fewer = draw_scenes(name, 47, 5, 2, edge)
    assert np.array_equal(many.images[:47], fewer.images)
    assert np.array_equal(many.labels[:47], fewer.labels)


@pytest.mark.parametrize("name", SETS)
def test_pictures_are_all_different_and_use_the_range_of_grey_levels(name):
    images = lib.data.draw(name, 120, 3, None if EDGES[name] == 28 else EDGES[name]).images
    assert len({image.tobytes() for image in images}) == 120
    assert images.min() < 20
    assert images.max() > 235


@pytest.mark.parametrize("name", SETS)
def test_the_mean_colour_says_little_about_the_class(name):
    """The class with the nearest mean grey level is right hardly more often than by chance."""
    edge = None if EDGES[name] == 28 else 32
    train, fresh = (lib.data.draw(name, 480, seed, edge) for seed in (1, 2))
    classes = np.unique(train.labels)

    def levels(split):
        return split.images.mean(axis=(1, 2, 3))

    means = np.array([levels(train)[train.labels == k].mean() for k in classes])
    guesses = classes[np.abs(levels(fresh)[:, None] - means).argmin(axis=1)]
    assert np.mean(guesses == fresh.labels) < 1 / len(classes) + 0.12


def test_letters_that_need_movement_have_no_pictures():
    labels = lib.data.draw("sign_language_mnist", 48, 0).labels
    assert sorted(set(labels.tolist())) == [k for k in range(25) if k != 9]
    assert np.bincount(labels).max() == 2


def test_every_letter_has_a_drawing_of_a_hand():
    drawings = sign_language_mnist._drawings()
    covered = (drawings >> 8 & 255 > 127).mean(axis=1)
    variants = covered.reshape(26, -1)
    assert (variants[[9, 25]] == 0).all()
    assert (np.delete(variants, [9, 25], axis=0) > 0.1).all()
    assert (variants < 0.6).all()


def test_signs_have_one_size():
    labels = np.zeros(20, np.int32)
    with pytest.raises(ValueError, match="28 pixels wide and high, not 32"):
        sign_language_mnist.paint(RngBits(0), labels, 32)


def test_directions_are_those_of_numpy():
    shares = np.linspace(0, 0.999, 500)
    exact = np.stack([np.cos(2 * np.pi * shares), np.sin(2 * np.pi * shares)], axis=1)
    found = directions(shares)
    assert np.abs(found - exact).max() < 5e-4
    assert np.abs((found**2).sum(axis=1) - 1).max() < 1e-12


def test_a_rosette_has_as_many_petals_as_told():
    canvas = Canvas(200, 1)
    dice = Dice(RngBits(1))
    canvas.polygon(rosette(dice, 7, 0.1, 0.4, 0.08, LONG, uneven=0.0) + 0.5, (255,))
    shares = np.arange(2000) / 2000
    circle = 0.5 + 0.3 * directions(shares)
    at = np.floor(circle * 200).astype(int)
    ring = canvas.picture()[at[:, 1], at[:, 0], 0] > 127
    assert np.count_nonzero(ring & ~np.roll(ring, 1)) == 7


def test_skins_go_from_dark_to_light():
    brightness = np.array([np.mean(any_skin(Dice(RngBits(seed)))) for seed in range(300)])
    assert brightness.min() < np.mean(SKINS[-2])
    assert brightness.max() > np.mean(SKINS[1])
