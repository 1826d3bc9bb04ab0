"""`python -m solutions` lists the weeks and runs one with its demonstration's options."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import COURSE
from solutions.__main__ import main
from solutions.demo.listing import demonstrations

ROOT = Path(__file__).parents[2]


def test_help_lists_every_week_with_a_sentence_and_loads_no_jax():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "solutions", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    listed = [line.split(maxsplit=1) for line in done.stdout.split("weeks:\n")[1].splitlines()]
    sentences = dict(pair for pair in listed if len(pair) == 2)
    weeks = [week for week in COURSE.weeks() if week in demonstrations()]
    assert [name for name in sentences if name != "python"] == weeks
    for week in weeks:
        assert len(sentences[week]) > 30 and sentences[week].endswith(".")
    assert "jax" not in done.stderr


@pytest.mark.parametrize("week", demonstrations())
def test_a_weeks_own_help_tells_its_options_and_trains_nothing(week, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([week, "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert f"python -m solutions {week}" in said and "--save" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["week9"], "there is no demonstration of week9; choose from week1, week2"),
        ([], "name a week; choose from"),
    ],
)
def test_a_week_that_is_not_there_is_a_sentence(words, sentence, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err


def test_solutions_know_nothing_of_the_demonstrations():
    for week in COURSE.weeks():
        text = (ROOT / "solutions" / f"{week}.py").read_text()
        assert "import solutions" not in text and "from solutions" not in text
