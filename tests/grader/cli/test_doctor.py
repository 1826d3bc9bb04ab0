"""What `doctor` finds in a Python environment, a terminal and the editors, and reports."""

import io
import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from grader.cli import doctor, environment
from grader.cli.main import main
from grader.course import COURSE

REQUIRED = """
[project]
name = "flaxlings"
dependencies = [
    "numpy>=2.0",
    "rich>=999",
    "no-such-package-at-all>=1",
    "never-wanted; python_version < '3'",
]
"""


def test_what_is_missing_or_too_old_is_read_off_the_requirements(tmp_path):
    (tmp_path / "pyproject.toml").write_text(REQUIRED)
    old, missing = environment.lacking(tmp_path)
    assert old[0] == "rich" and old[1].startswith("1") and old[2] == ">=999"
    assert missing == ("no-such-package-at-all", "", ">=1")


def test_this_environment_holds_what_the_course_requires():
    assert not list(environment.lacking(COURSE.root))


def test_with_a_package_missing_doctor_names_the_command_and_looks_no_further(monkeypatch, capsys):
    monkeypatch.setattr(environment, "lacking", lambda root: [("flax", "", ">=0.12.8")])
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "! flax                not installed; the course requires >=0.12.8\n" in said
    assert f"-m pip install -e {COURSE.root}\n" in said
    assert "devices" not in said and "Fix the lines with !" in said


def test_an_environment_without_pip_is_one_of_uv(monkeypatch):
    command = environment.install_course(Path("/a course"), "notebook")
    assert shlex.split(command) == [
        *(sys.executable, "-m", "pip", "install", "-e", "/a course[notebook]")
    ]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert environment.install_course(Path("/c")).startswith("uv pip install --python ")


def test_the_command_that_activates_is_relative_and_only_there_where_it_is_needed(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.chdir(tmp_path)
    assert environment.activation() == ""  # no environment
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "activate").touch()
    python = programs / "python"
    python.touch(0o755)
    monkeypatch.setenv("PATH", "/nowhere")
    assert environment.activation() == "source .venv/bin/activate"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/nowhere")
    assert environment.activation() == ""


def test_the_course_may_be_installed_from_another_folder(tmp_path, monkeypatch):
    entry = tmp_path / "site/flaxlings-0.1.0.dist-info"
    entry.mkdir(parents=True)
    (entry / "METADATA").write_text("Metadata-Version: 2.1\nName: flaxlings\nVersion: 0.1.0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site")])
    assert environment.installed_from() == []  # a copy
    origin = {"url": (tmp_path / "a clone").as_uri(), "dir_info": {"editable": True}}
    (entry / "direct_url.json").write_text(json.dumps(origin))
    assert environment.installed_from() == [(tmp_path / "a clone").resolve()]


@pytest.mark.parametrize(("place", "poor"), [(COURSE.root, False), (Path("/else"), True)])
def test_doctor_says_from_where_the_course_is_imported(monkeypatch, place, poor):
    monkeypatch.setattr(environment, "installed_from", lambda: [place])
    found = {what: (sign, state) for sign, what, state, _ in doctor._packages([])}
    assert ("installation" in found) is poor
    assert found["packages"][0] == doctor.GOOD and "jax " in found["packages"][1]


@pytest.mark.parametrize(
    ("encoding", "variables", "mend"),
    [
        ("utf-8", {}, ""),
        ("latin-1", {}, "export PYTHONUTF8=1"),
        ("ascii", {"PYTHONIOENCODING": "ascii"}, "unset PYTHONIOENCODING"),
    ],
)
def test_a_terminal_without_the_signs_is_found(monkeypatch, encoding, variables, mend):
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    ((sign, what, state, said),) = doctor._terminal()
    assert (sign == doctor.GOOD, what, said) == (not mend, "terminal", mend)
    assert encoding in state


def test_what_an_editor_needs_is_optional(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "pip" or None)
    notebooks, code = doctor._editors()
    assert notebooks[0] == code[0] == doctor.OPTIONAL
    assert notebooks[3].startswith("only for notebooks: ") and "[notebook]" in notebooks[3]
    assert code[3].endswith("-m pip install ipykernel")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    assert {sign for sign, *_ in doctor._editors()} == {doctor.GOOD}
