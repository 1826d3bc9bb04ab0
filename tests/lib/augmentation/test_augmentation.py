"""Augmentation: Keras and SciPy agree on the same parameters; the key decides what is random."""

import os
import warnings

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import ndimage

import lib
from lib.augmentation import affine, augment
from lib.augmentation.affine import FILL_MODES
from lib.augmentation.augment import Augment
from lib.train import batches

SLOW = pytest.mark.slow
SCIPY_MODES = {"constant": "grid-constant", "wrap": "grid-wrap"}
EVERYTHING = Augment(
    rotation=40,
    width_shift=0.2,
    height_shift=0.1,
    shear=10,
    zoom=0.2,
    horizontal_flip=True,
    vertical_flip=True,
    brightness=(0.7, 1.3),
    channel_shift=0.1,
)


def random_pictures(seed: int, *shape: int) -> np.ndarray:
    """Noise in grey levels 0…255: the hardest picture to interpolate."""
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


def by_scipy(image: np.ndarray, matrix: np.ndarray, fill_mode: str, cval: float) -> np.ndarray:
    channels = [
        ndimage.affine_transform(
            channel.astype(np.float64),
            matrix[:2, :2],
            matrix[:2, 2],
            order=1,
            mode=SCIPY_MODES.get(fill_mode, fill_mode),
            cval=cval,
        )
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(channels, -1)


def by_keras(image: np.ndarray, fill_mode: str, **parameters: float) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from keras.src.legacy.preprocessing.image import apply_affine_transform

        return apply_affine_transform(
            image, **parameters, row_axis=0, col_axis=1, channel_axis=2, fill_mode=fill_mode
        )


def same_parameters(rng: np.random.Generator, edge: int) -> tuple[dict[str, float], jax.Array]:
    """Parameters for Keras, and our matrix made of the same."""
    rotation, shear = rng.uniform(-180, 180), rng.uniform(-20, 20)
    tx, ty = rng.uniform(-0.3, 0.3, 2) * edge
    zx, zy = rng.uniform(0.6, 1.4, 2)
    matrix = (
        np.asarray(affine.rotation_matrix(rotation), np.float64)
        @ affine.shift_matrix(ty, tx)  # Keras's tx moves columns
        @ affine.shear_matrix(shear)
        @ affine.zoom_matrix(zy, zx)
    )
    return (
        {"theta": rotation, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy},
        affine.about_centre(matrix, edge, edge),
    )


@pytest.mark.parametrize("edge", [28, pytest.param(150, marks=SLOW)])
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect"])
def test_keras_makes_the_same_picture_everywhere(fill_mode, edge):
    rng = np.random.default_rng(edge)
    for seed in range(5):
        image = random_pictures(seed, edge, edge, 3)
        parameters, matrix = same_parameters(rng, edge)
        ours = lib.affine_transform(image[None], matrix, fill_mode)[0]
        assert np.abs(ours - by_keras(image, fill_mode, **parameters)).max() < 1


@pytest.mark.parametrize("edge", [28, pytest.param(150, marks=SLOW)])
@pytest.mark.parametrize("fill_mode", ["constant", "wrap"])
def test_keras_makes_the_same_picture_in_the_interior(fill_mode, edge):
    rng = np.random.default_rng(edge + 1)
    for seed in range(5):
        image = random_pictures(seed, edge, edge, 3)
        parameters, matrix = same_parameters(rng, edge)
        ours = np.asarray(lib.affine_transform(image[None], matrix, fill_mode)[0])
        places = np.stack([*np.indices((edge, edge)), np.ones((edge, edge))], -1) @ matrix.T
        inside = np.all((places[..., :2] >= 0) & (places[..., :2] <= edge - 1), axis=-1)
        assert inside.mean() > 0.1
        assert np.abs(ours - by_keras(image, fill_mode, **parameters))[inside].max() < 1


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize(
    "shape",
    [
        (40, 61, 3),
        (1, 7, 2),
        pytest.param((61, 40, 1), marks=SLOW),
        pytest.param((9, 1, 3), marks=SLOW),
    ],
)
def test_scipy_makes_the_same_picture_everywhere(fill_mode, shape):
    rng = np.random.default_rng(3)
    images = random_pictures(5, 6, *shape)
    matrices = np.stack([np.eye(3)] * 6)
    matrices[:, :2, :2] = rng.uniform(-2, 2, (6, 2, 2))
    matrices[:, :2, 2] = rng.uniform(-3 * shape[0], 3 * shape[0], (6, 2))
    ours = lib.affine_transform(images, matrices, fill_mode, 99.0)
    for image, matrix, one in zip(images, matrices, ours, strict=True):
        right = by_scipy(image, matrix.astype(np.float32), fill_mode, 99.0)
        assert np.abs(one - right).max() < 1


@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_what_is_far_outside_is_filled_as_well(fill_mode):
    images = random_pictures(0, 1, 8, 8, 1)
    matrix = np.array([[200.0, 30, 5000], [-10, 90, -3000], [0, 0, 1]], np.float32)
    ours = lib.affine_transform(images, matrix, fill_mode, 7.0)[0]
    assert np.abs(ours - by_scipy(images[0], matrix, fill_mode, 7.0)).max() < 2


def test_nothing_to_do_changes_no_bit():
    images = random_pictures(0, 3, 31, 20, 3)
    for fill_mode in FILL_MODES:
        assert np.array_equal(lib.affine_transform(images, np.eye(3), fill_mode), images)


def test_a_quarter_turn_goes_counterclockwise():
    image = np.zeros((5, 5, 1), np.float32)
    image[2, 4] = 1  # on the right
    turn = affine.about_centre(affine.rotation_matrix(90.0), 5, 5)
    assert lib.affine_transform(image[None], turn)[0, 0, 2, 0] == 1  # is now at the top


def drawn(**changes) -> augment.Drawn:
    """Parameters that change nothing, except the given ones."""
    still = Augment().draw(jax.random.key(0), 1)
    return still._replace(**{name: jnp.array([value]) for name, value in changes.items()})


@pytest.mark.parametrize(
    "change, right",
    [
        ({"horizontal_flip": True}, lambda x: x[:, ::-1]),
        ({"vertical_flip": True}, lambda x: x[::-1]),
        ({"horizontal_flip": True, "vertical_flip": True}, lambda x: x[::-1, ::-1]),
        ({"row_shift": 0.2}, lambda x: np.concatenate([x[2:], x[-1:], x[-1:]])),
        ({"column_shift": 0.25}, lambda x: np.concatenate([x[:, 2:], x[:, -1:], x[:, -1:]], 1)),
    ],
)
def test_flips_and_shifts_move_whole_pixels(change, right):
    images = random_pictures(1, 1, 10, 8, 3) / 255
    changed = Augment(rotation=1).apply(drawn(**change), jnp.asarray(images))
    np.testing.assert_allclose(changed[0], right(images[0]), atol=1e-6)


def test_all_moves_make_one_matrix_in_keras_order():
    """First Keras's transform, then its flips."""
    image = random_pictures(2, 50, 50, 3)
    one = drawn(
        rotation=25.0, row_shift=0.1, column_shift=-0.2, shear=12.0, row_zoom=0.8, column_zoom=1.2
    )
    flipped = one._replace(horizontal_flip=jnp.array([True]))
    parameters = {"theta": 25, "tx": -10, "ty": 5, "shear": 12, "zx": 1.2, "zy": 0.8}
    right = by_keras(image, "reflect", **parameters)[:, ::-1]
    ours = Augment(rotation=1, fill_mode="reflect").apply(flipped, jnp.asarray(image[None] / 255))
    assert np.abs(255 * np.asarray(ours[0]) - right).max() < 1


def test_brightness_and_channel_shift_stay_within_the_range():
    images = random_pictures(3, 1, 6, 6, 3) / 255
    brighter = Augment(brightness=(0.5, 2.0)).apply(drawn(brightness=1.5), images)
    np.testing.assert_allclose(brighter, np.minimum(images * 1.5, 1), rtol=1e-6)
    shifted = Augment(channel_shift=0.5).apply(drawn(channel_shift=-0.3), images)
    np.testing.assert_allclose(shifted, np.maximum(images - np.float32(0.3), 0), atol=1e-6)


def test_a_change_of_brightness_is_that_of_keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from keras.src.legacy.preprocessing.image import apply_brightness_shift
    image = random_pictures(4, 40, 40, 3)
    image[0, 0], image[0, 1] = 0, 255  # the full range: Keras has nothing to stretch
    ours = Augment(brightness=(0.5, 2.0)).apply(drawn(brightness=0.7), image[None] / 255)
    assert np.abs(255 * np.asarray(ours[0]) - apply_brightness_shift(image, 0.7)).max() <= 1


def test_what_is_drawn_lies_in_its_range_and_is_spread_over_it():
    found = EVERYTHING.draw(jax.random.key(4), 4_000)
    ranges = {
        "rotation": (-40, 40),
        "row_shift": (-0.1, 0.1),
        "column_shift": (-0.2, 0.2),
        "shear": (-10, 10),
        "row_zoom": (0.8, 1.2),
        "column_zoom": (0.8, 1.2),
        "brightness": (0.7, 1.3),
        "channel_shift": (-0.1, 0.1),
    }
    for name, (least, most) in ranges.items():
        values = np.asarray(getattr(found, name))
        assert values.shape == (4_000,)
        assert least <= values.min() < least + 0.01 * (most - least), name
        assert most >= values.max() > most - 0.01 * (most - least), name
        assert abs(values.mean() - (least + most) / 2) < 0.05 * (most - least), name
    assert 0.45 < found.horizontal_flip.mean() < 0.55
    assert 0.45 < found.vertical_flip.mean() < 0.55
    related = np.corrcoef(np.stack([np.asarray(values, np.float32) for values in found]))
    assert np.abs(related - np.eye(len(related))).max() < 0.1


def test_the_key_decides():
    images = random_pictures(0, 4, 20, 20, 3) / 255
    first = EVERYTHING(jax.random.key(1), images)
    assert np.array_equal(first, EVERYTHING(jax.random.key(1), images))
    assert not np.array_equal(first, EVERYTHING(jax.random.key(2), images))
    same = EVERYTHING(jax.random.key(1), np.stack([images[0]] * 2))
    assert not np.array_equal(same[0], same[1]), "each picture has its own parameters"


def test_stored_pictures_are_scaled_and_the_range_is_kept():
    images = np.random.default_rng(0).integers(0, 256, (5, 24, 17, 3)).astype(np.uint8)
    for fill_mode in FILL_MODES:
        changed = Augment(rotation=90, zoom=(0.5, 2.0), fill_mode=fill_mode)(
            jax.random.key(0), images
        )
        assert changed.shape == images.shape and changed.dtype == jnp.float32
        assert 0 <= changed.min() and changed.max() <= 1


def test_an_augmentation_can_be_hashed_and_is_compiled_once():
    assert hash(Augment(zoom=[0.9, 1.1])) == hash(Augment(zoom=(0.9, 1.1)))
    assert Augment(zoom=0.25) == Augment(zoom=(0.75, 1.25))
    images = random_pictures(0, 4, 13, 11, 3) / 255
    before = augment._augment._cache_size()
    for seed in range(3):
        Augment(rotation=3.5)(jax.random.key(seed), images)
    assert augment._augment._cache_size() == before + 1


def state_for(images, augment=None, learning_rate=0.0):
    model = lib.ConvClassifier((4,), hidden=8, classes=2)
    return lib.create_state(
        model, optax.sgd(learning_rate), images, jax.random.key(0), augment=augment
    )


def test_a_fit_with_it_compiles_once_and_is_told_by_its_key():
    images = random_pictures(0, 12, 18, 18, 3).astype(np.uint8)
    labels = np.arange(12) % 2
    before = batches.train_on_arrays._cache_size()
    state = state_for(images, EVERYTHING, learning_rate=0.1)
    runs = [
        lib.fit(state, images, labels, epochs=3, batch_size=5, key=jax.random.key(k), verbose=0)[0]
        for k in (0, 0, 1)
    ]
    assert batches.train_on_arrays._cache_size() == before + 1
    first, again, other = (jax.tree.leaves(run.params)[-1] for run in runs)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_training_pictures_change_from_step_to_step_and_others_never():
    images = random_pictures(0, 6, 18, 18, 3).astype(np.uint8)
    labels = np.arange(6) % 2
    plain, augmented = state_for(images), state_for(images, EVERYTHING)
    assert lib.evaluate(plain, images, labels) == lib.evaluate(augmented, images, labels)
    assert np.array_equal(lib.predict(plain, images), lib.predict(augmented, images))

    def losses(state):
        _, history = lib.fit(state, images, labels, epochs=3, batch_size=6, verbose=0)
        return history["loss"]

    # The learning rate is 0, so that only the pictures can change the loss.
    assert np.ptp(losses(plain)) < 1e-6
    assert len(set(losses(augmented))) == 3


def test_an_augmentation_may_change_the_size():
    images = random_pictures(0, 6, 20, 20, 3).astype(np.uint8)
    state = state_for(images[:, :10, :10], lambda key, images: images[:, ::2, ::2])
    lib.fit(state, images, np.arange(6) % 2, verbose=0)
    counted = state.replace(metrics=(*state.metrics, ("recall", lib.metrics.Recall())))
    _, history = lib.fit(counted, images, np.arange(6) % 2, verbose=0)
    assert 0 <= history["recall"][0] <= 1


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"fill_mode": "mirror"}, "one of nearest, constant, reflect, wrap"),
        ({"rotation": -10}, "must be one number, 0 or more, the largest change in both directions"),
        (
            {"rotation": (-40, 40)},
            "must be one number, 0 or more, the largest change in both directions",
        ),
        ({"shear": None}, "must be one number, 0 or more, the largest change in both directions"),
        ({"width_shift": 20}, "a fraction of the picture"),
        ({"zoom": (1.2, 0.8)}, "the smaller first"),
        ({"zoom": 1.5}, "two factors"),
        ({"zoom": None}, "two factors"),
        ({"brightness": 0.2}, "two factors"),
        ({"brightness": ("0.5", "1")}, "two factors"),
        ({"cval": 7}, "a colour, 0 to 1"),
        ({"zoom": 1.0}, "could leave nothing of the picture"),
        ({"brightness": (0.5, 0.8, 1.0)}, "two factors"),
        ({"channel_shift": 20.0}, "divide by 255"),
    ],
)
def test_what_cannot_be_meant_is_told(wrong, words):
    with pytest.raises(ValueError, match=words):
        Augment(**wrong)


