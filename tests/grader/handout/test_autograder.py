"""A week's autograder for Gradescope: the contents of the zip, which grades once unpacked."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from grader.cli import autograder as command
from grader.cli.main import main
from grader.course import COURSE
from grader.handout.autograder import autograder
from grader.worker import other_user, tiers

SOLUTION = COURSE.solutions / "week1.py"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    target = tmp_path_factory.mktemp("autograder") / "week1.zip"
    autograder(COURSE, "week1", target)
    return target


def unpacked(packed: Path, root: Path) -> Path:
    """Creates the folders of Gradescope's container."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    (root / "submission_metadata.json").write_text('{"users": [{"email": "ann@example.org"}]}')
    subprocess.run(["unzip", "-q", packed, "-d", root / "source"], check=True)
    shutil.copy(root / "source/run_autograder", root)
    return root


def run(script: Path, root: Path, **environment) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "AUTOGRADER_ROOT": str(root), **environment}
    return subprocess.run(
        ["/bin/bash", str(script)], env=environment, cwd=root, capture_output=True, text=True
    )


def test_scripts_are_at_the_root_and_no_solution_is_in_it(packed):
    with zipfile.ZipFile(packed) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
    for name in ("setup.sh", "run_autograder"):
        assert stat.S_IMODE(entries[name].external_attr >> 16) == 0o755
    assert {name.split("/")[0] for name in entries} == {"setup.sh", "run_autograder", "course"}
    assert {name.split("/")[1] for name in entries if name.startswith("course/")} == {
        "grader", "lib", "stubs", "pyproject.toml", "LICENSE", "README.md",
    }  # fmt: skip
    assert {entry.date_time for entry in entries.values()} == {(1980, 1, 1, 0, 0, 0)}


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_without_a_network_the_setup_names_what_is_missing(packed, tmp_path):
    root, tools = unpacked(packed, tmp_path / "autograder"), tmp_path / "bin"
    tools.mkdir()
    program(tools / "apt-get", "#!/bin/sh\necho 'Could not resolve host'\nexit 100\n")
    setup = root / "source/setup.sh"
    places = {"PATH": str(tools), "AUTOGRADER_ENVIRONMENT": str(tmp_path / "environment")}
    bare = run(setup, root, **places)
    assert bare.returncode == 1 and "Missing: Python 3.11, 3.12 or 3.13" in bare.stderr

    python = tmp_path / "environment/bin/python"
    venv = f"/bin/mkdir -p {python.parent}\n/bin/ln -s {tools}/bare {python}\n"
    program(tools / "python3.12", f"#!/bin/sh\n{venv}")
    program(tools / "bare", f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    poor = run(setup, root, **places)
    assert poor.returncode == 1
    assert "Missing, could not be installed: jax>=0.10, flax>=0.12.8, optax" in poor.stderr

    python.unlink()
    unready = run(root / "run_autograder", root, **places)
    assert unready.returncode == 2 and "setup.sh has not finished" in unready.stderr
    assert not list((root / "results").iterdir())


def test_everything_in_the_containers_folder_is_closed_to_others(tmp_path):
    root = tmp_path / "autograder"
    for name in ("source", "results"):
        (root / name).mkdir(parents=True)
    (root / "metadata.json").write_text("{}")
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (root / "link").symlink_to(tmp_path / "elsewhere")
    assert [path.name for path in command.close(root)] == ["metadata.json", "results", "source"]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) & 0o77 for path in root.iterdir()} == {
        "source": 0, "results": 0, "metadata.json": 0, "link": 0o55,
    }  # fmt: skip


