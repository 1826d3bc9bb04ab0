"""The command line: exit status, messages, files, and hostile files in the current folder."""

import json
import os
import shutil
import subprocess
import sys
import textwrap

import jsonschema
import pytest

from grader.cli.main import main
from grader.course import COURSE, Course
from grader.source.stubs import stub_source, task_functions

ROOT = COURSE.root


@pytest.fixture
def course(tiny, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(tiny.root, root, ignore=shutil.ignore_patterns(tiny.state.name))
    shutil.copy(root / "solutions/week91.py", root / "exercises/week91.py")
    (root / "checks/week92.py").unlink()
    return Course(root, root / "checks")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["week7"], "There is no week7. There are: week91, and all."),
        (["week91", "--task", "nope"], "There is no task nope."),
        (["--solutions"], "which week"),
        (["week91", "--submission", "/nowhere"], "does not exist"),
        (["week91", "--solutions", "--submission", "."], "Use either --solutions or --submission."),
        (["begun", "--submission", "/nowhere"], "does not exist"),
        (["week91", "--data", "/nowhere"], "neither embedded nor tfds"),
        (["week91", "--json", "-", "--junit", "-"], "Only one"),
        (["week91", "--gradescope", "-", "--junit", "-"], "Only one"),
        (["report", "x"], "no gradebook in x"),
        (["hint"], "required"),
        (["hint", "all", "x"], "no task x"),
        (["watch", "week7"], "There is no week7"),
        (["week91", "--device", "abacus"], "invalid choice"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_2(course, capsys, argv, said):
    try:
        status = main(argv, course)
    except SystemExit as stop:  # argparse
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and said in captured.err and "Traceback" not in captured.err


def test_a_python_without_the_course_s_packages_is_a_sentence_and_exit_2():
    started = subprocess.run(
        [sys.executable, "-S", "-m", "grader", "week1"], cwd=ROOT, capture_output=True, text=True
    )
    assert started.returncode == 2 and started.stdout == ""
    assert f"{sys.executable} has no psutil" in started.stderr
    assert "pip install -e" in started.stderr and "Traceback" not in started.stderr


def test_an_older_python_is_a_sentence_and_exit_2():
    code = (
        "import collections, runpy, sys; "
        "sys.version_info = collections.namedtuple('Version', 'major minor')(3, 9); "
        "runpy.run_module('grader')"
    )
    command = [sys.executable, "-c", code]
    old = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert old.returncode == 2 and old.stdout == ""
    assert "is Python 3.9; the course needs 3.11, 3.12 or 3.13" in old.stderr


def test_a_fault_of_the_grader_is_not_exit_1(course, capsys):
    (course.checks / "week91.py").write_text("@task(points=N)\ndef check_a(): 'T'\n")
    assert main(["week91"], course) == 2
    assert "fault of the grader" in capsys.readouterr().err


def test_results_are_written_and_the_text_is_plain(course, capsys, tmp_path):
    json_file, junit_file = tmp_path / "out/r.json", tmp_path / "r.xml"
    status = main(
        ["week91", "--solutions", "--json", str(json_file), "--junit", str(junit_file)], course
    )
    out = capsys.readouterr().out
    assert status == 0 and "\x1b" not in out and "4 of 4 tasks, 5.5 of 5.5 points" in out
    schema = json.loads((ROOT / "grader/results/result.schema.json").read_text())
    got = json.loads(json_file.read_text())
    jsonschema.validate(got, schema)
    assert (
        got[0]["passed"] and not got[0]["self_check"] and junit_file.read_text().startswith("<?xml")
    )
    assert not (course.state / "progress.json").exists()


def test_json_on_stdout_leaves_text_on_stderr_and_keeps_progress(course, capsys):
    (course.exercises / "week91.py").write_text("def answer():\n    return 41\n")
    status = main(["all", "--json", "-", "--seed", "7", "--task", "answer"], course)
    captured = capsys.readouterr()
    got = json.loads(captured.out)
    assert status == 1 and got[0]["seed"] == 7 and got[0]["max_points"] == 1
    assert "answer" in captured.err and "41" in captured.err
    assert json.loads((course.state / "progress.json").read_text())["week91"]["answer"]


def test_a_missing_exercise_says_how_to_get_one(course, capsys):
    (course.exercises / "week91.py").unlink()
    assert main(["week91"], course) == 1
    assert "reset week91" in capsys.readouterr().out


BEGUN = {
    "the stubs": (None, 0),
    "no file": ("", 0),
    "one task": ("def answer():\n    return 42\n", 1),
    "unreadable": ("def answer(:\n", 1),
}


@pytest.mark.parametrize("work", BEGUN)
def test_begun_weeks_are_those_with_work_in_them(course, capsys, tmp_path, work):
    text, status = BEGUN[work]
    (tmp_path / "hand-in").mkdir()
    if text is None:
        text = stub_source(
            (course.solutions / "week91.py").read_text(), task_functions(course, "week91")
        )
    if text:
        (tmp_path / "hand-in/week91.py").write_text(text)
    words = ["begun", "--submission", str(tmp_path / "hand-in"), "--json", str(tmp_path / "r")]
    assert main(words, course) == status
    assert len(json.loads((tmp_path / "r").read_text())) == status
    not_begun = "no week" if status else "week91"
    said = capsys.readouterr().out
    assert said.startswith(f"Not begun, or no file of that name there: {not_begun}.\n")


def test_a_begun_week_that_passes_is_green(course, capsys):
    assert main(["begun"], course) == 0
    assert "4 of 4 tasks" in capsys.readouterr().out


HOSTILE = {
    "conftest.py": "raise SystemExit('conftest was loaded')",
    "pytest.ini": "[pytest]\naddopts = --collect-only -p evil\npython_functions = nothing",
    "tox.ini": "[pytest]\naddopts = --version",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--version'",
    "setup.cfg": "[tool:pytest]\naddopts = --version",
    "numpy.py": "raise SystemExit('numpy was shadowed')",
    "jax.py": "raise SystemExit('jax was shadowed')",
    "pytest.py": "raise SystemExit('pytest was shadowed')",
    "evil.py": "import os; os._exit(0)",
    "rich.py": "raise SystemExit('rich was shadowed')",
    "psutil.py": "raise SystemExit('psutil was shadowed')",
    "lib.py": "raise SystemExit('lib was shadowed')",
    "sitecustomize.py": "print('sitecustomize was loaded')",
    "json.py": "raise SystemExit('json was shadowed')",
}


def test_nothing_in_the_current_folder_is_run(tmp_path):
    """PYTHONPATH finds the grader, as an installed checkout would; the folder is hostile."""
    for name, text in HOSTILE.items():
        (tmp_path / name).write_text(text)
    source = textwrap.dedent(
        """
        def set_last(values, new):
            return values.at[-1].set(new)
        """
    )
    (tmp_path / "week1.py").write_text(source)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTEST_ADDOPTS": "-p evil --collect-only",
        "PYTEST_PLUGINS": "evil",
    }
    command = [sys.executable, "-P", "-m", "grader", "week1", "--task", "set_last"]
    command += ["--submission", ".", "--json", "-"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["tasks"][0]["status"] == "passed"
    assert "shadowed" not in done.stdout + done.stderr and "loaded" not in done.stderr
    # Without -P, the folder leaves the path before any import after Python's own start.
    del command[1]
    (tmp_path / "json.py").unlink()
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_a_run_in_the_graders_own_tree_is_a_self_check(tmp_path, capsys):
    text = "def set_last(values, new):\n    raise NotImplementedError\n"
    (tmp_path / "week1.py").write_text(text)
    main(["week1", "--submission", str(tmp_path), "--task", "set_last", "--json", "-"])
    assert json.loads(capsys.readouterr().out)[0]["self_check"] is False
    main(
        [
            "week1",
            "--task",
            "set_last",
            "--submission",
            str(ROOT / "exercises/week1.py"),
            "--json",
            "-",
        ]
    )
    assert json.loads(capsys.readouterr().out)[0]["self_check"] is True


def test_the_overview_imports_no_jax(course):
    code = (
        "import sys; from grader.cli.main import main; main([]); "
        "main(['hint', 'week1', 'set_last']); "
        "assert not {'jax', 'flax', 'pytest', 'matplotlib', 'lib'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_doctor_says_what_there_is(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for word in ("Python", "jax", "isolation", "devices", "tfds", "convolutions"):
        assert word in out


def test_doctor_says_why_a_worker_convolves_without_onednn(monkeypatch):
    from grader.cli import doctor
    from lib.nn import onednn

    monkeypatch.setattr(onednn, "lack", lambda: ("it is not here", "fix it"))
    ((sign, what, state, remedy),) = doctor._convolutions()
    assert (sign, what, remedy) == (doctor.POOR, "convolutions", "fix it")
    assert "it is not here" in state
    # Used in this process, but off in a worker.
    monkeypatch.setattr(onednn, "lack", lambda: ("", ""))
    monkeypatch.setenv("FLAXLINGS_ONEDNN", "0")
    here, there = doctor._convolutions()
    assert here[0] == doctor.GOOD and there[0] == doctor.POOR
    assert "in a worker" in there[2] and "unset FLAXLINGS_ONEDNN" in there[3]


def test_untouched_stubs_take_well_under_five_seconds(course, capsys):
    command = [sys.executable, "-m", "grader", "all", "--submission", str(ROOT / "exercises")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    if "todo" not in done.stdout:
        pytest.skip("the exercises here are not the stubs")
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_a_task_may_be_called_by_its_function_in_any_case(tiny):
    from grader.cli.usage import UsageError, chosen_tasks

    assert chosen_tasks(["Tally", "TALLY", "Double"], ["week91"], tiny) == ("tally", "double")
    assert chosen_tasks(["StopAtAccuracy"], ["week2"], COURSE) == ("stop_at_accuracy",)
    with pytest.raises(UsageError, match="no task nope"):
        chosen_tasks(["tally", "nope"], ["week91"], tiny)


@pytest.mark.parametrize(
    "text", ["# changed", pytest.param("raise SystemExit(0)", marks=pytest.mark.slow)]
)
def test_a_submission_that_changes_the_rubric_counts_nothing(course, capsys, tmp_path, good, text):
    checks = course.checks / "week91.py"
    shutil.copy(checks, course.checks / "week92.py")
    (course.exercises / "week91.py").write_text(
        f"{good}\nwith open({str(checks)!r}, 'a') as file:\n    file.write({text!r})\n"
    )
    target = tmp_path / "r.json"
    assert main(["all", "--isolation", "process", "--json", str(target)], course) == 2
    out = capsys.readouterr().out
    assert str(checks) in out and "git restore" in out and "0 of 4 tasks" in out
    (week,) = json.loads(target.read_text())
    assert {task["status"] for task in week["tasks"]} == {"ungraded"} and week["points"] == 0


def test_compiled_files_that_student_code_left_are_made_anew(tmp_path):
    from importlib.util import cache_from_source

    from grader.session.integrity import CodeFiles

    folder = tmp_path / "checks"
    (folder / "__pycache__").mkdir(parents=True)
    source = folder / "week91.py"
    source.write_text("x = 1\n")
    files = CodeFiles(Course(tmp_path, folder))
    compiled = cache_from_source(str(source))
    stray = folder / "__pycache__/other.cpython-311.pyc"
    stray.write_bytes(b"forged")
    with open(compiled, "wb") as file:
        file.write(b"forged")
    (folder / "notes.txt.swp").write_text("an editor's")
    assert files.changed() == [] and not stray.exists()
    with open(compiled, "rb") as file:
        assert not file.read().startswith(b"forged")
    (folder / "numpy.py").write_text("")
    source.write_text("x = 2\n")
    assert files.changed() == [str(folder / "numpy.py"), str(source)]


def test_after_ctrl_c_what_was_judged_is_written(course, capsys, tmp_path, monkeypatch, good):
    from grader.cli.display import Display

    def stop(self, result):
        if result.name == "answer":
            raise KeyboardInterrupt

    monkeypatch.setattr(Display, "task_done", stop)
    target = tmp_path / "r.json"
    assert main(["week91", "--solutions", "--json", str(target)], course) == 2
    (week,) = json.loads(target.read_text())
    statuses = {task["name"]: task["status"] for task in week["tasks"]}
    assert statuses["double"] == statuses["answer"] == "passed"
    assert statuses["quadruple"] == statuses["tally"] == "ungraded"
    assert "Stopped." in capsys.readouterr().err


@pytest.mark.parametrize("no_color", ["", "1"])
def test_no_color_means_no_escapes_at_all(monkeypatch, no_color):
    import io

    from grader.cli.display import Display
    from grader.results.model import TaskResult, WeekResult

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    display = Display()
    week = WeekResult("week91", "x.py", True, "embedded", "process", "cpu", 1)
    display.week_started(week)
    week.tasks = [TaskResult("a", "A title", "failed", 0, 1, 2.0, "No.", "Try.")]
    display.task_done(week.tasks[0])
    display.week_done(week)
    assert "A title" in screen.getvalue()
    assert ("\x1b" in screen.getvalue()) is not bool(no_color)
