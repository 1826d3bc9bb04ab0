"""Every command treats the project like a week, and it comes last."""

import json
import shutil

import pytest

from grader.cli.main import main
from grader.cli.usage import chosen_weeks
from grader.cli.watch import Watcher
from grader.course import COURSE, Course


@pytest.fixture
def course(tmp_path):
    """Makes a student's course with the stubs of week 8 and the project."""
    root = tmp_path / "course"
    (root / "exercises").mkdir(parents=True)
    (root / "solutions").mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "flaxlings"\n')
    for name in ("week8.py", "project.py"):
        shutil.copy(COURSE.exercises / name, root / "exercises")
        shutil.copy(COURSE.solutions / name, root / "solutions")
    return Course(root, COURSE.checks)


def test_all_ends_with_the_project():
    assert chosen_weeks(["all"], COURSE)[-1] == COURSE.weeks()[-1] == "project"
    assert chosen_weeks(["project", "week8"], COURSE) == ["project", "week8"]


def test_the_stub_is_to_be_done_and_progress_says_so(course, tmp_path, capsys):
    found = tmp_path / "result.json"
    place = str(course.exercises)
    assert main(["project", "--submission", place, "--json", str(found)], course) == 1
    (week,) = json.loads(found.read_text())
    assert week["week"] == "project" and week["seconds"] < 5
    assert {task["status"] for task in week["tasks"]} == {"todo"}
    capsys.readouterr()
    main([], course)
    last = [line for line in capsys.readouterr().out.split("\n") if line.startswith("project")]
    assert last and "0 of" in last[0]


def test_hint_reset_and_notebook_know_it(course, capsys):
    assert main(["hint", "project"], course) == 0
    assert "hint 1 of" in capsys.readouterr().out
    path = course.exercises / "project.py"
    path.write_text("# my work\n")
    assert main(["reset", "project"], course) == 0
    assert path.read_bytes() == (COURSE.exercises / "project.py").read_bytes()
    assert (course.exercises / "project.py.1.old").read_text() == "# my work\n"
    assert main(["notebook", "project"], course) == 0
    notebook = json.loads((course.exercises / "project.ipynb").read_text())
    assert any("predict_flowers" in "".join(cell["source"]) for cell in notebook["cells"])


def test_watch_judges_it(course, tier):
    watcher = Watcher("project", course.exercises / "project.py", course, tier)
    try:
        assert {task.status for task in watcher.grade().tasks} == {"todo"}
    finally:
        watcher.close()


@pytest.mark.parametrize("ending", ["py", "ipynb"])
def test_a_submission_may_be_a_file_or_a_notebook(course, ending, tmp_path):
    if ending == "ipynb":
        main(["notebook", "project"], course)
    path = tmp_path / f"project.{ending}"
    shutil.copy(course.exercises / path.name, path)
    found = tmp_path / "result.json"
    assert main(["project", "--submission", str(path), "--json", str(found)]) == 1
    assert json.loads(found.read_text())[0]["tasks"][0]["status"] == "todo"
