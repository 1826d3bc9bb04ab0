"""The table of targets: what it says, what it refuses, and your own set for a task."""

import numpy as np
import pytest
from PIL import Image

import lib
from grader import targets
from grader.cli.main import main
from grader.targets import TableError, read_table, read_targets, target

ROW = """
[week4.train_happy_or_sad]
set = "garden"
classes = ["wet", "dry"]
epochs = 40
edge = 24
real = { train = 40, test = 20, accuracy = 0.9 }
"""


def test_a_row_says_what_both_sources_share_once():
    embedded, real = target("train_augmented", "embedded"), target("train_augmented", "DIR")
    assert (embedded.edge, real.edge, embedded.epochs) == (46, 46, 88)
    assert (embedded.gap, real.gap) == (0.14, 0.21) and embedded.data == "cats_and_dogs"
    with pytest.raises(KeyError):
        target("one_hot", "embedded")


def test_a_set_without_a_row_for_the_source_is_a_sentence(tmp_path, monkeypatch):
    table = tmp_path / "targets.toml"
    table.write_text(ROW)
    monkeypatch.setattr(targets, "read_targets", lambda: read_table(table))
    assert target("train_happy_or_sad", "DIR").data == "garden"
    with pytest.raises(lib.DataError, match="no embedded row in .*happy.*: grade with --data DIR"):
        target("train_happy_or_sad", "embedded")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("epochs = 40", "epoch = 40", "no key is called epoch; use one of set, classes"),
        ("epochs = 40", "", "epochs is missing"),
        ("epochs = 40", 'epochs = "40"', "epochs is '40'; write a number"),
        ("epochs = 40", "epochs = true", "epochs is True; write a number"),
        ("test = 20", "test = -1", "test is -1; write 0 or more"),
        ('["wet", "dry"]', '"wet"', "classes is 'wet'; write a list of names"),
        ('["wet", "dry"]', '["wet", "wet"]', "classes must be different texts"),
        ("real =", "reals =", "needs embedded = { … } or real = { … }"),
        ("[week4.", "week4.", "is not valid TOML"),
    ],
)
def test_a_wrong_table_is_a_sentence_with_its_place(old, new, said, tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text(ROW.replace(old, new))
    with pytest.raises(TableError, match=said) as problem:
        read_table(path)
    assert str(path) in str(problem.value)


@pytest.fixture
def table(tmp_path, monkeypatch):
    def write(text):
        path = tmp_path / "targets.toml"
        path.write_text(text)
        monkeypatch.setattr(targets, "TABLE", path)
        read_targets.cache_clear()

    yield write
    monkeypatch.undo()
    read_targets.cache_clear()


def test_the_command_says_what_is_wrong_with_the_table(table, capsys):
    table("[week4")
    assert main(["week4", "--solutions", "--task", "train_happy_or_sad"]) == 2
    assert "targets.toml is not valid TOML" in capsys.readouterr().err


COLOURS = {"dry": (150, 90, 40), "ice": (250, 250, 250), "wet": (40, 80, 160)}


def garden(folder, parts):
    """Returns images in `COLOURS`, with some noise."""
    rng = np.random.default_rng(0)
    for part, count in parts.items():
        for name, colour in COLOURS.items():
            (folder / part / name).mkdir(parents=True)
            for number in range(count):
                pixels = np.clip(np.array(colour) + rng.integers(-40, 40, (24, 24, 3)), 0, 255)
                picture = Image.fromarray(pixels.astype(np.uint8))
                picture.save(folder / part / name / f"{number}.png")


@pytest.mark.slow
def test_own_pictures_take_a_tasks_place_by_the_table_alone(table, tmp_path, capsys):
    garden(tmp_path / "garden", {"train": 25, "validation": 12})
    table(ROW)
    words = ["week4", "--solutions", "--task", "train_happy_or_sad", "--data", str(tmp_path)]
    assert main(words) == 0, capsys.readouterr().out
    table(ROW.replace('classes = ["wet", "dry"]\n', ""))
    assert main(words) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "tells 2 classes apart, but garden has 3" in said
    assert "classes = ['dry', 'ice']" in said
