"""The stand-ins: the same bits everywhere, balanced, and different where they must differ."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

import lib.data
from lib.data.drawn import embedded
from lib.data.drawn.drawing import GRID, distance_to, fill, soften, spline

SETS = ("mnist", "fashion_mnist")
HUGE = 2**127 + 12345

# SHA-256 of images and labels. They change only with embedded.VERSION: if you change a drawing,
# increase the version and measure every accuracy target again.
CHECKSUMS = {
    ("mnist", "train"): (
        "f468be80bfd810baf2c27104b6f1960b94779a91d961b3b86333949152f03b13",
        "0591ffeaf4db82316d39dd1bc35d646700683d1ee19a3beb129fad5d728818da",
    ),
    ("mnist", "test"): (
        "175d6de53f5c422e06409b6413c06d4346d3b1cf3b9f68901d4bc5885c9f0f5c",
        "c35fc09eb742e41962a44fe8c208508f805fd2dddd494a47645aa080c5f3968a",
    ),
    ("mnist", "fresh"): (
        "86303486ae961b4581fe21c6cae6cc329ae25cd6251df69c8e5ae67dcb5b7153",
        "8277926b0cb8c8f4928a6d5a94866a12d6d39590bce41087b6b6b87145694159",
    ),
    ("fashion_mnist", "train"): (
        "cdff49e346532c3a55c67b46c80bc72de7a13e3edc62dbbf8042e173506b4962",
        "018572aa52511285cf2e0f905d58612f6ef07822b9d205dcc1f0013eb9855bce",
    ),
    ("fashion_mnist", "test"): (
        "b5118820313bd303222f52a58853c27140d80aca7e8a671987d7549dd4003a52",
        "dd4c545a4e06539f3cd0721fafea74b7b635601adf096fe0a0633456b4fef67a",
    ),
    ("fashion_mnist", "fresh"): (
        "da6caf97493f2a4be4431cfcd0e67efb37f97cc9d0500ea5e30d3b059d15a11b",
        "a9ed325daf07758f189cddc676d165ec0b94e7121e1f109c6489f8a78476126e",
    ),
}


def digest(array: np.ndarray, dtype: str) -> str:
    return hashlib.sha256(array.astype(dtype).tobytes()).hexdigest()


def test_version_is_the_one_the_checksums_belong_to():
    assert embedded.VERSION == "1"


@pytest.mark.parametrize("name", SETS)
def test_pictures_are_the_same_bits_everywhere(name):
    data = lib.data.load(name, train_size=1000, test_size=500)
    for part, split in (
        ("train", data.train),
        ("test", data.test),
        ("fresh", lib.data.draw(name, 700, HUGE)),
    ):
        found = (digest(split.images, "u1"), digest(split.labels, "<i4"))
        assert found == CHECKSUMS[name, part]


@pytest.mark.parametrize("name", SETS)
def test_shapes_and_types(name):
    data = lib.data.load(name, train_size=230, test_size=1)
    assert data.train.images.shape == (230, 28, 28, 1)
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.shape == (230,)
    assert data.train.labels.dtype == np.int32
    assert data.test.images.shape == (1, 28, 28, 1)
    assert len(data.class_names) == 10
    assert not data.is_real
    assert data.source == "embedded"


def test_default_sizes_are_those_of_the_originals():
    data = lib.data.load("fashion_mnist")
    assert len(data.train.labels) == len(data.train.images) == 60_000
    assert len(data.test.labels) == len(data.test.images) == 10_000


def test_class_names_stand_in_the_order_of_the_originals():
    clothes = lib.data.load("fashion_mnist", train_size=1, test_size=1).class_names
    assert clothes == (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    digits = lib.data.load("mnist", train_size=1, test_size=1).class_names
    assert digits == tuple("0123456789")


@pytest.mark.parametrize("name", SETS)
def test_classes_are_balanced_and_in_random_order(name):
    labels = lib.data.draw(name, 2000, 5).labels
    assert np.bincount(labels, minlength=10).tolist() == [200] * 10
    assert 0.03 < np.mean(labels[1:] == labels[:-1]) < 0.16


@pytest.mark.parametrize("name", SETS)
def test_a_smaller_set_is_the_beginning_of_a_larger_one(name):
    small, large = lib.data.draw(name, 150, 9), lib.data.draw(name, 1000, 9)
    assert np.array_equal(small.images, large.images[:150])
    assert np.array_equal(small.labels, large.labels[:150])


@pytest.mark.parametrize("name", SETS)
def test_train_test_and_fresh_pictures_are_all_different(name):
    data = lib.data.load(name, train_size=2000, test_size=2000)
    fresh = [lib.data.draw(name, 2000, seed) for seed in (0, 1, HUGE)]
    pictures = [data.train.images, data.test.images, *(split.images for split in fresh)]
    seen = {image.tobytes() for images in pictures for image in images}
    assert len(seen) == 2000 * len(pictures)


def test_the_seed_decides():
    first = lib.data.load("mnist", train_size=100, test_size=0, seed=1).train
    again = lib.data.load("mnist", train_size=100, test_size=0, seed=1).train
    other = lib.data.load("mnist", train_size=100, test_size=0, seed=2).train
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


@pytest.mark.parametrize("name", SETS)
def test_every_class_looks_like_itself_on_average(name):
    """The mean picture of a class is closest to the mean of the same class in fresh pictures."""
    data = lib.data.load(name, train_size=4000, test_size=0).train
    fresh = lib.data.draw(name, 4000, 77)

    def means(split):
        return np.stack([split.images[split.labels == k].mean(axis=0).ravel() for k in range(10)])

    distances = np.linalg.norm(means(data)[:, None] - means(fresh)[None], axis=2)
    assert distances.argmin(axis=1).tolist() == list(range(10))


@pytest.mark.parametrize("name", SETS)
def test_pictures_are_light_on_dark_and_use_the_grey_scale(name):
    images = lib.data.draw(name, 500, 3).images
    assert np.median(images[:, :2]) < 32
    assert (images.max(axis=(1, 2, 3)) > 60).mean() > 0.98
    assert images.max() > 240


def test_importing_the_data_needs_neither_pictures_nor_tfds_nor_matplotlib():
    code = (
        "import sys, types\n"
        "package = types.ModuleType('lib'); package.__path__ = ['lib']\n"
        "sys.modules['lib'] = package\n"  # the package itself imports jax; the data does not
        "import lib.data\n"
        "lib.data.draw('mnist', 100, 0); lib.data.grey_picture()\n"
        "heavy = {'jax', 'PIL', 'tensorflow_datasets', 'matplotlib', 'tensorflow'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr


def test_a_stand_in_says_that_it_is_one():
    data = lib.data.load("fashion_mnist", train_size=1200, test_size=30)
    assert "stand-in for Fashion-MNIST" in data.describe()
    assert "1,200 training and 30 test images of 10 classes" in repr(data)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "kmnist"}, "There is no data set called 'kmnist' here; use"),
        ({"name": "mnist", "train_size": -1}, "cannot have -1 images"),
        ({"name": "mnist", "seed": -3}, "The seed is -3"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(arguments, words):
    with pytest.raises(lib.data.DataError, match=words):
        lib.data.load(**arguments)


def test_fill_agrees_with_the_area_of_a_triangle_and_a_hole():
    square = [[4.0, 4.0], [24.0, 4.0], [24.0, 24.0], [4.0, 24.0]]
    triangle = [[4.0, 4.0], [24.0, 4.0], [4.0, 24.0], [4.0, 4.0]]
    areas = fill(np.array([square, triangle])).sum(axis=(1, 2)) / (GRID / 28) ** 2
    assert areas[0] == pytest.approx(400, rel=0.01)
    assert areas[1] == pytest.approx(200, rel=0.03)


def test_distance_agrees_with_numpy():
    curve = spline(np.array([[[4.0, 6.0], [15.0, 9.0], [22.0, 21.0]]]), samples=40)
    cells = (np.arange(GRID) + 0.5) * 28 / GRID
    across, down = np.meshgrid(cells, cells)
    exact = np.hypot(across[..., None] - curve[0, :, 0], down[..., None] - curve[0, :, 1]).min(-1)
    found = distance_to(curve)[0] / 16
    rounding = 1 / 16 + 1 / 12 + 2**0.5 / 24  # of the result, the root, and the positions
    assert np.abs(found - np.minimum(exact, 255 / 16)).max() < rounding


def test_spline_goes_through_its_points_and_closes():
    points = np.array([[[3.0, 3.0], [20.0, 5.0], [14.0, 22.0]]])
    open_curve = spline(points, samples=5)
    assert np.array_equal(open_curve[:, ::5], points)
    closed = spline(points, samples=5, closed=True)
    assert np.array_equal(closed[:, ::5], points)
    assert closed.shape[1] == 15


def test_soften_is_the_mean_of_nine_cells():
    picture = np.zeros((1, GRID, GRID), np.uint8)
    picture[0, 10, 10] = 255
    assert soften(picture)[0, 9:12, 9:12].tolist() == [[28] * 3] * 3
    assert soften(picture).sum() == 28 * 9
