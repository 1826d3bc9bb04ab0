"""split_data: copies every picture once, and overwrites nothing."""

import shutil

import numpy as np
import pytest
from PIL import Image

import lib


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("cats", 20), ("dogs", 10)):
        (tmp_path / "source" / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 256, (9, 9, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "source" / name / f"{number}.png")
    return tmp_path / "source"


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_picture_goes_to_one_side_unchanged(source, tmp_path):
    before = files(source)
    done = lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.9, 1)
    train, test = files(tmp_path / "a"), files(tmp_path / "b")
    assert train | test == before == files(source)
    assert not train.keys() & test.keys()
    assert sorted(train) == sorted(done.train)
    assert sorted(test) == sorted(done.test)
    assert (sum("cats" in name for name in test), sum("dogs" in name for name in test)) == (2, 1)
    assert done.skipped == ()


def test_the_seed_decides(source, tmp_path):
    parts = [
        lib.split_data(source, tmp_path / f"a{n}", tmp_path / f"b{n}", 0.5, seed).train
        for n, seed in enumerate((1, 1, 2))
    ]
    assert parts[0] == parts[1] != parts[2]
    assert [len(part) for part in parts] == [15, 15, 15]


def test_a_flat_folder_and_the_ends_of_the_scale(source, tmp_path):
    done = lib.split_data(source / "cats", tmp_path / "a", tmp_path / "b", 1.0, 0)
    assert (len(done.train), done.test) == (20, ())
    assert len(files(tmp_path / "a")) == 20
    done = lib.split_data(source / "cats", tmp_path / "c", tmp_path / "d", 0.0, 0)
    assert (done.train, len(done.test)) == ((), 20)


def test_empty_and_unreadable_files_are_left_out_and_named(source, tmp_path):
    (source / "cats" / "empty.jpg").touch()
    (source / "cats" / "text.jpg").write_text("no picture")
    whole = (source / "cats" / "0.png").read_bytes()
    (source / "cats" / "cut.png").write_bytes(whole[:-60])
    (source / "cats" / "out.png").symlink_to(tmp_path / "x.png")
    with pytest.warns(lib.SkippedFiles, match="4 files in .*source left out: cats/out.png"):
        done = lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.9, 1)
    assert dict(done.skipped).keys() == {f"cats/{n}.jpg" for n in ("empty", "text")} | {
        "cats/cut.png",
        "cats/out.png",
    }
    assert dict(done.skipped)["cats/empty.jpg"] == "empty"
    assert len(done.train) + len(done.test) == 30


def test_nothing_is_overwritten(source, tmp_path):
    lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.9, 1)
    before = files(tmp_path)
    with pytest.raises(lib.DataError, match="already exists, so nothing was copied"):
        lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.9, 2)
    with pytest.raises(lib.DataError, match="already exists, so nothing was copied"):
        lib.split_data(source, tmp_path / "new", tmp_path / "b", 0.5, 2)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("nowhere", "a", "b"), "There is no folder"),
        (("source", "a", "a"), "is the same as, or inside,"),
        (("source", "source/train", "b"), "is the same as, or inside,"),
        (("source", "a", "a/b"), "is the same as, or inside,"),
        (("nothing", "a", "b"), "has no picture that can be read"),
    ],
)
def test_folders_that_cannot_be(source, tmp_path, names, words):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(lib.DataError, match=words):
        lib.split_data(*(tmp_path / name for name in names))
    assert not (tmp_path / "a").exists()


def test_a_fraction_out_of_range(source, tmp_path):
    with pytest.raises(lib.DataError, match="a fraction of 0 to 1, such as 0.9; got 90"):
        lib.split_data(source, tmp_path / "a", tmp_path / "b", 90)
    with pytest.raises(lib.DataError, match="a fraction of 0 to 1, such as 0.9; got '0.8'"):
        lib.split_data(source, tmp_path / "a", tmp_path / "b", "0.8")  # pyright: ignore[reportArgumentType]


def test_a_class_that_is_lost_and_a_picture_on_both_sides_are_told(source, tmp_path):
    (source / "birds").mkdir()
    (source / "birds" / "0.heic").write_bytes(b"no picture")
    for number in range(20):
        (source / "cats" / f"{number}.png").write_bytes((source / "dogs" / "0.png").read_bytes())
    with pytest.warns() as told:
        lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.5)
    said = " ".join(str(each.message) for each in told)
    assert "left out: birds (a class without a readable picture)" in said
    assert "of the 15 pictures held back" in said and "dogs/0.png is cats/0.png. Only" in said


def test_every_class_is_on_both_sides(source, tmp_path):
    for number in range(9, 2, -1):
        (source / "dogs" / f"{number}.png").unlink()
    (source / "fish").mkdir()
    (source / "dogs" / "2.png").rename(source / "fish" / "0.png")
    done = lib.split_data(source, tmp_path / "a", tmp_path / "b", 0.4)
    assert {path[:4] for path in done.train} == {"cats", "dogs", "fish"}
    assert {path[:4] for path in done.test} == {"cats", "dogs"}


@pytest.mark.parametrize("inside", ["", "archive"])
def test_a_set_in_parts_is_not_mixed(source, tmp_path, inside):
    for part in ("train", "val"):
        shutil.copytree(source, tmp_path / "set" / inside / part)
    with pytest.raises(lib.DataError, match="is already split into parts, .*; name the part to"):
        lib.split_data(tmp_path / "set", tmp_path / "a", tmp_path / "b")
