"""Week 7 runs as a demonstration on a few images and draws the figures of its lesson."""

from pathlib import Path

import pytest

from solutions.demo import week7

PICTURES = Path(__file__).parents[2] / "exercises" / "pictures"


@pytest.mark.slow
def test_week7_runs_on_a_few_pictures(tmp_path, capsys):
    assert week7.main(["--save", str(tmp_path), "--train-size", "20", "--epochs", "2"]) == 0
    said = capsys.readouterr().out
    assert "8,975,264" in said and "47,512,481" in said
    assert "the backbone is unchanged, bit for bit: True" in said
    assert {path.name for path in tmp_path.glob("*.png")} == {
        path.name for path in (PICTURES / "week7").glob("*.png")
    }
