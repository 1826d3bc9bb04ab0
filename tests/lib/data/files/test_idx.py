"""IDX folders: what is read, and the errors for wrong files."""

import gzip
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lib.data
from lib.data.files import idx

from ..conftest import NAMES, idx_bytes, small_set, write_set


def load_small(root, **sizes):
    return lib.data.load("mnist", root, **sizes)


@pytest.mark.parametrize("compress", [True, False])
def test_reads_plain_and_compressed_files(tmp_path, compress):
    arrays = small_set()
    write_set(tmp_path / "mnist", arrays, compress)
    data = load_small(tmp_path)
    assert np.array_equal(data.train.images[..., 0], arrays["train_images"])
    assert np.array_equal(data.train.labels, arrays["train_labels"])
    assert np.array_equal(data.test.images[..., 0], arrays["test_images"])
    assert np.array_equal(data.test.labels, arrays["test_labels"])
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.dtype == np.int32
    assert data.is_real
    assert data.source == str(tmp_path)


@pytest.mark.parametrize("spelling", ["fashion-mnist", "fashion_mnist"])
def test_the_folder_may_have_a_hyphen_or_an_underscore(tmp_path, spelling):
    write_set(tmp_path / spelling, small_set())
    assert len(lib.data.load("fashion_mnist", tmp_path).train.labels) == 50


def test_file_names_may_have_a_dot_before_idx(tmp_path):
    folder = write_set(tmp_path / "mnist", small_set(), compress=False)
    for name in NAMES.values():
        (folder / name).rename(folder / name.replace("-idx", ".idx"))
    assert len(load_small(tmp_path).test.labels) == 20


def test_other_files_than_the_published_ones_are_named_so(tmp_path):
    write_set(tmp_path / "mnist", small_set())
    assert "MNIST, not from the published files" in load_small(tmp_path).describe()


def test_a_part_is_drawn_from_the_whole_by_the_seed(tmp_path):
    arrays = small_set()
    write_set(tmp_path / "mnist", arrays)
    part = load_small(tmp_path, train_size=10, test_size=20, seed=3)
    everything = load_small(tmp_path).train
    whole = {image.tobytes(): label for image, label in zip(*everything, strict=True)}
    assert [whole[image.tobytes()] for image in part.train.images] == part.train.labels.tolist()
    assert len({image.tobytes() for image in part.train.images}) == 10
    again = load_small(tmp_path, train_size=10, seed=3).train.images
    other = load_small(tmp_path, train_size=10, seed=4).train.images
    assert np.array_equal(part.train.images, again)
    assert not np.array_equal(part.train.images, other)
    longer = load_small(tmp_path, train_size=15, seed=3).train.images
    assert np.array_equal(longer[:10], again)


@settings(max_examples=50, deadline=None)
@given(arrays_of.arrays(np.uint8, arrays_of.array_shapes(min_dims=3, max_dims=3, min_side=0)))
def test_every_array_comes_back(images):
    assert np.array_equal(idx.parse(idx_bytes(images), 3, Path("images")), images)


@settings(max_examples=50, deadline=None)
@given(
    head=st.one_of(
        st.binary(max_size=16),
        st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**32 - 1]), min_size=3, max_size=3).map(
            lambda shape: struct.pack(">4I", 2051, *shape)
        ),
    ),
    rest=st.binary(max_size=20),
)
def test_any_bytes_are_images_or_told_in_a_sentence(head, rest):
    try:
        images = idx.parse(head + rest, 3, Path("images"))
        assert idx_bytes(images) == head + rest
    except lib.data.DataError as error:
        assert_one_sentence(error)


def spoil(folder, key, change):
    path = folder / f"{NAMES[key]}.gz"
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


def test_more_than_there_is(tmp_path):
    write_set(tmp_path / "mnist", small_set())
    sentence = "There are only 50 training images of mnist, not 51; ask for fewer."
    with pytest.raises(lib.data.DataError, match=re.escape(sentence)):
        load_small(tmp_path, train_size=51)


