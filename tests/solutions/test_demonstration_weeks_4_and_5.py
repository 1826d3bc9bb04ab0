"""Weeks 4 and 5 run as demonstrations on a few small images and save the lessons' figures."""

from pathlib import Path

import pytest

from solutions.demo import week4, week5

PICTURES = Path(__file__).parents[2] / "exercises" / "pictures"


def pictures_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.png")}


@pytest.mark.slow
def test_week4_counts_loads_trains_and_classifies(tmp_path, capsys):
    small = ["--train-size", "48", "--edge", "32", "--epochs", "1"]
    assert week4.main(["--save", str(tmp_path), *small]) == 0
    said = capsys.readouterr().out
    assert "40,165,409" in said
    assert "left out: horses/empty.png, humans/cut.png" in said
    assert "conv3    (4, 4, 64)" in said
    assert "new faces:" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week4")


@pytest.mark.slow
def test_week5_splits_overfits_stops_and_chooses(tmp_path, capsys):
    small = ["--train-size", "40", "--edge", "46", "--epochs", "2"]
    assert week5.main(["--save", str(tmp_path), *small]) == 0
    said = capsys.readouterr().out
    assert "left out: cat.666.png" in said
    assert "3,453,634" in said
    assert "overfitting begins after epoch" in said
    assert "chosen: Conv 32" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week5")
