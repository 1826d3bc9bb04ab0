"""The exercises are the solutions without the answers, and lessons refer to existing files."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import lib
from grader.course import COURSE
from grader.source.stubs import task_functions, week_stub

ROOT = Path(__file__).parents[2]
WEEKS = tuple(COURSE.weeks())


@pytest.mark.parametrize("week", WEEKS)
def test_the_exercise_is_made_from_the_solution_byte_for_byte(week):
    made = week_stub(COURSE, week).encode()
    assert (ROOT / "exercises" / f"{week}.py").read_bytes() == made, "run: python -m grader stubs"


@pytest.mark.parametrize("week", WEEKS)
def test_the_exercise_knows_nothing_of_the_solution(week):
    text = (ROOT / "exercises" / f"{week}.py").read_text()
    assert "solutions" not in text
    for name in task_functions(COURSE, week):
        assert re.search(rf"^(def|class) {name}\b", text, re.M), name


@pytest.mark.parametrize("week", WEEKS)
def test_the_first_try_says_what_is_still_to_be_written(week, tmp_path, monkeypatch):
    load = lib.load
    few = {
        "train_size": 20,
        "test_size": 20,
    }  # the cells ask for many images, which take time to draw
    monkeypatch.setattr(lib, "load", lambda name, **sizes: load(name, **(sizes | few)))
    monkeypatch.chdir(tmp_path)  # a try-it block may save its figure here
    first = task_functions(COURSE, week)[0]
    with pytest.raises(NotImplementedError, match=f"^Write {first}\\b"):
        runpy.run_path(str(ROOT / "exercises" / f"{week}.py"), run_name="__main__")


def test_a_first_try_in_a_terminal_ends_with_that_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "exercises" / "week1.py")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    first = task_functions(COURSE, "week1")[0]
    assert done.returncode == 1
    assert done.stderr.strip().split("\n")[-1].startswith(f"NotImplementedError: Write {first}")


@pytest.mark.parametrize("week", WEEKS)
def test_every_picture_and_page_that_a_lesson_shows_is_there(week):
    lesson = ROOT / "exercises" / f"{week}.md"
    for target in re.findall(r"\]\(([^)]+)\)", lesson.read_text()):
        assert target.startswith("https://") or (lesson.parent / target).is_file(), target


@pytest.mark.parametrize("week", WEEKS)
def test_every_picture_has_a_text_for_those_who_do_not_see_it(week):
    text = (ROOT / "exercises" / f"{week}.md").read_text()
    assert all(len(words) > 15 for words in re.findall(r"!\[([^\]]*)\]", text))


def test_every_picture_is_in_a_lesson():
    lessons = "".join((ROOT / "exercises" / f"{week}.md").read_text() for week in WEEKS)
    for picture in (ROOT / "exercises" / "pictures").rglob("*.png"):
        assert f"({picture.relative_to(ROOT / 'exercises').as_posix()})" in lessons
