"""Streams: every example once per epoch, ordered by the seed, resumed anywhere, little memory."""

import json
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

import lib
from lib.data import stream

pytest.importorskip("grain", reason="grain is not installed")


@pytest.fixture
def folder(tmp_path):
    """Three classes, 50 pictures of one colour each: its red is its number."""
    for number in range(50):
        place = tmp_path / "set" / "abc"[number % 3]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.full((7, 9, 3), number, np.uint8)
        Image.fromarray(pixels).save(place / f"{number:02}.png")
    return tmp_path / "set"


def numbers(batches):
    return [image[0, 0, 0] for images, _ in batches for image in images]


def same(first, second):
    return all(
        np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
        for a, b in zip(first, second, strict=True)
    )


def test_every_example_once_with_its_label(folder):
    opened = stream.stream_folder(folder, (8, 6), batch_size=16)
    batches = list(opened.epoch(0))
    assert (len(opened), opened.steps, opened.batch_size) == (50, 4, 16)
    assert opened.class_names == ("a", "b", "c")
    assert opened.image_shape == (8, 6, 3)
    assert [len(labels) for _, labels in batches] == [16, 16, 16, 2]
    assert sorted(numbers(batches)) == list(range(50))
    for images, labels in batches:
        assert images.dtype == np.uint8
        assert images.shape[1:] == (8, 6, 3)
        assert labels.dtype == np.int32
        assert (images[:, 0, 0, 0] % 3 == labels).all()


def test_shuffled_anew_each_epoch_by_the_seed(folder):
    opened = stream.stream_folder(folder, 8, batch_size=16, seed=3)
    first, second = numbers(opened.epoch(0)), numbers(opened.epoch(1))
    assert first != second
    assert first != sorted(first)
    again = stream.stream_folder(folder, 8, batch_size=16, seed=3)
    assert numbers(again.epoch(0)) == first
    assert numbers(again.epoch(1)) == second
    other = stream.stream_folder(folder, 8, batch_size=16, seed=4)
    assert numbers(other.epoch(0)) != first
    plain = stream.stream_folder(folder, 8, batch_size=16, shuffle=False)
    assert (
        numbers(plain.epoch(0))
        == numbers(plain.epoch(5))
        == sorted(range(50), key=lambda n: (n % 3, n))
    )


@pytest.mark.parametrize("start", range(5))
def test_an_epoch_is_taken_up_at_any_batch(folder, start):
    opened = stream.stream_folder(folder, 8, batch_size=16, seed=3)
    assert same(list(opened.epoch(2))[start:], list(opened.epoch(2, start)))


def test_a_saved_position_gives_the_same_batches_in_another_process(folder):
    opened = stream.stream_folder(folder, 8, batch_size=8, seed=3)
    batches = opened.epoch(1)
    for _ in range(3):
        next(batches)
    state = json.dumps(batches.state())
    rest = numbers(batches)
    code = (
        "import json, sys\n"
        "from lib.data import stream\n"
        "opened = stream.stream_folder(sys.argv[1], 8, batch_size=8, seed=3)\n"
        "batches = opened.resume(json.loads(sys.argv[2]))\n"
        "print([int(i[0, 0, 0]) for images, _ in batches for i in images])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(folder), state], capture_output=True, text=True
    )
    assert run.stdout.strip() == str([int(n) for n in rest]), run.stderr


def test_what_was_not_asked_for_is_not_read(folder, monkeypatch):
    read = []
    true = stream.read_picture
    monkeypatch.setattr(
        stream, "read_picture", lambda path, *a: read.append(path) or true(path, *a)
    )
    opened = stream.stream_folder(folder, 8, batch_size=2)
    list(opened.epoch(0, 20))
    assert len(read) == 10
    read.clear()
    batches = opened.epoch(0)
    next(batches)
    time.sleep(0.5)
    assert 2 <= len(read) <= 20  # of 50: a few batches are read ahead
    batches.close()


def test_closing_ends_the_threads(folder):
    before = set(threading.enumerate())
    opened = stream.stream_folder(folder, 8, batch_size=4)
    with opened.epoch(0) as batches:
        next(batches)
    assert list(batches) == []
    deadline = time.monotonic() + 10
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(threading.enumerate()) - before


def test_a_position_of_another_stream_is_refused(folder):
    mine = {"size": 8, "batch_size": 8, "seed": 3}
    state = stream.stream_folder(folder, **mine).epoch(0).state()
    saved = "saved with 50 examples of 8×8 pixels, batches of 8, seed 3 and shuffle True"
    others = [
        ({"seed": 4}, "seed 4"),
        ({"batch_size": 9}, "batches of 9"),
        ({"size": (8, 6)}, "8×6 pixels"),
        ({"shuffle": False}, "shuffle False"),
    ]
    for other, words in others:
        with pytest.raises(lib.DataError, match=f"{saved}, but this stream has .*{words}"):
            stream.stream_folder(folder, **mine | other).resume(state)