BROKEN = {
    "cut short": (
        lambda content: content[:-3],
        "is cut short: its header promises 39,216 bytes, but it has 39,213; download it again",
    ),
    "too long": (lambda content: content + b"\0", "is too long"),
    "no head": (lambda content: content[:7], "has 7 bytes, too few for an IDX file"),
    "empty": (lambda content: b"", "has 0 bytes, too few for an IDX file"),
    "labels": (
        lambda content: idx_bytes(np.zeros(50, np.uint8)),
        "starts with the number 2049, but an IDX file of images starts with 2051",
    ),
    "html": (lambda content: b"<!DOCTYPE html><p>", "starts with the number"),
    "huge": (
        lambda content: content[:4] + b"\xff" * 12 + content[16:],
        "is cut short: its header promises",
    ),
    "other size": (
        lambda content: idx_bytes(np.zeros((50, 32, 32), np.uint8)),
        "have 32×32 pixels, but this course needs 28×28",
    ),
    "fewer images": (
        lambda content: idx_bytes(np.zeros((49, 28, 28), np.uint8)),
        "do not belong together: 49 images but 50 labels",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_image_file_is_told_in_a_sentence(tmp_path, kind):
    folder = write_set(tmp_path / "mnist", small_set())
    change, words = BROKEN[kind]
    spoil(folder, "train_images", change)
    with pytest.raises(lib.data.DataError, match=words) as caught:
        load_small(tmp_path)
    assert_one_sentence(caught.value)


def test_labels_out_of_range(tmp_path):
    arrays = small_set()
    arrays["test_labels"][4] = 10
    write_set(tmp_path / "mnist", arrays)
    with pytest.raises(
        lib.data.DataError, match="go up to 10, but mnist has only the labels 0 to 9"
    ):
        load_small(tmp_path)


def test_a_file_that_only_says_gz(tmp_path):
    folder = write_set(tmp_path / "mnist", small_set())
    path = folder / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.decompress(path.read_bytes()))
    with pytest.raises(lib.data.DataError, match="ends in .gz but is not compressed with gzip"):
        load_small(tmp_path)


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: c[:50] + b"\0" * 90])
def test_damaged_compression(tmp_path, damage):
    folder = write_set(tmp_path / "mnist", small_set())
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(lib.data.DataError, match="is cut short or damaged; download it again"):
        load_small(tmp_path)


def test_a_file_of_endless_zeros_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "MOST_BYTES", 100_000)
    folder = write_set(tmp_path / "mnist", small_set())
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(1_000_000)))
    with pytest.raises(lib.data.DataError, match="has more than 100,000 bytes"):
        load_small(tmp_path)


def test_missing_things(tmp_path):
    with pytest.raises(lib.data.DataError, match="There is no folder"):
        load_small(tmp_path / "nowhere")
    with pytest.raises(lib.data.DataError, match="has no fashion-mnist/ or fashion_mnist/; put"):
        lib.data.load("fashion_mnist", tmp_path)
    folder = write_set(tmp_path / "mnist", small_set())
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(lib.data.DataError, match=r"t10k-images-idx3-ubyte\.gz is missing in"):
        load_small(tmp_path)


def test_a_full_set_with_another_checksum_is_refused(tmp_path):
    arrays = small_set() | {"test_labels": np.zeros(10_000, np.uint8)}
    arrays["test_images"] = np.zeros((10_000, 28, 28), np.uint8)
    write_set(tmp_path / "mnist", arrays)
    with pytest.raises(lib.data.DataError, match="the checksums differ") as caught:
        load_small(tmp_path)
    assert_one_sentence(caught.value)


def assert_one_sentence(error):
    text = str(error)
    assert text.endswith(".")
    assert ". " not in text
    assert "\n" not in text


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_published_files(real_data, name):
    data = lib.data.load(name, real_data)
    assert data.is_real
    assert data.version == idx.PUBLISHED
    assert (len(data.train.labels), len(data.test.labels)) == (60_000, 10_000)
    if name == "mnist":
        assert np.bincount(data.test.labels).tolist() == [
            980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
        ]  # fmt: skip
    else:
        assert np.bincount(data.train.labels).tolist() == [6000] * 10


def test_one_changed_pixel_in_a_published_file_is_found(real_data, tmp_path):
    source = idx.set_folder(real_data, "mnist")
    for path in source.iterdir():
        content = idx.read_bytes(path)
        if path.name.startswith("t10k-images"):
            content = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
        (tmp_path / "mnist").mkdir(exist_ok=True)
        (tmp_path / "mnist" / path.name.removesuffix(".gz")).write_bytes(content)
    with pytest.raises(lib.data.DataError, match="t10k-images.* but different content"):
        load_small(tmp_path)
