"""Week 8 and the project run as demonstrations and save the figures of their lessons."""

from pathlib import Path

import pytest

from solutions.demo import project, week8

PICTURES = Path(__file__).parents[2] / "exercises" / "pictures"


def pictures_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.png")}


@pytest.mark.slow
def test_week8_runs_on_a_few_pictures(tmp_path, capsys):
    assert week8.main(["--save", str(tmp_path), "--train-size", "160", "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "3,473,475" in said
    assert "left out [(3, 'columns'), (5, 'number')]" in said
    assert "bit for bit the same: True" in said
    assert "most often mistaken for" in said and "stand-in" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "week8")


@pytest.mark.slow
def test_the_project_runs_on_a_few_pictures(tmp_path, capsys):
    small = ["--train-size", "80", "--epochs", "1", "--edge", "32"]
    assert project.main(["--save", str(tmp_path), *small]) == 0
    said = capsys.readouterr().out
    assert "baseline" in said and "small, dropout, augmented" in said
    assert "most often mistaken for" in said and "stand-in" in said
    assert pictures_in(tmp_path) == pictures_in(PICTURES / "project")