@pytest.fixture
def container(tmp_path, monkeypatch):
    """The folders, and a machine that can isolate student code."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "results/results.json").write_text("of an earlier run")
    monkeypatch.setattr(tiers, "choose", lambda tier, private: tier)
    return tmp_path


def test_where_student_code_cannot_be_kept_apart_nothing_is_graded(container, monkeypatch, capsys):
    def refuse(tier, private):
        assert tier == "user" and container / "source" in private
        raise tiers.IsolationError("setpriv is not installed.")

    monkeypatch.setattr(tiers, "choose", refuse)
    assert command.main(["week1", "--root", str(container)]) == 2
    assert "nothing is graded: setpriv is not installed." in capsys.readouterr().out


def test_a_fault_of_the_host_leaves_no_mark(container, monkeypatch, capsys):
    monkeypatch.setattr(other_user, "reserve", lambda: (_ for _ in ()).throw(other_user.NoUser("")))
    monkeypatch.setattr(tiers, "user_lack", lambda private=(): None)
    (container / "submission/week1.py").write_text("def set_last(values, new):\n    pass\n")
    assert command.main(["week1", "--root", str(container)]) == 2
    assert "there is no mark" in capsys.readouterr().out
    assert not (container / "results/results.json").exists()


STUB = (COURSE.exercises / "week1.py").read_text()
TAKEN = {
    "week1.py": ({"week1.py": "x = 1\n"}, "week1.py"),
    "a copy of a browser's": ({"week1 (1).py": "x = 1\n", "notes.txt": "hi"}, "week1 (1).py"),
    "the hand-out's folder": ({"exercises/week1.py": "x = 1\n"}, "exercises/week1.py"),
    "beside the stub": ({"week1.py": STUB, "Week 1.py": "x = 1\n"}, "Week 1.py"),
    "other weeks": ({"week1.py": "x = 1\n", "week2.py": "x = 2\n"}, "week1.py"),
}
NOT_TAKEN = {
    "nothing": ({}, "Found: nothing."),
    "two": ({"a/week1.py": "x = 1\n", "b/week1.py": "x = 2\n"}, "a/week1.py; b/week1.py"),
    "another week": ({"week2.py": "x = 1\n"}, "week2.py"),
    "no archive": ({"week1.rar": "Rar!\x1a\x07\0"}, "week1.rar (is a .rar archive"),
}


def hand_in(container, files):
    for name, text in files.items():
        path = container / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("kind", TAKEN)
def test_the_file_is_found_as_in_a_class(container, kind):
    files, name = TAKEN[kind]
    hand_in(container, files)
    handed, found = command.taken("week1", container)
    assert handed is not None and list(handed.files) == ["week1.py"]
    assert [file.file for file in found if file.week == "week1"] == [name]
    assert len(found) == len(files)


@pytest.mark.parametrize("kind", NOT_TAKEN)
def test_where_no_file_can_be_taken_the_student_reads_why(container, kind):
    files, said = NOT_TAKEN[kind]
    hand_in(container, files)
    assert command.main(["week1", "--root", str(container)]) == 0
    results = json.loads((container / "results/results.json").read_text())
    assert results["score"] == 0 and said in results["output"], results["output"]
    assert "this 0 is not a mark yet: hand in one file called week1.py" in results["output"]
    assert "policy" not in results["output"] and str(container) not in results["output"]


def test_the_check_says_how_many_points_there_are(container, capsys):
    assert command.main(["week1", "--root", str(container), "--check"]) == 0
    assert capsys.readouterr().out == "The autograder of week1 is ready: 17 points.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.zip", "--gradescope", "week77"], "There is no week77"),
        (["x.zip", "--gradescope", "all"], "Say which week"),
        (["x.zip", "--gradescope", "week1", "--version", "v1.0"], "about the hand-out's workflow"),
        ([str(COURSE.root / "x.zip"), "--gradescope", "week1"], "in the course itself"),
    ],
)
def test_wrong_use_is_a_sentence(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["release", *words]) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


NOSY = """\
import os
for place, _, _ in list(os.walk({root!r})):
    assert os.path.samefile(place, {root!r})  # nothing below can be listed
for name in ("source/course/stubs/week1.py", "submission/week1.py", "submission_metadata.json"):
    assert not os.access(os.path.join({root!r}, name), os.R_OK)
for name in ("results/results.json", "results", "source", "."):
    assert not os.access(os.path.join({root!r}, name), os.W_OK)
"""


@pytest.mark.slow
def test_unpacked_in_a_container_it_grades(packed, open_python):
    if other_user.lack([], [], []):
        pytest.skip(f"no other user here: {other_user.lack([], [], [])}")
    folder = Path(tempfile.mkdtemp(prefix="flaxlings-autograder-"))  # another user may enter it
    try:
        folder.chmod(0o755)
        root, environment = unpacked(packed, folder / "autograder"), folder / "environment"
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        site = environment / Path(packages).relative_to(sys.prefix)
        site.mkdir(parents=True)
        (site / "packages.pth").write_text(packages)
        (environment / "bin").mkdir()
        (environment / "bin/python").symlink_to(open_python[0])
        (environment / "pyvenv.cfg").write_text(f"home = {os.path.dirname(open_python[0])}\n")
        nosy = NOSY.format(root=str(root)) + SOLUTION.read_text()
        (root / "submission/week1 (2).py").write_text(nosy)
        done = run(root / "run_autograder", root, AUTOGRADER_ENVIRONMENT=str(environment))
        assert done.returncode == 0, done.stdout + done.stderr
        results = json.loads((root / "results/results.json").read_text())
        assert results["score"] == 17 and len(results["tests"]) == 8
        assert results["output"].startswith("Graded: week1 (2).py. Graded in the tier user")
    finally:
        shutil.rmtree(folder)
