"""Outputs that are closed, have lost their reader, or lack a sign: commands end quietly."""

import io
import json
import os
import subprocess
import sys

import pytest

from grader.cli import streams
from grader.cli.main import main
from grader.course import COURSE
from grader.results.text import in_words, without_commands

GRADER = [sys.executable, "-P", "-m", "grader"]


@pytest.fixture
def unread(monkeypatch):
    """Replaces a standard stream with one whose reader has gone."""
    made = []

    def leave(name):
        reader, writer = os.pipe()
        os.close(reader)
        stream = streams.Output(open(writer, "wb"), "utf-8", line_buffering=True)
        made.append(stream)
        monkeypatch.setattr(sys, name, stream)

    yield leave
    for stream in made:
        stream.close()


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["hint", "week1", "set_last"], ["week1", "--task", "set_last"]]
)
def test_without_a_reader_a_command_ends_quietly(unread, capsys, tmp_path, words):
    (tmp_path / "week1.py").write_text("def set_last(values, new):\n    return values\n")
    if "--task" in words:
        words = [*words, "--submission", str(tmp_path), "--isolation", "process"]
    unread("stdout")
    assert main(words, COURSE) == 141
    assert capsys.readouterr().err == ""


def test_what_is_wrong_with_a_command_need_not_be_read(unread):
    unread("stderr")
    assert main(["week77"]) == 141


def test_what_was_judged_until_then_is_written(unread, capsys, tmp_path, tiny):
    unread("stdout")
    target = tmp_path / "r.json"
    assert main(["week91", "--solutions", "--json", str(target)], tiny) == 141
    (week,) = json.loads(target.read_text())
    assert {task["status"] for task in week["tasks"]} == {"ungraded"}
    assert "The run stopped" in week["tasks"][0]["message"]
    assert capsys.readouterr().err == ""


def test_a_class_ends_quietly_and_goes_on_at_the_next_run(unread, tmp_path):
    for student in ("ann", "bob"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "week1.py").write_text(f"{student} =\n")
    words = ["class", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    words += ["--isolation", "process"]
    unread("stdout")
    assert main(words) == 141
    assert main(words) == 0  # the output now goes nowhere
    rows = (tmp_path / "out/grades.csv").read_text().splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["ann", "0", "0"], ["bob", "0", "0"]]


def test_a_pipe_that_is_closed_ends_the_process_as_it_does_others():
    done = subprocess.run(
        ["bash", "-c", '"$@" | true; echo "${PIPESTATUS[0]}"', "bash", *GRADER, "--help"],
        cwd=COURSE.root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_outputs_lead_nowhere_and_the_command_goes_on(closed, tmp_path):
    (tmp_path / "week1.py").write_text("def set_last(values, new):\n    return 1 +\n")
    words = ["week1", "--submission", str(tmp_path), "--json", str(tmp_path / "r.json")]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {closed}', "bash", *GRADER, *words],
        cwd=COURSE.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr == ""
    assert bool(done.stdout) is (closed == "2>&-")
    assert json.loads((tmp_path / "r.json").read_text())[0]["week"] == "week1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("✓ A 3×3 kernel …", "ok A 3x3 kernel ..."), ("✗ ■□ ☃", "failed #- ?"), ("naïve", "na?ve")],
)
def test_signs_that_an_encoding_lacks_are_words(text, shown):
    streams.prepare()
    out = streams.Output(io.BytesIO(), "ascii", "words")
    out.write(text)
    out.flush()
    assert out.buffer.getvalue().decode() == shown  # type: ignore[attr-defined]


@pytest.mark.parametrize(("runner", "shown"), [("true", "## [add-mask]x"), ("", "##[add-mask]x")])
def test_nothing_a_student_makes_the_grader_say_commands_the_runner(tmp_path, runner, shown):
    (tmp_path / "week1.py").write_text("x = )  ##[add-mask]x\n")
    done = subprocess.run(
        [*GRADER, "week1", "--submission", str(tmp_path)],
        cwd=COURSE.root, env={**os.environ, "GITHUB_ACTIONS": runner},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and shown in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a ##[group]b", "a ## [group]b"),
        ("###[x] ##[y]", "### [x] ## [y]"),
        ("::error::a", ": :error::a"),
        ("first\n \t::debug::b::c", "first\n \t: :debug::b::c"),
        ("x[::2] # and ## and :::", "x[::2] # and ## and :::"),
    ],
)
def test_a_command_is_broken_by_a_space(text, safe):
    assert without_commands(text) == safe


def test_bytes_are_not_made_words():
    error = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why")
    with pytest.raises(UnicodeDecodeError):
        in_words(error)
