"""A check can continue in a fresh worker, which gets only what the check passes to it."""

import textwrap

import pytest

from grader.course import Course
from grader.session.options import Options
from grader.session.week import grade_work
from grader.session.workers import Workers
from grader.source.reading import read_work

CHECKS = '''
from grader.rubric import task


@task(points=2, functions=("store", "recall"), seconds=5, forbids=("lib.conv2d",))
def check_keep(student, secret, judge):
    """Kept in a file."""
    number = int(secret.numpy("number").integers(1000))
    student.put_files({"kept/.here": b""})
    with judge.part(1, "the same process"):
        student.store("kept/file", number)
        judge.same(student.recall("kept/file"), number)
    files = student.get_files("kept")
    student.restart()
    with judge.part(1, "a fresh process"):
        student.put_files({"kept/file": files["file"]})
        judge.same(student.recall("kept/file"), number)


@task(points=1, functions=("after",), seconds=5)
def check_after(student, secret, judge):
    """What comes after it."""
    judge.same(student.after(), 1)
'''


@pytest.fixture
def grade(tmp_path, tier):
    for name in ("checks", "solutions", "exercises"):
        (tmp_path / name).mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "flaxlings"\n')
    (tmp_path / "checks/week93.py").write_text(CHECKS.lstrip())
    options = Options(course=Course(tmp_path, tmp_path / "checks"), tier=tier)

    def grade(source):
        path = tmp_path / "week93.py"
        path.write_text(textwrap.dedent(source) + "\ndef after():\n    return 1\n")
        workers = Workers(options)
        try:
            result = grade_work(read_work(path, "week93"), options, workers=workers)
        finally:
            workers.close()
        return {task.name: task for task in result.tasks}

    return grade


def test_what_is_in_the_file_is_there_afterwards(grade):
    tasks = grade(
        """
        def store(path, number):
            with open(path, "w") as file:
                file.write(str(number))

        def recall(path):
            with open(path) as file:
                return int(file.read())
        """
    )
    assert {task.status for task in tasks.values()} == {"passed"}


def test_what_is_in_memory_or_elsewhere_is_gone(grade):
    tasks = grade(
        """
        NUMBERS = {}

        def store(path, number):
            NUMBERS[path] = number
            open(path, "w").close()
            open("elsewhere", "w").write(str(number))

        def recall(path):
            if path in NUMBERS:
                return NUMBERS[path]
            return int(open("elsewhere").read())
        """
    )
    assert tasks["keep"].points == 1 and tasks["keep"].status == "error"
    assert "FileNotFoundError" in tasks["keep"].message
    assert tasks["after"].status == "passed"


def test_a_crash_in_the_fresh_process_is_this_tasks_own(grade):
    tasks = grade(
        """
        def store(path, number):
            open(path, "w").write(str(number))

        def recall(path):
            import os
            os._exit(3)
        """
    )
    assert tasks["keep"].status == "crashed" and tasks["keep"].points == 0
    assert tasks["after"].status == "passed"
