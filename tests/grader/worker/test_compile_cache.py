"""The next self-check finds compiled code of earlier ones, and no one else's."""

import shutil

import pytest

from grader.cli.main import main
from grader.course import Course
from grader.worker import compile_cache

# Right only if the code that an earlier run compiled is found.
COMPILES = """
import jax


def answer():
    events = []
    jax.monitoring.register_event_listener(lambda event, **_: events.append(event))
    jax.jit(lambda x: 3 * x + 91)(1.0)
    return 42 if "/jax/compilation_cache/cache_hits" in events else 41
"""
ANSWER = ["week91", "--task", "answer"]


@pytest.fixture
def course(tiny, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(tiny.root, root, ignore=shutil.ignore_patterns(tiny.state.name))
    for folder in ("exercises", "solutions"):
        (root / folder / "week91.py").write_text(COMPILES)
    return Course(root, root / "checks")


def test_the_next_self_check_finds_what_was_compiled(course, tmp_path):
    assert [main(ANSWER, course) for _ in range(2)] == [1, 0]
    solutions = [*ANSWER, "--solutions"]
    assert main(solutions, course) == 1, "another file, another folder"
    handed_in = tmp_path / "ada/week91.py"
    handed_in.parent.mkdir()
    handed_in.write_text(COMPILES)
    submission = [*ANSWER, "--submission", str(handed_in)]
    assert [main(submission, course) for _ in range(2)] == [1, 1]


def test_nothing_is_taken_from_where_others_may_write(course):
    process = [*ANSWER, "--isolation", "process"]
    assert main(process, course) == 1
    (course.state / "compiled/exercises-process").chmod(0o777)
    assert main(process, course) == 1


def test_a_folder_that_has_grown_large_is_emptied(course, monkeypatch):
    folder = compile_cache.folder(course, course.exercises, "sandbox")
    assert folder == compile_cache.folder(course, course.exercises, "sandbox")
    assert folder != compile_cache.folder(course, course.exercises, "process")
    code = course.state / "compiled/exercises-sandbox/code"
    code.write_bytes(bytes(1000))
    monkeypatch.setattr(compile_cache, "MOST_BYTES", 2**20)
    compile_cache.folder(course, course.exercises, "sandbox")
    assert code.exists()
    monkeypatch.setattr(compile_cache, "MOST_BYTES", 999)
    compile_cache.folder(course, course.exercises, "sandbox")
    assert not code.exists() and code.parent.is_dir()


def test_no_folder_no_harm(course, tmp_path):
    assert compile_cache.folder(course, course.exercises / "week91.py", "sandbox") is None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    course.state.symlink_to(elsewhere)
    assert compile_cache.folder(course, course.exercises, "sandbox") is None
    assert not list(elsewhere.iterdir()), "a link in a strange course leads to no place to write"
    course.state.unlink()
    course.state.write_text("a file where the folder should be")
    assert compile_cache.folder(course, course.exercises, "sandbox") is None
    (course.exercises / "week91.py").write_text("def answer():\n    return 42\n")
    assert main(ANSWER, course) == 0
