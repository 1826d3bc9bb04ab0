"""The command reads any picture, prints the model's answer, and reports what it cannot read."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from PIL import Image

import lib
from lib import __main__ as command

ROOT = Path(__file__).parents[2]
NAMES = ("daisy", "roses", "tulips")


@pytest.fixture(scope="module")
def drawn():
    """A model for 12 × 10 RGB pictures, and its parameters."""
    model = lib.ConvClassifier((4,), hidden=6, classes=3, dropout=0.5)
    sample = np.zeros((1, 12, 10, 3), np.float32)
    return model, jax.jit(model.init)(jax.random.key(1), sample)["params"]


@pytest.fixture
def saved(tmp_path, drawn):
    """The model's file, itself and its parameters."""
    model, params = drawn
    lib.save_model(tmp_path / "model.npz", model, params, NAMES, (12, 10, 3))
    return tmp_path / "model.npz", model, params


def picture(seed=0, shape=(12, 10, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def test_a_fresh_process_says_what_the_model_says(saved, tmp_path):
    path, model, params = saved
    files = []
    for seed in range(3):
        files.append(str(tmp_path / f"{seed}.png"))
        Image.fromarray(picture(seed)).save(files[-1])
    done = subprocess.run(
        [sys.executable, "-m", "lib", "predict", str(path), *files],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    images = np.stack([picture(seed) for seed in range(3)]) / np.float32(255)
    rows = lib.probabilities(jax.jit(model.apply)({"params": params}, images))
    said = done.stdout.split("\n")
    for i, row in enumerate(rows):
        order = np.argsort(-row)
        assert said[4 * i] == f"{files[i]}: {NAMES[order[0]]}"
        for line, k in zip(said[4 * i + 1 : 4 * i + 4], order, strict=True):
            name, percent, *bars = line.split()
            assert name == NAMES[k]
            assert float(percent.rstrip("%")) == pytest.approx(100 * row[k], abs=0.006)
            assert len("".join(bars)) == pytest.approx(24 * row[k], abs=1)


def test_help_says_enough(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["predict", "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "MODEL" in said and "PICTURE" in said and "lib.save_model" in said


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_size_and_mode_are_taken(tmp_path, capsys, mode, channels):
    """A network that sums the grey values distinguishes black from white, in any kind of file."""
    model = lib.DenseClassifier(hidden=1, classes=2)
    params = {
        "dense": {"kernel": np.ones((48 * channels, 1), np.float32), "bias": np.zeros(1)},
        "logits": {"kernel": np.array([[0, 1]], np.float32), "bias": np.array([9, 0])},
    }
    lib.save_model(tmp_path / "model.npz", model, params, ("black", "white"), (6, 8, channels))
    for name, value in (("black", 0), ("white", 255)):
        array = np.full((40, 60), value, np.uint8)
        image = Image.fromarray(array).convert(mode if mode != "I;16" else "L")
        if mode == "I;16":
            image = Image.fromarray(array.astype(np.uint16) * 257)
        file = tmp_path / f"{name}.{'tif' if mode == 'CMYK' else 'png'}"
        image.save(file)
        assert command.main(["predict", str(tmp_path / "model.npz"), str(file)]) == 0
        assert capsys.readouterr().out.startswith(f"{file}: {name}")


def test_what_cannot_be_read_is_told_and_the_rest_is_predicted(saved, tmp_path, capsys):
    path, _, _ = saved
    Image.fromarray(picture()).save(tmp_path / "good.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not a picture")
    whole = (tmp_path / "good.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    names = ["empty.png", "text.png", "half.png", "none.png", "good.png"]
    (tmp_path / "folder").mkdir()
    status = command.main(["predict", str(path), *(str(tmp_path / n) for n in [*names, "folder"])])
    out, err = capsys.readouterr()
    assert status == 1
    assert out.startswith(f"{tmp_path / 'good.png'}: ")
    told = err.strip().split("\n")
    assert len(told) == 5 and not any("Traceback" in line for line in told)
    for name, line in zip([*names[:4], "folder"], told, strict=True):
        assert name in line
    assert "empty" in told[0] and "No such file" in told[3]


def test_names_from_the_file_reach_no_terminal_raw(saved, tmp_path, capsys):
    _, model, params = saved
    path = tmp_path / "odd.npz"
    lib.save_model(path, model, params, ("\x1b[31mred", "b\nc", "d"), (12, 10, 3))
    Image.fromarray(picture()).save(tmp_path / "good.png")
    assert command.main(["predict", str(path), str(tmp_path / "good.png")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and r"\x1b[31mred" in out and r"b\nc" in out


def test_what_is_no_model_is_told(tmp_path, capsys):
    for name, content, words in (("none.npz", None, "No such file"), ("bad.npz", b"x", "damaged")):
        if content:
            (tmp_path / name).write_bytes(content)
        assert command.main(["predict", str(tmp_path / name), "picture.png"]) == 2
        said = capsys.readouterr().err
        assert words in said and name in said and said.count("\n") == 1
    for wrong in (["model.npz"], ["model.npz", "a.png", "--top", "0"]):
        with pytest.raises(SystemExit) as end:
            command.main(["predict", *wrong])
        assert end.value.code == 2


def test_a_folder_becomes_a_table_that_programs_read(saved, tmp_path, capsys):
    path, model, params = saved
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    (folder / ".git").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / ".DS_Store").touch()
    (folder / "notes.txt").write_text("not a picture")
    names = [f"{number:03}.png" for number in range(67)] + ["below/last, really.png"]
    for seed, name in enumerate(names):
        Image.fromarray(picture(seed)).save(folder / name)
    assert command.main(["predict", str(path), str(folder), "--csv"]) == 1
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["picture"] for row in rows] == [str(folder / name) for name in names]
    images = np.stack([picture(seed) for seed in range(len(names))]) / np.float32(255)
    expected = lib.probabilities(jax.jit(model.apply)({"params": params}, images))
    found = np.array([[float(row[name]) for name in NAMES] for row in rows])
    np.testing.assert_allclose(found, expected, atol=2e-6)
    for row, own in zip(rows, expected, strict=True):
        assert row["class"] == NAMES[own.argmax()]
        assert float(row["probability"]) == pytest.approx(own.max(), abs=1e-6)
    told = err.strip().split("\n")
    assert len(told) == 2 and "notes.txt" in told[0] + told[1] and "link" in told[0] + told[1]


def test_a_reader_that_has_seen_enough_ends_it_quietly(saved, tmp_path):
    path, _, _ = saved
    Image.fromarray(picture()).save(tmp_path / "0.png")
    program = f"{sys.executable} -m lib predict {path} {tmp_path}/0.png | true"
    done = subprocess.run(program, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=99)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("end", "code", "words"),
    [("/dev/full", 2, "cannot be written: No space"), (None, 2, "standard output is closed")],
)
def test_answers_that_cannot_be_written_are_told(saved, tmp_path, end, code, words):
    Image.fromarray(picture()).save(tmp_path / "a.png")
    words_of_shell = f'exec "$0" -m lib predict "$1" "$2" >{end or "&-"}'
    done = subprocess.run(
        ["sh", "-c", words_of_shell, sys.executable, str(saved[0]), str(tmp_path / "a.png")],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code and words in done.stderr and "Traceback" not in done.stderr


def in_encoding(monkeypatch, encoding, *arguments):
    """The bytes that the command writes where output has an encoding."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    command.main(["predict", *map(str, arguments)])
    out.flush()
    return out.buffer.getvalue()  # pyright: ignore


@pytest.mark.parametrize("encoding", ["ascii", "cp850", "cp1252"])
def test_names_that_an_encoding_lacks_stop_nothing(tmp_path, drawn, monkeypatch, encoding):
    lib.save_model(tmp_path / "m.npz", *drawn, ("Bär", "狐", "Łoś"), (12, 10, 3))
    Image.fromarray(picture()).save(tmp_path / "ž.png")
    said = in_encoding(monkeypatch, encoding, tmp_path / "m.npz", tmp_path / "ž.png")
    assert said.decode(encoding).count("%") == 3
    drawn = said.decode(encoding).splitlines()[1].split("%")[1]
    assert drawn.strip("# █▏▎▍▌▋▊▉") == "" and drawn.strip()
    table = in_encoding(monkeypatch, encoding, tmp_path / "m.npz", tmp_path / "ž.png", "--csv")
    (row,) = csv.DictReader(table.decode("utf-8").splitlines())
    assert row["picture"].endswith("ž.png") and {"Bär", "狐", "Łoś"} <= row.keys()
