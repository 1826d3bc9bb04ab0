"""Each week runs as a demonstration, prints its measurements, and saves readable figures."""

from pathlib import Path

import pytest
from PIL import Image

from solutions.demo import week1, week2, week3

PICTURES = Path(__file__).parents[2] / "exercises" / "pictures"


def pictures_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.png")}


def test_week1_finds_the_line_the_prices_and_fahrenheit(tmp_path, capsys):
    assert week1.main(["--save", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "at x = 10: 18.98" in said
    assert "7 bedrooms: 4.00" in said
    assert "one neuron: 100 °C is 211." in said
    assert "weight 1.82" in said
    assert "0.2    diverges" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week1")


@pytest.mark.slow
def test_week2_runs_on_a_few_pictures(tmp_path, capsys):
    assert week2.main(["--save", str(tmp_path), "--train-size", "400"]) == 0
    said = capsys.readouterr().out
    assert "101,770" in said
    assert "stopped after" in said
    assert "stand-in" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week2")


@pytest.mark.slow
def test_week3_runs_on_a_few_pictures(tmp_path, capsys):
    assert week3.main(["--save", str(tmp_path), "--train-size", "320", "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "(512, 512) becomes (510, 510)" in said
    assert "243,786" in said and "421,642" in said
    assert "conv2    (11, 11, 64)" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week3")


@pytest.mark.parametrize("path", sorted(PICTURES.rglob("*.png")), ids=lambda path: path.name)
def test_the_lessons_pictures_are_small(path):
    assert path.stat().st_size < 100_000
    with Image.open(path) as picture:
        assert picture.width > 300
