"""A term in one OUT: exports of several weeks and systems, one after the other."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.classroom import gradebook, local
from grader.classroom.gradebook import Gradebook
from grader.cli.main import main
from grader.source.notebook import to_notebook
from grader.worker import tiers

from ..intake.hand_ins import notebook, zipped
from ..intake.test_archives import shared_header

ROOT = Path(__file__).parents[3]
STATUSES = {"right": ("passed",) * 20, "half": ("passed",), "host": ("ungraded",)}


@pytest.fixture
def judged(monkeypatch, verdict):
    """Makes verdicts from a file's text, without a worker; lists what was judged, in order."""
    judged = []

    def run(jobs, processes):
        for job in jobs:
            ((_, content),) = job.files.items()
            judged.append((job.student, job.week, content.decode().strip(), job.secret))
            word = content.decode().strip().removeprefix("kind = ").strip('"')
            status = STATUSES.get(word, ("failed",))
            yield job, verdict(job.student, status, "no memory left", "process", job.week)

    monkeypatch.setattr(local, "run", run)
    return judged


@pytest.fixture
def grade(tmp_path, judged, capsys):
    """Grades a DIR of {path: text} into the same OUT; returns the exit status and the output."""

    def grade(files, *more, name="in"):
        folder = tmp_path / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for place, text in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            data = text if isinstance(text, bytes) else f'kind = "{text}"\n'.encode()
            (folder / place).write_bytes(data)
        words = ["class", folder, "--out", tmp_path / "out", "--isolation", "process", *more]
        judged.clear()
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return grade