def test_unreadable_files_are_left_out_at_the_start(folder):
    (folder / "a" / "cut.png").write_bytes((folder / "a" / "00.png").read_bytes()[:40])
    (folder / "b" / "empty.jpg").touch()
    with pytest.warns(lib.SkippedFiles, match="2 files"):
        opened = stream.stream_folder(folder, 8, batch_size=16)
    assert [path for path, _ in opened.skipped] == ["a/cut.png", "b/empty.jpg"]
    assert sorted(numbers(opened.epoch(0))) == list(range(50))


def test_a_file_that_breaks_later_is_named(folder):
    opened = stream.stream_folder(folder, 8, batch_size=16, check=False)
    (folder / "c" / "02.png").unlink()
    with pytest.raises(lib.DataError, match=r"c/02.png cannot be used \(cannot be opened"):
        list(opened.epoch(0))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 0}, "The batch size must be a whole number, 1 or more"),
        ({"batch_size": 2.5}, "The batch size must be a whole number, 1 or more; got 2.5"),
        ({"seed": -1}, "The seed is -1"),
        ({"mode": "gray"}, "The mode must be .*; got 'gray'"),
        ({"class_names": ("a", "b")}, "has the class c, but the classes are a, b"),
        ({"size": 0}, "Pictures cannot have 0×0 pixels"),
    ],
)
def test_what_cannot_be_streamed(folder, arguments, words):
    with pytest.raises(lib.DataError, match=words):
        stream.stream_folder(folder, **arguments)
    with pytest.raises(lib.DataError, match="There is no batch 5 of epoch 0"):
        stream.stream_folder(folder, batch_size=16).epoch(0, 5)


def test_a_set_in_parts_is_one_part_at_a_time(tmp_path):
    (tmp_path / "train" / "a").mkdir(parents=True)
    (tmp_path / "validation" / "a").mkdir(parents=True)
    with pytest.raises(lib.DataError, match="contains a set in parts; name one of them"):
        stream.stream_folder(tmp_path)


def test_the_labels_of_the_parts_agree(tmp_path):
    for name, part in [("a", "train"), ("b", "train"), ("b", "val"), ("b", "elsewhere")]:
        (tmp_path / part / name).mkdir(parents=True)
        colour = (ord(name), 0, 0)
        Image.new("RGB", (4, 4), colour).save(tmp_path / part / name / "1.png")
    learning = stream.stream_folder(tmp_path / "train", 4)
    named = stream.stream_folder(tmp_path / "elsewhere", 4, class_names=learning.class_names)
    shutil.rmtree(tmp_path / "elsewhere")
    beside = stream.stream_folder(tmp_path / "val", 4)
    for opened in (beside, named):
        assert opened.class_names == ("a", "b")
    assert next(beside.epoch(0))[1].tolist() == [1]


def test_a_picture_in_two_classes_is_told(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    with pytest.warns(lib.data.OddPictures, match="also in another class: b/1.png is a/1.png"):
        stream.stream_folder(tmp_path, 4)


def test_a_prepared_set(folder, tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow-datasets is not installed")
    from lib.data.published import tfds as tfds_source

    tfds.disable_progress_bar()
    (tmp_path / "rock-paper-scissors").mkdir()
    folder.rename(tmp_path / "rock-paper-scissors" / "train")
    for old, new in zip("abc", ("scissors", "rock", "paper"), strict=True):
        place = tmp_path / "rock-paper-scissors" / "train"
        (place / old).rename(place / new)
    tfds_source.prepare("rock_paper_scissors", tmp_path / "tfds", tmp_path)
    tfds.enable_progress_bar()
    opened = stream.stream_tfds(
        "rock_paper_scissors", edge=8, batch_size=16, data_dir=tmp_path / "tfds"
    )
    assert opened.class_names == ("paper", "rock", "scissors")
    batches = list(opened.epoch(0))
    assert sorted(numbers(batches)) == list(range(50))
    for images, labels in batches:
        assert (2 - images[:, 0, 0, 0] % 3 == labels).all()
    assert same(batches[2:], list(opened.epoch(0, 2)))
    with pytest.raises(lib.DataError, match="has no split 'test'; use one of train"):
        stream.stream_tfds("rock_paper_scissors", split="test", data_dir=tmp_path / "tfds")


PEAK = """
import resource, sys, time
import numpy as np
from lib.data import stream
opened = stream.stream_folder(sys.argv[1], 256, batch_size=8)
unit = 1024 if sys.platform == "linux" else 1
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
list(opened.epoch(0, opened.steps - 2))  # whatever is imported and allocated once
before, seen = peak(), 0
for images, labels in opened.epoch(0):
    seen += images.nbytes
    time.sleep(0.002)  # a slow consumer: reading ahead must stop on its own
print(peak() - before, seen)
"""


def test_memory_stays_bounded(tmp_path):
    """An epoch of 240 MB takes at most a tenth of that in memory."""
    for label in "ab":
        (tmp_path / label).mkdir()
        Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(tmp_path / label / "0.png")
        for number in range(1, 650):
            (tmp_path / label / f"{number}.png").hardlink_to(tmp_path / label / "0.png")
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path)], capture_output=True, text=True
    )
    grown, seen = map(int, run.stdout.split())
    assert seen > 240_000_000, run.stderr
    assert grown < seen / 10
