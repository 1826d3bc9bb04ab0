"""Progress, hints, stubs, reset and notebooks: no command loses a student's work."""

import json
import shutil
import subprocess
import sys

import pytest

from grader.cli import hints, progress
from grader.cli.main import main
from grader.course import Course, find_course
from grader.results.model import TaskResult, WeekResult
from grader.rubric import read_rubric
from grader.source import notebook, stubs


@pytest.fixture
def course(tiny, tmp_path):
    """Makes a fresh copy of the tiny course, with its stub in exercises/."""
    root = tmp_path / "course"
    shutil.copytree(tiny.root, root, ignore=shutil.ignore_patterns(tiny.state.name))
    made = Course(root, root / "checks")
    (made.exercises / "week91.py").write_text(stubs.week_stub(made, "week91"))
    return made


def run(course, *argv):
    return main(list(argv), course)


def write(course):
    """Starts the tiny week: its first function has an answer."""
    path = course.exercises / "week91.py"
    stub = 'raise NotImplementedError("Write double.")'
    path.write_text(path.read_text().replace(stub, "return 3 * x"))


STUB = '''
"""A tiny week."""

# %% [markdown]
# # Tiny
# Three small tasks.

# %%
import lib


def double(x):
    """Doubles.

    Not allowed in this task: `lib.conv2d`, `numpy.add`.
    """
    raise NotImplementedError("Write double.")


# %%
def answer():
    """Answers."""
    raise NotImplementedError("Write answer.")


def quadruple(x):
    """Doubles twice."""
    raise NotImplementedError("Write quadruple.")


class Tally:
    """Adds up."""

    def __init__(self, start):
        """Begins."""
        raise NotImplementedError("Write Tally.__init__.")

    def add(self, n):
        """Adds."""
        raise NotImplementedError("Write Tally.add.")


if __name__ == "__main__":
    print(answer())
'''.lstrip()


def test_stubs_keep_signature_docstring_and_all_other_code_and_say_what_is_forbidden(course):
    assert stubs.week_stub(course, "week91") == STUB


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        (
            "def f(\n    a: int = 1,\n    *b,\n) -> int:\n    x = 1\n    return x\n\n\ny = 2\n",
            "def f(\n    a: int = 1,\n    *b,\n) -> int:\n"
            '    raise NotImplementedError("Write f.")\n\n\ny = 2\n',
        ),
        (
            '@d\ndef f(a):\n    """T.\n\n    More "quoted".\n    """\n    return 1\n',
            '@d\ndef f(a):\n    """T.\n\n    More "quoted".\n    """\n'
            '    raise NotImplementedError("Write f.")\n',
        ),
        (
            'def f(a):\n    """' + "Long " * 17 + '"""\n    return 1\n',
            'def f(a):\n    """'
            + "Long " * 17
            + '"""\n    raise NotImplementedError("Write f.")\n',
        ),
        (
            'def f(a):\n    """Say "hi" \\\\ ü."""\n    return 1\n',
            'def f(a):\n    """Say "hi" \\\\ ü."""\n    raise NotImplementedError("Write f.")\n',
        ),
        (
            "def g():\n    return 1\n\n\nclass _P:\n    pass\n\n\nx = 1\n",
            "def g():\n    return 1\n\n\nx = 1\n",
        ),
    ],
)
def test_forms_of_functions(source, stub):
    got = stubs.stub_source(source, {"f"})
    assert got == stub
    compile(got, "stub", "exec")


def test_public_helpers_that_only_answers_use_are_found():
    solution = """
def helper():
    return 1
def shown():
    return 2
def _own():
    return Late()
class Late:
    pass
def f():
    return helper() + shown()
print(shown())
"""
    assert stubs.only_for_answers(solution, {"f"}) == ["helper", "Late"]
    assert stubs.only_for_answers(solution, {"f", "helper", "Late"}) == []


def test_reset_keeps_every_earlier_copy(course, capsys):
    path = course.exercises / "week91.py"
    for number in (1, 2, 3):
        path.write_text(f"# work {number}\n")
        assert run(course, "reset", "week91") == 0
        assert path.read_text() == STUB
        assert f"week91.py.{number}.old" in capsys.readouterr().out
    kept = sorted(p.name for p in course.exercises.glob("*.old"))
    assert kept == [f"week91.py.{n}.old" for n in (1, 2, 3)]
    assert (course.exercises / kept[0]).read_text() == "# work 1\n"
    # Without work there is no copy.
    assert run(course, "reset", "week91") == 0
    assert len(list(course.exercises.glob("*.old"))) == 3


def test_reset_brings_a_missing_file_back(course):
    (course.exercises / "week91.py").unlink()
    assert run(course, "reset", "week91") == 0
    assert (course.exercises / "week91.py").read_text() == STUB