def test_factors_may_be_numpys():
    pair = np.array([0.5, 1.0])
    assert Augment(zoom=pair, brightness=pair) == Augment(zoom=(0.5, 1.0), brightness=(0.5, 1.0))


def test_one_picture_is_no_batch():
    image = np.zeros((8, 8, 3), np.float32)
    with pytest.raises(ValueError, match=r"images\[None\] makes a batch"):
        Augment(rotation=10)(jax.random.key(0), image)
    with pytest.raises(ValueError, match=r"images\[None\] makes a batch"):
        lib.affine_transform(image, np.eye(3))
    with pytest.raises(ValueError, match="must be one of .*; got 'mirror'"):
        lib.affine_transform(image[None], np.eye(3), "mirror")


@pytest.mark.parametrize("pixels", [1, -1, 7, -7, 70_001, -70_001, 1_000_003, -1_000_003])
def test_patterns_go_on_far_outside(pixels):
    image = np.random.default_rng(0).uniform(size=(1, 7, 5, 1)).astype(np.float32)
    rows = np.arange(7) + pixels
    turned = rows % 14
    for mode, places in (("wrap", rows % 7), ("reflect", np.minimum(turned, 13 - turned))):
        moved = lib.affine_transform(image, affine.shift_matrix(pixels, 0), mode)
        np.testing.assert_array_equal(moved, image[:, places])


@pytest.mark.parametrize(
    "size", [7, 150, *(pytest.param(n, marks=SLOW) for n in (1, 2, 301, 4096))]
)
def test_the_remainder_is_exact_up_to_four_million_pixels_outside(size):
    near = np.arange(-20_000, 20_000)
    edges = np.arange(-(2**22), 2**22, size)[:, None] + [-1, 0, 1]
    places = np.concatenate([near, edges.ravel()[1:-1].clip(-(2**22), 2**22 - 1)]).astype(np.int32)
    np.testing.assert_array_equal(affine._modulo(places, size), places % size)
