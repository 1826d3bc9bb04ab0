"""Grading a class: every student has a row, nothing is judged twice, a kill loses nothing."""

import csv
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.classroom import local
from grader.classroom.gradebook import Gradebook, GradebookError
from grader.classroom.marks import class_marks
from grader.classroom.policy import Policy
from grader.classroom.pool import Job, Judges
from grader.classroom.tables import grades, plain_cell
from grader.cli.main import main
from grader.intake.model import Handed, Intake
from grader.secret import Secret
from grader.worker import bubblewrap, tiers
from grader.worker.remedies import Lack

ROOT = Path(__file__).parents[3]
RIGHT = """
def set_last(values, new):
    return values.at[-1].set(new)
"""
WRONG = "def set_last(values, new):\n    return values\n"
LEAVES = "import os\nos._exit(0)\n"
FORGES = """
import json, os, pathlib
for place in ("..", "/tmp", os.path.expanduser("~"), "/flaxlings"):
    try:
        pathlib.Path(place, "grades.csv").write_text("eve,17,17")
    except OSError:
        pass
print('{"points": 17}')
"""


@pytest.fixture
def submissions(tmp_path):
    folder = tmp_path / "in"
    for name, text in (("ada", RIGHT), ("bob", WRONG), ("eve", FORGES), ("mal", LEAVES)):
        (folder / name).mkdir(parents=True)
        (folder / name / "week1.py").write_text(text)
    (folder / "nil").mkdir()
    return folder


def command(folder, out, *more):
    tier = tiers.choose("auto")
    words = ["class", str(folder), "--out", str(out), "--isolation", tier, "--jobs", "1", *more]
    return [sys.executable, "-m", "grader", *words]


def run(folder, out, *more):
    return subprocess.run(
        command(folder, out, *more), cwd=ROOT, capture_output=True, text=True, check=False
    )


def rows(out):
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        return {row[0]: row[1:] for row in csv.reader(file)}


def test_a_class_with_wrong_and_hostile_work_that_is_killed_and_goes_on(submissions, tmp_path):
    out = tmp_path / "out"
    (submissions / "ada/week1.py").write_text(WRONG)
    words = command(submissions, out)
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert any(line.startswith("2/4") for line in killed.stdout)
        killed.kill()
    (submissions / "ada/week1.py").write_text(RIGHT)
    done = run(submissions, out)
    assert done.returncode == 0, done.stdout + done.stderr
    left, judged = re.search(r"(\d+) to judge, (\d+) judged before", done.stdout).groups()
    assert int(left) + int(judged) == 4 and int(judged) >= 1, "not ada, whose file has changed"
    assert rows(out) == {
        "student": ["week1", "total"],
        "ada": ["1", "1"],
        "bob": ["0", "0"],
        "eve": ["0", "0"],
        "mal": ["0", "0"],
        "nil": ["0", "0"],
    }
    (week,) = json.loads((out / "results/ada/week1.json").read_text())
    assert week["submission"] == "ada/week1.py" and week["self_check"] is False
    assert week["tasks"][0]["status"] == "passed" and week["points"] == 1
    assert stat.S_IMODE((out / "secret").stat().st_mode) == 0o600
    secret = (out / "secret").read_text()
    written = [p for p in out.rglob("*") if p.is_file() and p.name != "secret"]
    assert not any(secret.encode() in p.read_bytes() for p in written)

    before = (out / "grades.csv").read_bytes()
    again = run(submissions, out)
    assert "0 to judge, 4 judged before" in again.stdout
    assert (out / "grades.csv").read_bytes() == before


def job(week="week1", text=RIGHT, name="ada"):
    secret = Secret.from_seed(1)
    tier = tiers.choose("auto")
    return Job(name, week, {f"{week}.py": text.encode()}, name, secret, "embedded", tier)


def dies(job):
    if job.student == "mal":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"week": job.week, "points": 1.0, "max_points": 17.0, "tasks": []}


def test_who_ends_the_judging_process_is_ungraded_and_alone():
    names = ["ada", "mal", "bob", "zoe"]
    done = {
        j.student: result for j, result in local.run([job(name=n) for n in names], 2, Judges(dies))
    }
    assert sorted(done) == sorted(names)
    assert {task["status"] for task in done["mal"]["tasks"]} == {"ungraded"}
    assert all(done[name]["points"] == 1.0 for name in ("ada", "bob", "zoe"))