def rows(out, name="grades.csv"):
    with open(out / name, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def marks(out):
    """The columns of grades.csv up to the total."""
    table = rows(out)
    return [row[: table[0].index("total") + 1] for row in table]


def names(judged):
    return [(student, week) for student, week, *_ in judged]


def test_each_week_s_export_adds_to_what_is_there(grade, judged, tmp_path):
    out = tmp_path / "out"
    assert grade({"ada/week1.py": "right", "bob/week1.py": "wrong", "cy/readme.md": "hi"})[0] == 0
    status, said = grade({"bob/week2.py": "right", "bob/week1.py": "half", "di/week2.py": "wrong"})
    assert status == 0 and "4 students, week1, week2: 3 to judge, 1 judged before" in said
    assert "the mark of an earlier run is kept (1): ada week1." in said
    expected = [
        ["student", "week1", "week2", "total"],
        ["ada", "17", "0", "17"],
        ["bob", "1", "18", "19"],
        ["cy", "0", "0", "0"],
        ["di", "0", "0", "0"],
    ]
    assert marks(out) == expected
    (out / "grades.csv").unlink()
    assert main(["report", str(out), "--format", "canvas"]) == 0
    assert marks(out) == expected, "the report covers the term too"
    # --weeks only selects what to judge now.
    status, said = grade({"ada/week2.py": "right", "bob/week1.py": "right"}, "--weeks", "week2")
    assert names(judged) == [("ada", "week2")]
    expected[1] = ["ada", "17", "18", "35"]
    assert status == 0 and marks(out) == expected
    assert ["bob", "bob/week1.py", "week1"] in [row[:3] for row in rows(out, "intake.csv")]


def test_a_stub_takes_no_place_of_earlier_work(grade, judged, tmp_path):
    stubs = (ROOT / "exercises/week1.py").read_bytes()
    grade({"ada/week1.py": "right", "cy/week1.py": stubs})
    files = {"ada/exercises/week1.py": stubs, "bob/week1.py": stubs, "cy/week1.py": "half"}
    status, said = grade(files, name="in2")
    assert (
        status == 0
        and "note: Empty or all stubs now, so what was handed in before counts (1): ada week1."
        in said
    )
    assert marks(tmp_path / "out")[1:] == [["ada", "17", "17"], ["bob", "0", "0"], ["cy", "1", "1"]]
    reason = "empty or all stubs; what was handed in before counts"
    assert ["ada", "ada/exercises/week1.py", "", reason] in rows(tmp_path / "out", "intake.csv")


def test_a_stub_fills_no_cell_that_is_empty_for_something_else(grade, tmp_path):
    grade({"ada/week1.rar": b"Rar!\x1a\x07\x01\x00", "bob/week1.py": "right"})
    stubs = (ROOT / "exercises/week1.py").read_bytes()
    status, _ = grade({"ada/week1.py": stubs, "bob/week1.py": "right"}, name="in2")
    assert status == 2 and marks(tmp_path / "out")[1] == ["ada", "", "0"]


@pytest.mark.parametrize("place, empty", [("week1.py", b""), ("week1.py", b" \n"),
                                          ("week1.ipynb", notebook("").encode())])  # fmt: skip
def test_an_empty_file_takes_no_place_of_earlier_work(place, empty, grade, tmp_path):
    grade({"ada/week1.py": "right"})
    status, said = grade({f"ada/{place}": empty, "bob/week1.py": empty})
    assert status == 0 and "what was handed in before counts (1): ada week1." in said
    assert marks(tmp_path / "out")[1:] == [["ada", "17", "17"], ["bob", "0", "0"]]


def test_an_older_export_fills_no_cell_that_is_empty_for_a_newer_one(grade, judged, tmp_path):
    out, older, newer = tmp_path / "out", tmp_path / "in", {"ada.zip": b"PK damaged"}
    newer["bob/week1.py"] = "right"
    grade({"ada/week1.py": "right"})
    time = (older / "ada/week1.py").stat().st_mtime
    assert grade(newer, name="in2")[0] == 2

    def again(name, then, *more):
        path = tmp_path / name / "ada/week1.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('kind = "right"\n')
        os.utime(path, (then, then))
        words = ["class", path.parent.parent, "--out", out, "--isolation", "process", *more]
        return main([str(word) for word in words])

    assert again("in", time) == 2 and marks(out)[1] == ["ada", "", "0"]
    policy = tmp_path / "policy.toml"
    policy.write_text('[students.ada.files]\nweek1 = "none"\n')
    assert again("in", time, "--policy", policy) == 0 and marks(out)[1] == ["ada", "17", "17"]
    # The same file counts if it is handed in again after the damaged one.
    policy.write_text("")
    again("in", time, "--policy", policy)
    assert grade(newer, name="in2")[0] == 2
    assert again("in3", time + 60) == 0 and marks(out)[1] == ["ada", "17", "17"]


def test_times_that_are_those_of_an_archive_are_said(grade, tmp_path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text('submitted = "files"\n')
    files = {f"{name}_{n}_assignsubmission_file_/week1.py": 'kind = "right"\n'
             for n, name in enumerate(("Ada", "Bob"))}  # fmt: skip
    said = grade({"CS1-Week 1-4711.zip": zipped(files)}, "--policy", policy)[1]
    assert "All 2 files of week1 are dated 20" in said and "submitted" in said
    for n, place in enumerate(files):
        path = tmp_path / "in" / place
        path.parent.mkdir(parents=True)
        path.write_text(files[place])
        os.utime(path, (1.7e9 + 4000 * n,) * 2)
    (tmp_path / "in/CS1-Week 1-4711.zip").unlink()
    main(["class", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--isolation", "process"])
    assert "files of week1" not in capsys.readouterr().out


def test_an_earlier_file_that_comes_again_counts_and_is_said(grade, judged, tmp_path):
    grade({"ada/week1.py": "half"})
    assert "Handed in before" not in grade({"ada/week1.py": "right"})[1]
    status, said = grade({"ada/week1.py": "half"})
    assert (
        status == 0
        and "Handed in again after another file, so it counts again (1): ada week1" in said
    )
    assert marks(tmp_path / "out")[1:] == [["ada", "1", "1"]] and judged == []


def test_the_policy_says_what_counts(grade, judged, tmp_path):
    out, policy = tmp_path / "out", tmp_path / "policy.toml"
    files = {"ada/week1.py": "half", "ada/more/week1.py": "right", "bob/week1.py": "right"}
    status, said = grade(files)
    assert status == 2 and re.search(r"\n  ada  week1  .*more/week1\.py", said)
    # The choice applies once the file is there; the cell stays empty until then.
    policy.write_text('[students.ada.files]\nweek1 = "more/week1.py"\n')
    assert grade({"bob/week2.py": "right"}, "--policy", policy, name="in2")[0] == 2
    assert marks(out)[1] == ["ada", "", "0", "0"]
    assert grade(files)[0] == 0 and marks(out)[1] == ["ada", "17", "0", "17"]
    # Two files again, but neither counts: the earlier mark stays.
    files["ada/third/week1.py"] = "wrong"
    policy.write_text('[students.ada.files]\nweek1 = "none"\n')
    assert grade(files, "--policy", policy)[0] == 0
    assert marks(out)[1] == ["ada", "17", "0", "17"]
    policy.write_text('[students.ada.files]\nweek1 = "nowhere.py"\n')
    status, said = grade(files, "--policy", policy)
    assert status == 2 and "nowhere.py" in said


def test_who_has_left_is_not_judged_and_nothing_of_them_is_lost(grade, judged, tmp_path):
    out, policy = tmp_path / "out", tmp_path / "policy.toml"
    files = {"ada/week1.py": "right", "bob/week1.py": "right", "cy/week1.rar": b"Rar!"}
    grade(files)
    policy.write_text("[students]\nbob.left = true\ncy.left = true\n")
    files["bob/week1.py"] = "half"
    assert grade(files, "--policy", policy)[0] == 0
    assert judged == [] and marks(out)[1:] == [["ada", "17", "17"]]
    policy.write_text("")
    assert grade(files, "--policy", policy)[0] == 2 and names(judged) == [("bob", "week1")]
    assert marks(out)[1:] == [["ada", "17", "17"], ["bob", "1", "1"], ["cy", "", "0"]]


def test_what_could_not_be_taken_or_judged_is_loud(grade, judged, tmp_path):
    out = tmp_path / "out"
    files = {"ada/week1.py": "right", "bob/homework.zip": b"PK damaged", "cy/week1.py": "host"}
    status, said = grade(files)
    assert status == 2 and "2 cells have no points yet" in said
    assert re.search(r"\n  bob  week1  .*homework\.zip", said)
    assert "\n  cy  week1  no memory left" in said
    totals = {row[0]: row[1] for row in rows(out)}
    assert totals == {"student": "week1", "ada": "17", "bob": "", "cy": ""}
    table = rows(out, "intake.csv")
    assert table[0] == ["student", "file", "week", "reason"]
    assert [row[:3] for row in table[1:]] == [
        ["ada", "ada/week1.py", "week1"],
        ["bob", "bob/homework.zip", ""],
        ["cy", "cy/week1.py", "week1"],
    ]
    assert all(row[3] for row in table[1:])
    # The next week's export: work that the host could not judge is judged from the saved files.
    status, said = grade({"ada/week2.py": "right"}, name="in2")
    assert status == 2 and names(judged) == [("ada", "week2"), ("cy", "week1")]
    assert "homework.zip" in said, "it is reported until it is settled"
    # bob hands in again.
    status, said = grade({"bob/week1.py": "half"}, name="in3")
    assert {row[0]: row[1] for row in rows(out)}["bob"] == "1"


def test_a_file_left_out_leaves_its_week_empty_unless_the_week_has_a_mark(grade, tmp_path):
    out, cy = tmp_path / "out", {"cy/week1.py": "right", "cy/week2.py.bak": "right"}
    assert grade(cy)[0] == 0 and marks(out)[0] == ["student", "week1", "total"]
    status, said = grade({"bob/week2.py": "right"} | cy)
    assert status == 2 and re.search(r"\n  cy  week2  .*week2\.py\.bak", said)
    assert marks(out)[2] == ["cy", "17", "", "17"]
    assert grade({"cy/week2.py": "half"}, name="in2")[0] == 0
    assert grade({"bob/week2.py": "right"} | cy)[0] == 0
    assert marks(out)[2] == ["cy", "17", "1", "18"]


def test_a_folder_of_marks_in_the_class_s_folder_is_refused(grade, tmp_path, capsys):
    (tmp_path / "in/ada").mkdir(parents=True)
    for out in ("in/OUT", "in/ada/../deep/OUT"):
        assert main(["class", str(tmp_path / "in"), "--out", str(tmp_path / out)]) == 2
        assert "you can move one" in capsys.readouterr().err
        assert not (tmp_path / out).exists()
    (tmp_path / "one.zip").write_bytes(zipped({"week1.py": "x"}))
    assert main(["class", str(tmp_path / "one.zip"), "--out", str(tmp_path / "out")]) == 2
    assert "Put it into one" in capsys.readouterr().err


def test_a_student_of_whom_no_week_is_known_is_named(grade, tmp_path):
    status, said = grade({"ada/homework.zip": b"PK damaged"})
    assert status == 2 and re.search(r"\n  ada  no week  .*homework\.zip", said)


def test_what_to_do_is_said_after_the_longest_place(grade):
    place = "_".join(["Frank A. Smith-Jones"] * 6) + "_4711_assignsubmission_file_/exercises"
    files = {f"{place}/{name}/week1.py": "right" for name in ("one" * 30, "two" * 30)}
    files |= {f"{place}/{'one' * 30}/b/week1.py": "half"}
    files |= {f"{place}/{'two' * 30}/b/week1.py": "wrong"}
    said = grade(files)[1]
    (line,) = (line for line in said.splitlines() if "files may be week1" in line)
    assert re.search(r'"\.files\] week1 = ".*/week1\.py"\.$', line) and len(line) < 1000


def test_of_many_empty_cells_the_first_are_named(grade):
    status, said = grade({f"s{n:02}/week1.py": "host" for n in range(25)})
    assert status == 2 and "25 cells have no points" in said
    assert "\n  s19  week1" in said and "s20  week1  no" not in said
    assert "and 5 more" in said and "intake.csv has all" in said


def test_a_changed_rubric_is_said_and_judged_again_when_asked(grade, judged, tmp_path, monkeypatch):
    out = tmp_path / "out"
    grade({"ada/week1.py": "right", "bob/week1.py": "half"})
    secrets = {student: secret for student, _, _, secret in judged}
    assert "have changed" not in grade({"ada/week2.py": "right"})[1]
    monkeypatch.setattr(gradebook, "rubric_fingerprint", lambda week: f"another {week == 'week1'}")
    with Gradebook(out) as book:
        book._base.execute("update attempt set rubric = 'another False' where week = 'week2'")
    status, said = grade({"ada/week2.py": "right"})
    assert status == 0 and names(judged) == []
    (note,) = (line for line in said.splitlines() if "have changed" in line)
    assert "week1" in note and "--again" in note and note.endswith("ada week1, bob week1.")
    # DIR need not contain the work that is judged again.
    status, said = grade({"ada/week2.py": "right"}, "--again", "--weeks", "week1")
    assert status == 0 and "2 to judge" in said
    assert {student: secret for student, _, _, secret in judged} == secrets
    assert "have changed" not in grade({"ada/week2.py": "right"})[1]
    grade({"ada/week2.py": "right"}, "--again")
    assert names(judged) == [("ada", "week1"), ("ada", "week2"), ("bob", "week1")]


def test_judging_again_that_is_stopped_goes_on_at_the_next_run(
    grade, judged, tmp_path, monkeypatch
):
    grade({"ada/week1.py": "right", "bob/week1.py": "right"})
    before = marks(tmp_path / "out")
    run = local.run

    def stops(jobs, processes):
        yield next(run(jobs, processes))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(local, "run", stops)
        assert grade({"ada/week1.py": "right"}, "--again")[0] == 2
    assert names(judged) == [("ada", "week1")] and marks(tmp_path / "out") == before
    assert grade({"ada/week1.py": "right"})[0] == 0
    assert names(judged) == [("bob", "week1")]


ROSTER = (
    b"\xef\xbb\xbfname,id,username,email,also\r\n"
    b"Ada Example,17,aexample,,adaexample\r\n"
    b"Zoe,18,,,\r\n"
)


def test_a_roster_holds_from_then_on_and_joins_what_belongs_together(grade, judged, tmp_path):
    out = tmp_path / "out"
    grade({"adaexample/week1.py": "right"})
    (tmp_path / "class.csv").write_bytes(ROSTER)
    status, said = grade({"aexample/week2.py": "right"}, "--roster", tmp_path / "class.csv")
    assert status == 0, said
    assert (out / "roster.csv").read_bytes() == ROSTER
    expected = [
        ["student", "week1", "week2", "total"],
        ["Ada Example", "17", "18", "35"],
        ["Zoe", "0", "0", "0"],
    ]
    assert marks(out) == expected
    status, said = grade({"adaexample/week1.py": "right", "aexample/week2.py": "right"})
    assert marks(out) == expected and names(judged) == []


def test_who_is_renamed_in_the_roster_keeps_attempts_and_numbers(grade, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("name,id,username\nAda Example,17,ada\nBob,18,bob\n")
    canvas = "exampleada_101_9{}_week{}.py"
    grade({canvas.format(1, 1): "right", "bob/week1.py": "half"}, "--roster", roster)
    roster.write_text("name,id,username\nAda Lovelace,17,ada\nBob,18,bob\n")
    status, said = grade({canvas.format(2, 2): "right"}, "--roster", roster)
    assert status == 0 and "Ada Example, of an earlier run, is Ada Lovelace" in said
    status, said = grade({canvas.format(3, 3): "right"})
    assert status == 0, said
    assert marks(tmp_path / "out")[1:] == [
        ["Ada Lovelace", "17", "18", "20", "55"], ["Bob", "1", "0", "0", "1"]
    ]  # fmt: skip


def test_a_row_is_open_until_the_roster_says_whose_a_near_name_is(grade, tmp_path):
    files = {f"{name}_471{n}_assignsubmission_file/week1.py": "right"
             for n, name in enumerate(("Ada B. Example", "Zoe"))}  # fmt: skip
    roster = tmp_path / "class.csv"
    roster.write_bytes(ROSTER)
    status, said = grade(files, "--roster", roster)
    assert status == 2 and "Ada Example" in said and "`Ada B. Example` into `also`" in said
    assert ["Ada Example", "", "0"] in marks(tmp_path / "out")
    roster.write_bytes(ROSTER.replace(b",adaexample", b",Ada B. Example"))
    status, said = grade(files, "--roster", roster)
    assert status == 0, said
    assert marks(tmp_path / "out")[1:] == [["Ada Example", "17", "17"], ["Zoe", "17", "17"]]
    assert not [row for row in rows(tmp_path / "out", "intake.csv") if "may be" in row[3]]


def test_an_export_beside_other_things_is_graded_alone_and_leaves_no_row(grade, tmp_path):
    work = b'kind = "right"\n'
    export = {f"{name}_471{n}_assignsubmission_file/week1.py": work
              for n, name in enumerate(("Ada", "Bob"))}  # fmt: skip
    status, said = grade({"CS1.zip": zipped(export), "Mal Ory/week1.py": "half"})
    assert status == 2 and "Grade it alone" in said
    assert {row[0]: row[1] for row in marks(tmp_path / "out")[1:]} == {
        "Ada": "", "Bob": "", "Mal Ory": "1"
    }  # fmt: skip
    status, said = grade({"CS1.zip": zipped(export)}, name="alone")
    assert status == 0, said
    assert [row[0] for row in marks(tmp_path / "out")[1:]] == ["Ada", "Bob", "Mal Ory"]
    assert not [row for row in rows(tmp_path / "out", "intake.csv") if "may be" in row[3]]


def test_an_account_of_github_is_nobodys_by_its_name(grade, tmp_path):
    (tmp_path / "class.csv").write_bytes(ROSTER + b"Mal,19,,,malgh\r\n")
    clones = {"week1-aexample/week1.py": "right", "week1-malgh/week1.py": "half"}
    status, said = grade(clones, "--roster", tmp_path / "class.csv")
    assert status == 2 and "Ada Example (line 2)" in said
    status, said = grade({"Ada Example/week2.py": "right"})
    table = {row[0]: row[1:] for row in marks(tmp_path / "out")}
    assert table["aexample"][0] == "17" and table["Ada Example"][0] != "17"


def test_results_go_with_a_student_s_name(grade, tmp_path):
    out = tmp_path / "out"
    grade({"adaexample/week1.py": "right"})
    (tmp_path / "class.csv").write_bytes(ROSTER)
    _, said = grade({"adaexample/week2.py": "half"}, "--roster", tmp_path / "class.csv")
    assert "note: adaexample, of an earlier run, is Ada Example" in said
    found = {str(path.relative_to(out / "results")) for path in (out / "results").rglob("*.json")}
    assert found == {"Ada Example/week1.json", "Ada Example/week2.json"}


def test_a_roster_that_cannot_be_read_changes_nothing(grade, tmp_path):
    grade({"ada/week1.py": "right"})
    before = marks(tmp_path / "out")
    (tmp_path / "class.csv").write_text("who\nAda\n")
    status, said = grade({"ada/week1.py": "half"}, "--roster", tmp_path / "class.csv")
    assert status == 2 and "class.csv" in said
    assert marks(tmp_path / "out") == before and not (tmp_path / "out/roster.csv").exists()


def test_a_verdict_whose_file_cannot_be_written_stops_nobody(grade, tmp_path):
    out = tmp_path / "out"
    (out / "results").mkdir(parents=True)
    (out / "results/ada").write_text("in the way")
    status, said = grade({"ada/week1.py": "right", "bob/week1.py": "half"})
    assert status == 0 and "results/ada/week1.json" in said
    assert marks(out)[1:] == [["ada", "17", "17"], ["bob", "1", "1"]]
    assert json.loads((out / "results/bob/week1.json").read_text())[0]["points"] == 1


# A whole term, judged ------------------------------------------------------------------------

RIGHT = {
    "week1": "def set_last(values, new):\n    return values.at[-1].set(new)\n",
    "week2": """
import jax.numpy as jnp

def normalise(images):
    return jnp.asarray(images, jnp.float32) / 255
""",
    "week3": """
def conv_output_size(n, kernel, stride=1, padding="VALID"):
    return -(-n // stride) if padding == "SAME" else (n - kernel) // stride + 1
""",
    "week4": "def steps_per_epoch(examples, batch_size):\n    return -(-examples // batch_size)\n",
}
POINTS = {"week1": 1, "week2": 1, "week3": 2, "week4": 1}


def source(kind, week):
    """A week with one function; the kind says what it does."""
    if kind == "broken":
        return RIGHT[week].replace("(", "((", 1)
    head, _, body = RIGHT[week].rpartition("    return ")
    answers = {"right": body, "wrong": "None\n", "stub": None}
    if answers[kind] is None:
        return f'{head}    raise NotImplementedError("Write it.")\n'
    return f"{head}    return {answers[kind]}"


@dataclass(frozen=True)
class Student:
    """One of thirty students, with names and numbers in the course systems."""

    place: int

    @property
    def name(self):
        last, first = divmod(self.place, 6)
        first = ("Ada", "Bob", "Cléo", "Dan", "Eve", "Fay")[first]
        return f"{first} {('Alpha', 'Brook', 'Cole', 'Dorn', 'Eames')[last]}"

    def kind(self, week):
        turn = self.place + 7 * int(week[-1])
        if turn % 10 == 0:
            return "right"
        if turn % 15 == 1:
            return "wrong"
        return None if turn % 10 == 4 else "broken" if turn % 5 == 2 else "stub"


CLASS = [Student(place) for place in range(30)]


def roster():
    people = [
        f"{s.name},{900 + s.place},{s.place}@example.org,{100 + s.place};login{s.place}\n"
        for s in CLASS
    ]
    return "name,id,email,also\n" + "".join(people)


def canvas(works):
    """{(student, which, late): text} as Canvas exports it."""
    return {
        f"{''.join(reversed(s.name.casefold().split()))}_{'LATE_' * late}{100 + s.place}_"
        f"{5000 + 50 * turn + s.place}_{name}": text
        for (s, turn, late, name), text in works.items()
    }


def moodle(works):
    """Folders with the assignment's number, and names in macOS's Unicode form."""
    return {
        f"{unicodedata.normalize('NFD', s.name)}_{7000 + s.place}_assignsubmission_file_/week2.py":
        text for s, text in works.items()
    }  # fmt: skip


def github(works):
    """Clones of the hand-out: the stubs of all weeks next to the work."""
    stubs = {week: (ROOT / f"exercises/{week}.py").read_bytes() for week in RIGHT}
    return {
        f"week-3-login{s.place}/exercises/{week}.py": text if week == "week3" else stubs[week]
        for s, text in works.items()
        for week in RIGHT
    }


def gradescope(works):
    files = {f"submission_{3000 + s.place}/week4.py": text for s, text in works.items()}
    files["submission_metadata.yml"] = "---\n" + "".join(
        f"submission_{3000 + s.place}:\n  :submitters:\n  - :name: {s.name}\n"
        f"    :sid: '{900 + s.place}'\n    :email: {s.place}@example.org\n"
        "  :created_at: 2026-11-20 10:00:00.000000000 Z\n"
        for s in works
    )
    return files


def handed(week):
    return {s: source(s.kind(week), week) for s in CLASS if s.kind(week)}


class Term:
    """Runs of `class` from the command line, into one OUT."""

    def __init__(self, folder):
        self.folder, self.out = folder, folder / "out"

    def words(self, files, *more):
        place = self.folder / f"export{len(list(self.folder.iterdir()))}"
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        words = ["class", place, "--out", self.out, "--jobs", 2, *more]
        words += ["--isolation", tiers.choose("auto")]
        return [sys.executable, "-m", "grader", *map(str, words)]

    def run(self, words):
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def killed(self, words, after):
        """Runs until some verdicts are there, and is killed."""
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert any(line.startswith(f"{after}/") for line in process.stdout)
            process.kill()


@pytest.mark.slow
def test_a_term_of_four_systems_that_is_killed_twice(tmp_path):
    term = Term(tmp_path)
    (tmp_path / "roster.csv").write_text(roster(), encoding="utf-8")
    points = {
        (s.name, week): POINTS[week] * (s.kind(week) == "right") for s in CLASS for week in RIGHT
    }

    def expected(weeks, empty=()):
        found = {}
        for s in CLASS:
            mine = [points[s.name, week] if (s, week) not in empty else "" for week in weeks]
            total = sum(mark or 0 for mark in mine)
            found[s.name] = [str(mark) for mark in (*mine, total)]
        return found

    def table(weeks):
        heading, *students = marks(term.out)
        assert heading == ["student", *weeks, "total"]
        return {student: row for student, *row in students}

    # Week 1 from Canvas: one resubmits, one hands in an unreadable file, some are late.
    works = {(s, 0, s.place % 7 == 0, "week1.py"): text for s, text in handed("week1").items()}
    again, lost, late, worse = (CLASS[place] for place in (5, 3, 6, 13))
    assert [s.kind("week1") for s in (again, lost, late, worse)] == [
        "broken", "right", "stub", "right"
    ]  # fmt: skip
    works[again, 1, True, "week1-1.py"] = source("right", "week1")
    points[again.name, "week1"] = 1
    works[lost, 0, False, "homework.zip"] = b"PK\x03\x04 damaged"
    del works[lost, 0, False, "week1.py"]
    status, said = term.run(term.words(canvas(works), "--roster", tmp_path / "roster.csv"))
    assert status == 2 and f"\n  {lost.name}  week1  " in said, said
    assert table(["week1"]) == expected(["week1"], {(lost, "week1")})

    # Week 2 from Moodle, killed.
    words = term.words(moodle(handed("week2")))
    term.killed(words, 5)
    status, said = term.run(words)
    judged, left = re.search(r"(\d+) to judge, (\d+) judged before", said).groups()
    assert int(judged) + int(left) == len(handed("week2")) and int(left) >= 5
    assert status == 2 and table(["week1", "week2"]) == expected(
        ["week1", "week2"], {(lost, "week1")}
    )

    # Late work for week 1: the last attempt counts, even if it is worse.
    works = {(late, 2, True, "week1.py"): "right", (lost, 2, True, "week1.py"): "right"}
    works[worse, 2, False, "week1-1.py"] = "wrong"
    points[late.name, "week1"], points[worse.name, "week1"] = 1, 0
    status, said = term.run(
        term.words(canvas({work: source(kind, "week1") for work, kind in works.items()}))
    )
    assert status == 0 and table(["week1", "week2"]) == expected(["week1", "week2"]), said

    # Week 3 from GitHub, whose clones hold the stubs of all weeks.
    status, said = term.run(term.words(github(handed("week3"))))
    assert status == 0 and table(list(RIGHT)) == {
        name: [*row[:3], "0", str(sum(map(int, row[:3])))]
        for name, row in expected(list(RIGHT)).items()
    }, said

    # Week 4 from Gradescope, killed.
    words = term.words(gradescope(handed("week4")))
    term.killed(words, 3)
    status, said = term.run(words)
    assert status == 0 and table(list(RIGHT)) == expected(list(RIGHT)), said
    before = (term.out / "grades.csv").read_bytes()
    status, said = term.run(words)
    assert status == 0 and "0 to judge" in said
    assert (term.out / "grades.csv").read_bytes() == before
    found = {(path.parent.name, path.stem) for path in (term.out / "results").rglob("*.json")}
    assert {(s.name, week) for s in CLASS for week in RIGHT if s.kind(week)} <= found


@pytest.mark.slow
def test_a_real_week_of_six_students(tmp_path):
    solution = (ROOT / "solutions/week1.py").read_text(encoding="utf-8")
    slip = solution.replace("return values.at[-1].set(new)", "return values.at[0].set(new)")
    cells = json.loads(to_notebook(solution))
    scratch = [{"cell_type": "code", "metadata": {}, "execution_count": 3, "outputs": [],
                "source": text} for text in ("%matplotlib inline", "1/0", "for x in")]  # fmt: skip
    cells["cells"] = [scratch[0], *cells["cells"], *scratch[1:]]
    files = {
        "ada/week1 (1).py": solution,
        "bob/Homework.ZIP": zipped({"homework\\week1.py": solution.replace("\n", "\r\n")}),
        "cy/exercises/week1.ipynb": json.dumps(cells),
        "dan/week1.py": slip,
        "eve/week1.py": (ROOT / "exercises/week1.py").read_bytes(),
        "fay/week1.rar": b"Rar!\x1a\x07\x01\x00",
    }
    term = Term(tmp_path)
    status, said = term.run(term.words(files))
    assert {who: points for who, points, *_ in marks(term.out)[1:]} == {
        "ada": "17", "bob": "17", "cy": "17", "dan": "16", "eve": "0", "fay": ""
    }, said  # fmt: skip
    assert status == 2 and re.search(r"\n  fay  week1  .*week1\.rar", said)


# Submissions meant to cost the grader time ---------------------------------------------------

HOSTILE = {
    "magics": {"week1.ipynb": notebook("%m\n" * 40_000)},
    "cells": {"week1.py": "# %%\n1/0\n" * 20_000},
    "brackets": {"week1.py": "x = " + "(" * 100_000},
    "header": {"homework.zip": shared_header(20_000)},
    "entries": {"homework.zip": zipped({f"{n}/week1.py": b"" for n in range(19_000)})},
    "zeros": {"homework.zip": zipped({"week1.ipynb": bytes(80 * 2**20)})},
    "coding": {"week1.py": "# coding: undefined\n"},
    "\N{SNAKE}" * 63: {"week1.py": RIGHT["week1"]},
}
REPORTS = ("html", "canvas", "moodle", "moodle-worksheet", "gradescope", "junit", "github", "json")


@pytest.mark.slow
def test_one_file_stops_nobody(tmp_path):
    def cost(name, files):
        """CPU seconds of all processes for a class and all its outputs."""
        (tmp_path / name).mkdir()
        term = Term(tmp_path / name)
        before = sum(os.times()[:4])
        status, said = term.run(term.words(files))
        found = marks(term.out)
        commands = [["--format", each] for each in REPORTS]
        commands.append(["--feedback", str(tmp_path / name / "feedback")])
        for words in commands:
            assert main(["report", str(term.out), *words]) == 0
        return sum(os.times()[:4]) - before, found, said

    honest = {f"s{n:02}/week1.py": RIGHT["week1"] for n in range(12)}
    expected = [[name.split("/")[0], "1", "1"] for name in honest]
    without, found, _ = cost("without", honest)
    assert found[1:] == expected
    hostile = {f"{who}/{name}": data for who, files in HOSTILE.items() for name, data in
               files.items()}  # fmt: skip
    among, found, said = cost("among", honest | hostile)
    assert [row for row in found[1:] if row in expected] == expected
    assert len(found) == 1 + len(honest) + len(HOSTILE), said
    assert among - without < 20, (among, without)
