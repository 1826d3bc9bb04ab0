"""Sets written as folders of pictures, and the commands for it."""

import numpy as np
import pytest
from PIL import Image

import lib
from lib.data.__main__ import main
from lib.data.files.writing import write_folder


def test_a_written_set_is_read_back_bit_for_bit(tmp_path):
    data = lib.load("rock_paper_scissors", train_size=40, test_size=20, edge=32)
    write_folder(data, tmp_path / "rock-paper-scissors")
    again = lib.load("rock_paper_scissors", tmp_path, edge=32)
    for one, other in ((data.train, again.train), (data.test, again.test)):
        pairs = [
            sorted((i.tobytes(), int(n)) for i, n in zip(*s, strict=True)) for s in (one, other)
        ]
        assert pairs[0] == pairs[1]
    assert again.is_real  # pictures in a folder count as real


def test_the_layout(tmp_path):
    arguments = ["write", "rock_paper_scissors", str(tmp_path / "x"), "--edge", "24"]
    assert main([*arguments, "--train", "20", "--test", "0"]) == 0
    files = sorted(str(path.relative_to(tmp_path / "x")) for path in tmp_path.rglob("*.png"))
    assert len(files) == 20
    assert files[0] == "train/paper/paper-0000.png"
    assert {name.split("/")[1] for name in files} == {"paper", "rock", "scissors"}
    with Image.open(tmp_path / "x" / files[0]) as image:
        assert (image.size, image.mode, image.format) == ((24, 24), "RGB", "PNG")
    assert not (tmp_path / "x" / "validation").exists()


def test_grey_sets_and_names_with_a_slash(tmp_path):
    data = lib.load("fashion_mnist", train_size=100, test_size=0)
    write_folder(data, tmp_path)
    found = lib.load_folder(tmp_path, 28, mode="grey")
    assert "T-shirt-top" in found.class_names
    order = [sorted(name.replace("/", "-") for name in data.class_names).index(n.replace("/", "-"))
             for n in data.class_names]  # fmt: skip
    counts = np.bincount(np.array(order)[data.train.labels], minlength=10)
    assert np.bincount(found.train.labels, minlength=10).tolist() == counts.tolist()
    pixels = [sorted(i.tobytes() for i in split.images) for split in (found.train, data.train)]
    assert pixels[0] == pixels[1]


def test_the_command_says_what_it_wrote(tmp_path, capsys):
    arguments = ["write", "rock_paper_scissors", str(tmp_path / "x"), "--edge", "24"]
    assert main([*arguments, "--train", "20", "--test", "20"]) == 0
    assert "stand-in for Rock, Paper, Scissors" in capsys.readouterr().out
    assert main([*arguments, "--train", "20", "--test", "20"]) == 2
    error = capsys.readouterr().err
    assert "is a folder" in error or "already exists" in error
    assert "nothing was written; name another folder, or remove it." in error


def test_where_one_may_not_write(tmp_path):
    data = lib.load("rock_paper_scissors", train_size=1, test_size=0, edge=24)
    (tmp_path / "file").touch()
    with pytest.raises(lib.DataError, match="cannot be written to"):
        write_folder(data, tmp_path / "file")
