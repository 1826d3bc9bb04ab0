"""A new week, written and filled in a copy of the course, goes through every command.

No file is touched but its own. To run all tests with such a week: clone the repository, make the
week as `made` does, `git add` its files, and run pytest there.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import COURSE

WEEK = COURSE.root / "tests/data/week9"
TASKS = ("logistic_step", "train_classifier")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.ipynb", "week9*")


class Copy:
    """The course in a separate folder, and its commands."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("lib", "grader", "solutions", "exercises", "tests/mistakes"):
            shutil.copytree(COURSE.root / name, root / name, ignore=LEFT_OUT)
        for name in (".vscode", ".devcontainer"):
            shutil.copytree(COURSE.root / name, root / name)
        for name in ("pyproject.toml", "LICENSE", ".gitignore", "tests/conftest.py"):
            shutil.copy(COURSE.root / name, root / name)
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "The course")

    def git(self, *words: str) -> str:
        made = subprocess.run(
            ["git", *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return made.stdout

    def run(self, *words: str, status: int = 0, module: str = "grader") -> str:
        made = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert made.returncode == status, made.stdout + made.stderr
        return made.stdout + made.stderr

    def wrong_answers(self) -> None:
        """Grades the week's answers by hand, as the tests of the course do."""
        self.run("-q", "tests/mistakes/test_answers.py", "-m", "", "-k", "week9", module="pytest")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def made(copy):
    """The copy with week 9: written by `new`, tried at once, and filled by hand."""
    copy.run("new", "week9", TASKS[0])
    copy.run("new", "task", TASKS[1], "--week", "week9")
    assert "2 of 2 tasks" in copy.run("week9", "--solutions")
    copy.wrong_answers()
    shutil.rmtree(copy.root / "tests/mistakes/week9")
    shutil.copytree(WEEK, copy.root, dirs_exist_ok=True)
    copy.run("stubs", "week9")
    return copy


@pytest.mark.slow
def test_it_is_graded_and_its_wrong_answers_are_told(made):
    assert "2 of 2 tasks, 5 of 5 points" in made.run("week9", "--solutions")
    assert "0 of 2 tasks" in made.run("week9", status=1)
    made.wrong_answers()


@pytest.mark.slow
def test_a_student_is_led_through_it(made):
    overview = made.run()
    assert "week9   □□  0 of 2 tasks" in overview
    assert overview.index("week8") < overview.index("week9") < overview.index("project")
    assert "What probability" in made.run("hint", "week9")
    assert "5. You divided a column by 10" in made.run("quiz", "week9")
    assert "week9.ipynb was made" in made.run("notebook", "week9")
    (made.root / "exercises/week9.ipynb").unlink()
    work = made.root / "exercises/week9.py"
    stub = work.read_text()
    work.write_text((made.root / "solutions/week9.py").read_text())
    command = [sys.executable, "-u", "-m", "grader", "watch", "week9"]
    with subprocess.Popen(
        command, cwd=made.root, env=made.environment, stdout=subprocess.PIPE, text=True
    ) as watch:
        said = []
        try:
            for line in watch.stdout or ():
                said.append(line)
                if "to be saved" in line:
                    break
        finally:
            watch.terminate()
    assert any("2 of 2 tasks, 5 of 5 points" in line for line in said), said
    assert "a step of a pipeline" in made.run("explain", "week9", TASKS[1])
    work.write_text(stub)
    shutil.rmtree(made.root / ".flaxlings")


@pytest.mark.slow
def test_a_class_hands_it_in(made, tmp_path):
    for student, folder in (("Ada", "solutions"), ("Bob", "exercises")):
        (tmp_path / "in" / student).mkdir(parents=True)
        shutil.copy(made.root / folder / "week9.py", tmp_path / "in" / student)
    out = tmp_path / "out"
    made.run("class", str(tmp_path / "in"), "--out", str(out), "--isolation", "process")
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        marks = {row["student"]: row["week9"] for row in csv.DictReader(file)}
    assert marks == {"Ada": "5", "Bob": "0"}
    made.run("report", str(out))
    assert "Train a classifier for rows" in (out / "report.html").read_text()
    (result,) = json.loads((out / "results/Ada/week9.json").read_text())
    assert result["passed"]


@pytest.mark.slow
def test_it_is_handed_out_without_its_answers(made, tmp_path):
    place = tmp_path / "handout"
    said = made.run("release", str(place))
    assert "Not written yet" not in said
    about = "logistic regression, from one step to a classifier for a table of numbers"
    row = f"| week9 | {about} | [week9.md](exercises/week9.md) |\n"
    assert row in (place / "README.md").read_text()
    for text in ("exercises/week9.py", "stubs/week9.py"):
        assert "NotImplementedError" in (place / text).read_text()
    assert not (place / "grader/authoring").exists()
    for command, status, words in (
        (["week9"], 1, "0 of 2 tasks"),
        (["new", "week10"], 2, "hand-out for students"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "grader", *command],
            cwd=place,
            env=made.environment | {"PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status and words in done.stdout + done.stderr


@pytest.mark.slow
def test_no_file_is_touched_but_its_own(made):
    touched = made.git("status", "--porcelain", "--untracked-files=all").splitlines()
    assert len(touched) > 8
    assert [line for line in touched if not (line.startswith("?? ") and "week9" in line)] == []
