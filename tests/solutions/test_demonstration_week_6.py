"""Week 6 runs as a demonstration, prints its measurements, and saves the lesson's figures."""

from pathlib import Path

import pytest

from solutions.demo import week6

PICTURES = Path(__file__).parents[2] / "exercises" / "pictures"


@pytest.mark.slow
def test_week6_runs_on_a_few_pictures(tmp_path, capsys):
    assert week6.main(["--save", str(tmp_path), "--train-size", "20", "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "moves the corner of a picture of 120 pixels by 0.21 pixels" in said
    for mode in ("nearest", "constant", "reflect", "wrap"):
        assert f"{mode:9} at most 0.0" in said, "by hand and by the library it is the same"
    for name in ("neither", "dropout", "augmentation", "both"):
        assert f"\n{name:13} training" in said
    assert "stand-in" in said
    saved = {path.name for path in tmp_path.glob("*.png")}
    assert saved == {path.name for path in (PICTURES / "week6").glob("*.png")}