def test_reset_names_a_notebook_that_goes_on_being_graded(course, capsys):
    run(course, "notebook", "week91")
    capsys.readouterr()
    assert run(course, "reset", "week91") == 0
    assert "week91.ipynb" not in capsys.readouterr().out, "it is the stub as well"
    path = course.exercises / "week91.ipynb"
    worked = path.read_text().replace("raise NotImplementedError", "return len")
    path.write_text(worked)
    assert run(course, "reset", "week91") == 0
    assert "But exercises/week91.ipynb holds work" in capsys.readouterr().out
    run(course, "notebook", "week91")
    assert (course.exercises / "week91.ipynb.1.old").read_text() == worked
    capsys.readouterr()
    assert run(course, "reset", "week91") == 0
    assert "week91.ipynb" not in capsys.readouterr().out


def test_making_stubs_does_not_lose_a_students_work(course):
    path = course.exercises / "week91.py"
    path.write_text(STUB + "\n# only a note\n")
    assert run(course, "stubs", "week91") == 0
    assert path.read_text() == STUB and not list(course.exercises.glob("*.old"))
    path.write_text(STUB.replace('raise NotImplementedError("Write double.")', "return 2"))
    assert run(course, "stubs", "week91") == 0
    assert "return 2" in (course.exercises / "week91.py.1.old").read_text()


def test_hints_come_one_tier_at_a_time(course, capsys):
    said = []
    for _ in range(4):
        assert run(course, "hint", "week91", "double") == 0
        said.append(capsys.readouterr().out)
    assert "hint 1 of 3: Think." in said[0] and "hint 2 of 3: Multiply." in said[1]
    assert "hint 3 of 3" in said[2] and "2 * x" in said[2]
    assert said[3] == said[2].replace("hint 3 of 3", "the last of 3 hints again")
    assert run(course, "hint", "week91", "--task", "Answer") == 0
    assert "no hints" in capsys.readouterr().out


def test_a_hint_without_task_is_for_the_first_that_has_not_passed(course, capsys):
    result = WeekResult("week91", "x", True, "embedded", "process", "cpu", 1)
    result.tasks = [TaskResult("double", "T", "passed", 2, 2)]
    assert run(course, "hint", "week91") == 0
    assert "double" in capsys.readouterr().out
    progress.record(course, result)
    assert run(course, "hint", "week91") == 0
    assert "answer" in capsys.readouterr().out


def test_hints_of_unknown_tasks_name_what_there_is(course, capsys):
    assert run(course, "hint", "week91", "nope") == 2
    assert "double, answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"week91": 3}', '{"week91": {"double": []}}']
)
def test_broken_state_is_as_good_as_none(course, text, capsys):
    course.state.mkdir(exist_ok=True)
    (course.state / hints.FILE).write_text(text)
    (course.state / progress.FILE).write_text(text)
    assert progress.load(course) in ({}, {"week91": {}})
    assert run(course) == 0
    assert run(course, "hint", "week91", "double") == 0
    assert "hint 1 of 3" in capsys.readouterr().out
    assert json.loads((course.state / hints.FILE).read_text()) == {"week91": {"double": 1}}


def test_whoever_has_written_nothing_is_greeted_with_the_first_steps(course, capsys, monkeypatch):
    monkeypatch.setattr("grader.cli.environment.activation", lambda: "")
    assert run(course) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Welcome to Flaxlings. Read exercises/week91.md, then write double in exercises/week91.py "
        "(replace its `raise NotImplementedError`), and run",
        "  python -m grader week91       grade it",
        "  python -m grader hint week91  a hint",
    ]
    for width in (40, 80):
        assert max(map(len, progress._greeting(course, width).split("\n"))) <= width
    # The environment comes first if `python` is another one.
    monkeypatch.setattr("grader.cli.environment.activation", lambda: "source .venv/bin/activate")
    assert "and run\n  source .venv/bin/activate" in progress._greeting(course, None)
    write(course)
    assert run(course) == 0
    assert "0 of 4 tasks" in capsys.readouterr().out


def test_progress_and_what_to_do_next(course, capsys):
    write(course)
    assert run(course) == 0
    out = capsys.readouterr().out
    assert "0 of 4 tasks" in out and "Start with double" in out and "hint week91 double" in out
    result = WeekResult("week91", "x", True, "embedded", "process", "cpu", 1)
    names = [task.name for task in read_rubric(course.checks / "week91.py")]
    result.tasks = [TaskResult(name, "T", "passed", 1, 1) for name in names[:2]]
    progress.record(course, result)
    assert run(course) == 0
    out = capsys.readouterr().out
    assert "2 of 4 tasks" in out and "Continue with quadruple" in out
    # A fault of the host does not remove progress.
    result.tasks = [TaskResult("double", "T", "ungraded", 0, 2)]
    progress.record(course, result)
    assert progress.load(course)["week91"]["double"]["status"] == "passed"