def test_the_same_files_have_the_same_secret_and_others_another(tmp_path):
    with Gradebook(tmp_path, {}) as book:
        first = book.attempt_secret("ada", "week1", "d1")
        assert first == book.attempt_secret("ada", "week1", "d1")
        others = [("ada", "week1", "d2"), ("ada", "week2", "d1"), ("bob", "week1", "d1")]
        assert len({first.bits, *(book.attempt_secret(*each).bits for each in others)}) == 4
    with Gradebook(tmp_path, {}) as book:
        assert first == book.attempt_secret("ada", "week1", "d1")


def verdict(points, status="failed"):
    task = {"name": "t", "status": status, "points": points, "max_points": 2.0, "message": ""}
    result = {"week": "week1", "points": points, "max_points": 2.0, "tasks": [task]}
    return result | {"isolation": "sandbox"}


def table(book):
    return grades(class_marks(book, Policy()))


def test_what_could_not_be_judged_is_empty_and_tried_again(tmp_path):
    names = ("=cmd()", "ada")
    works = {name: Handed(name, "week1", {"week1.py": name.encode()}) for name in names}
    came = Intake(list(names), {(name, "week1"): work for name, work in works.items()})
    with Gradebook(tmp_path / "out", {}) as book:
        book.hand_in(came, ["week1"])
        digest = works["ada"].digest
        book.record("ada", digest, verdict(0.0, "ungraded"))
        assert ("ada", "week1", digest) in book.to_judge()
        assert table(book) == ("student,week1,total,incomplete\n'=cmd(),,0,week1\nada,,0,week1\n")
        book.record("ada", digest, verdict(1.5))
        assert [student for student, _, _ in book.to_judge()] == ["=cmd()"]
        assert table(book) == ("student,week1,total,incomplete\n'=cmd(),,0,week1\nada,1.5,1.5,\n")


def test_a_gradebook_has_one_run_and_one_kind_of_marks(tmp_path):
    with Gradebook(tmp_path, {"data": "embedded"}):
        with pytest.raises(GradebookError, match="Another run.*choose another --out"):
            Gradebook(tmp_path, {"data": "embedded"})
        with pytest.raises(GradebookError, match=r"Wait until it has finished\.$"):
            Gradebook(tmp_path)  # like a report, which has no --out
    with pytest.raises(GradebookError, match="data embedded, this run has tfds"):
        Gradebook(tmp_path, {"data": "tfds"})
    with pytest.raises(GradebookError, match="seed"):
        Gradebook(tmp_path, {"data": "embedded"}, seed=3)
    (tmp_path / "secret").write_text("gone")
    with pytest.raises(GradebookError, match="secret"):
        Gradebook(tmp_path, {"data": "embedded"})


def test_a_damaged_base_is_a_sentence(tmp_path):
    (tmp_path / "grades.sqlite").write_text("no base, but long enough to be read as one" * 50)
    with pytest.raises(GradebookError, match="Move it away"):
        Gradebook(tmp_path, {})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert plain_cell(text) == "'" + text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["class", "absent", "--out", "o"], "no folder"),
        (["class", ".", "--out", "."], "same folder"),
        (["class", ".", "--out", "o", "--jobs", "0"], "1 or more"),
        (["class", ".", "--out", "o", "--weeks", "week77"], "no week77"),
        (["class", ".", "--out", "o", "--data", "absent"], "no such folder"),
    ],
)
def test_wrong_use_is_a_sentence(words, said, submissions, monkeypatch, capsys):
    monkeypatch.chdir(submissions)
    monkeypatch.setattr(bubblewrap, "sandbox_lack", lambda: None)
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_without_a_sandbox_marks_need_the_flag(submissions, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        bubblewrap, "sandbox_lack", lambda: Lack("bubblewrap is not installed.", "install it")
    )
    monkeypatch.setattr(tiers, "user_lack", lambda private: Lack("only root can."))
    assert main(["class", str(submissions), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "bubblewrap is not installed" in said and "--isolation process" in said
