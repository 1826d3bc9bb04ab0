"""Files that are both in the training part and in a held-back part."""

import os

import numpy as np
import pytest

import lib
from lib.data.files import duplicates
from lib.data.files.decoding import OddPictures

from .test_layouts import grow


def plant(root, **files):
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        (root / name).write_bytes(content)
    return root


def test_only_files_that_are_the_same_to_the_last_byte_are_found(tmp_path):
    long = bytes(10_000)
    plant(tmp_path, a=b"one", b=b"two", c=long, d=long, e=b"", f=b"four", g=b"1" + long[1:])
    plant(tmp_path, v=b"two", w=long, x=b"thr", y=b"", z=long[1:])
    found = duplicates.in_both(tmp_path, "abcdefg", "vwxyz")
    assert found == [("v", "b"), ("w", "c"), ("y", "e")]
    assert duplicates.in_both(tmp_path, "ag!", "xz!") == []


def test_no_file_is_read_as_a_whole_twice_however_alike_they_are(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for name in "abcdefgh":
        plant(tmp_path, **{name: rng.bytes(50) + bytes(9_000)})
    whole = duplicates._digest
    read = []
    monkeypatch.setattr(duplicates, "_digest", lambda path: read.append(path) or whole(path))
    assert duplicates.in_both(tmp_path, "abcd", "efgh") == []
    assert sorted(map(os.path.basename, read)) == list("abcdefgh")


def test_twins_of_two_parts_are_told(tmp_path):
    grow(tmp_path, "train/{cats,dogs}  6\nval/{cats,dogs}  2\ntest/{cats,dogs}  1")
    for target, source in (("val/cats/9.jpg", "train/cats/3.jpg"), ("test/dogs/0.jpg",) * 2):
        (tmp_path / target).write_bytes((tmp_path / source).read_bytes())
    words = "1 of the 7 pictures held back .* also .*: val/cats/9.jpg is train/cats/3.jpg. They"
    with pytest.warns(OddPictures, match=words):
        lib.load_folder(tmp_path, 4)


@pytest.mark.parametrize("seed", range(3))
def test_twins_that_a_share_to_hold_back_tears_apart_are_told(tmp_path, seed):
    grow(tmp_path, "{cats,dogs}  10")
    for number in range(10):
        (tmp_path / "cats" / f"copy{number}.jpg").write_bytes(
            (tmp_path / "cats" / f"{number}.jpg").read_bytes()
        )
    (tmp_path / "cats" / "0.jpg").write_bytes(b"no picture")
    with pytest.warns() as told:
        found = lib.load_folder(tmp_path, 4, validation=0.3, seed=seed)
    said = " ".join(str(each.message) for each in told)
    assert f"of the {len(found.validation.labels)} pictures held back" in said
    assert "cats/copy" in said and "dogs" not in said


def test_a_picture_in_two_classes_is_told(tmp_path):
    grow(tmp_path, "{cats,dogs}  3")
    (tmp_path / "dogs" / "1.jpg").write_bytes((tmp_path / "cats" / "2.jpg").read_bytes())
    (tmp_path / "cats" / "again.jpg").write_bytes((tmp_path / "cats" / "0.jpg").read_bytes())
    words = "1 picture in .* is also in another class: dogs/1.jpg is cats/2.jpg. Only one"
    with pytest.warns(OddPictures, match=words):
        lib.load_folder(tmp_path, 4)