def test_state_that_cannot_be_written_stops_nothing(course, monkeypatch):
    def fail(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(progress, "write_text", fail)
    monkeypatch.setattr(hints, "write_text", fail)
    progress.record(course, WeekResult("week91", "x", True, "embedded", "process", "cpu", 1))
    assert run(course, "hint", "week91", "double") == 0


def test_a_notebook_has_the_cells_and_comes_back_the_same(course):
    assert run(course, "notebook", "week91") == 0
    path = course.exercises / "week91.ipynb"
    made = json.loads(path.read_text())
    assert made["nbformat"] == 4
    kinds = [cell["cell_type"] for cell in made["cells"]]
    assert kinds == ["code", "markdown", "code", "code"]
    assert "".join(made["cells"][1]["source"]) == "# Tiny\nThree small tasks."
    assert len({cell["id"] for cell in made["cells"]}) == len(kinds)
    assert notebook.to_program(path.read_text()) == notebook.to_program(
        notebook.to_notebook(notebook.to_program(path.read_text()))
    )
    got = compile(notebook.to_program(path.read_text()), "n", "exec")
    assert got.co_names == compile(STUB, "n", "exec").co_names


def test_a_changed_notebook_is_kept(course, capsys):
    path = course.exercises / "week91.ipynb"
    run(course, "notebook", "week91")
    run(course, "notebook", "week91")
    assert not list(course.exercises.glob("*.old"))
    changed = path.read_text().replace("Tiny", "My notes")
    path.write_text(changed)
    run(course, "notebook", "week91")
    assert (course.exercises / "week91.ipynb.1.old").read_text() == changed
    assert "week91.ipynb.1.old" in capsys.readouterr().out


def test_a_notebook_goes_back_to_a_program(course):
    run(course, "notebook", "week91")
    path = course.exercises / "week91.ipynb"
    path.write_text(path.read_text().replace("Three small", "Four small"))
    assert run(course, "notebook", "week91", "--back") == 0
    assert "# Four small tasks." in (course.exercises / "week91.py").read_text()
    assert (course.exercises / "week91.py.1.old").read_text() == STUB


def test_magics_go_back_as_a_program_that_runs(course):
    cells = ["%matplotlib inline\n!ls", "files = !ls", "%%time\nx = 1", "%%bash\nls"]
    cells.append("if x:\n    %time y = 2")
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    old = {"cell_type": "code", "input": ["z = 3\n", "%time w = 4"]}
    for whole in ({"cells": made}, {"worksheets": [{"cells": [*made, old]}]}):
        (course.exercises / "week91.ipynb").write_text(json.dumps(whole))
        assert run(course, "notebook", "week91", "--back") == 0
        path = course.exercises / "week91.py"
        done = subprocess.run(
            [sys.executable, "-c", f"{path.read_text()}\nprint(x, y, files)"],
            capture_output=True,
            text=True,
        )
        assert done.stdout == "1 2 []\n", done.stderr
        for line in "\n".join(cells).split("\n"):
            assert line.strip() in path.read_text(), "nothing is lost"
    assert "w = 4" in path.read_text()


def test_a_notebook_comes_with_how_to_open_and_grade_it(course, capsys):
    assert run(course, "notebook", "week91") == 0
    said = capsys.readouterr().out
    assert "jupyter lab exercises/week91.ipynb" in said and "python -m grader week91" in said
    assert run(course, "week91", "--submission", "week91.ipynb") == 2
    assert "Is it exercises/week91.ipynb?" in capsys.readouterr().err
    (course.exercises / "week91.py").unlink()
    assert run(course) == 0
    assert "in exercises/week91.ipynb" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [{"cell_type": "code"}]}'])
def test_what_is_no_notebook_is_a_sentence(course, text, capsys):
    (course.exercises / "week91.ipynb").write_text(text)
    assert run(course, "notebook", "week91", "--back") == 2
    assert "cannot be read" in capsys.readouterr().err
    assert (course.exercises / "week91.py").read_text() == STUB


def test_the_course_is_found_from_below_and_ours_where_there_is_none(course, tmp_path):
    below = course.root / "exercises"
    assert find_course(below).root == course.root.resolve()
    from grader.course import COURSE

    assert find_course(tmp_path) == COURSE


def test_weeks_are_in_order(tmp_path):
    for name in ("week10", "week2", "project", "exam", "week1", "helper", "week01"):
        check = "def check_it(student, secret, judge):\n" * (name in ("project", "exam"))
        (tmp_path / f"{name}.py").write_text(check)
    course = Course(tmp_path, tmp_path)
    assert course.weeks() == ["week1", "week2", "week10", "exam", "project"]
    assert course.words() == ["exam", "project"]
