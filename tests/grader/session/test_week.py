"""A week's run: statuses, points, dependencies, messages, and what pytest must not pick up."""

import re
import textwrap

import pytest

from grader.course import COURSE
from grader.rubric import RubricError, Task, read_rubric, task
from grader.session.options import Reporter
from grader.session.week import grade_work
from grader.session.workers import Workers
from grader.source.reading import read_work


def test_a_right_submission_passes(grade, good):
    tasks = grade(good)
    assert {name: task.status for name, task in tasks.items()} == dict.fromkeys(
        ("double", "answer", "quadruple", "tally"), "passed"
    )
    assert grade.last.points == grade.last.max_points == 5.5 and grade.last.passed


def test_the_solution_passes(tiny, grade):
    grade((tiny.solutions / "week91.py").read_bytes())
    assert grade.last.passed


def test_stubs_are_todo_without_a_worker(grade, tiny, monkeypatch):
    from grader.source.stubs import week_stub

    monkeypatch.setattr("grader.session.workers.Worker", None)
    tasks = grade(week_stub(tiny, "week91"))
    assert {task.status for task in tasks.values()} == {"todo"}
    assert grade.last.points == 0 and not grade.last.passed


def test_todo_beats_skipped_and_skipped_needs_no_worker(grade, monkeypatch):
    monkeypatch.setattr("grader.session.workers.Worker", None)
    tasks = grade(
        """
        def double(x):
            raise NotImplementedError
        def answer():
            raise NotImplementedError
        def quadruple(x):
            return 1
        """
    )
    assert tasks["quadruple"].status == "skipped" and "double" in tasks["quadruple"].message
    tasks = grade(
        """
        def quadruple(x):
            raise NotImplementedError
        """
    )
    assert tasks["quadruple"].status == "todo"
    assert tasks["double"].status == "failed" and "no double" in tasks["double"].message


def test_one_task_alone_does_not_ask_for_its_needs(grade, good):
    broken = good.replace("return x * 2", "return 0")
    tasks = grade(broken.replace("double(double(x))", "4 * x"), tasks=["quadruple"])
    assert list(tasks) == ["quadruple"] and tasks["quadruple"].status == "passed"
    assert grade.last.max_points == 1


def test_partial_points(grade_each):
    wrong, fault = grade_each(
        {
            "wrong": "return 6.0 if isinstance(x, float) else x + 1",
            "fault": "if isinstance(x, float):\n    raise ValueError('no numbers')\nreturn 2 * x",
        }
    ).values()
    assert wrong.points == 1 and wrong.status == "failed"
    assert fault.points == 1 and fault.status == "error"
    assert "no numbers" in fault.message and "week94.py:7" in fault.message


@pytest.mark.parametrize(
    ("source", "status", "said", "tried"),
    [
        ("def double(x:\n    return 1", "error", "week91.py:1", "Match the brackets"),
        ("def double(x)\n    return 1", "error", "has no colon", "Put :"),
        ("def duoble(x):\n    return 2 * x", "failed", "no double", "duoble"),
        ("def double(a, b):\n    return 1", "failed", "should take (x)", "stub"),
        ("import lib\ndef double(x):\n    return lib.conv2d(x, x)", "failed", "You write", ""),
        ("x = '\xfc'".encode("latin-1"), "error", "UTF-8", ""),
        (b"\xff\xfed\0e\0f\0", "error", "UTF-16", ""),
    ],
)
def test_what_the_text_tells_needs_no_worker(grade, monkeypatch, source, status, said, tried):
    monkeypatch.setattr("grader.session.workers.Worker", None)
    got = grade(source, tasks=["double"])["double"]
    assert got.status == status and said in got.message and tried in got.hint
    assert got.points == 0


# By what is wrong: the body of a function, and words of its message and of the hint.
EXPLAINED = {
    "item": ("x[0] = 1\nreturn x", "TypeError", "x.at[index].set"),
    "tracer": (
        "import jax\nreturn jax.jit(lambda v: v if v.sum() > 0 else 0)(x)",
        "Tracer",
        "jnp.where",
    ),
    "shapes": ("import jax.numpy as jnp\nreturn x @ jnp.ones((5, 5))", "return x @ jnp", "shape"),
    "unknown": ("return y", "Nothing is called y", "Check the spelling"),
    "misspelt": (
        "values = x\nreturn valuse",
        "Did you mean: 'values'?",
        "Check the spelling",
    ),
    "method": (
        "import jax.numpy as jnp\nreturn jnp.asarray(x).at[0].sett(1)",
        "Did you mean: 'set'?",
        "x = x.at[index].set(value)",
    ),
    "habit": (
        "from flax import linen as nn\nreturn nn.Dense(3).compile(optimizer='adam')",
        "A Flax model has no compile",
        "lib.create_state",
    ),
    "dropped": (
        "import jax.numpy as jnp\njnp.multiply(x, 2)\nreturn x",
        "multiply returns a new value, which is dropped here.",
        "",
    ),
    "package": ("import sklearn_extra", "ModuleNotFoundError", "standard library"),
    "framework": ("import torch", "torch is not installed", "The layers are in flax.linen"),
    "asks": ("return input()", "EOFError", "as an argument"),
    "gradient": ("import jax\nreturn jax.grad(lambda v: v)(x)", "one number", "jnp.mean"),
    "train": (
        """
        class Net:
            def __call__(self, x, train):
                return x
        return Net()(x)
        """,
        "missing 1 required",
        "Give the argument a default",
    ),
    "stub": ("return helper(x)", "stub", "helper"),
    "computed": (
        "import lib\nreturn getattr(lib, 'conv' + '2d')(x, x)",
        "by name",
        "after a dot",
    ),
    "getter": ("import lib, operator as o\nreturn o.attrgetter('conv2d')(lib)(x)", "by name", ""),
    "table": ("import numpy\nreturn numpy.__dict__['ad' 'd'](x, x)", "You write", ""),
}


@pytest.fixture(scope="module")
def explained(grade_each):
    helper = "def helper(x):\n    raise NotImplementedError\n"
    return grade_each({name: body for name, (body, *_) in EXPLAINED.items()}, head=helper)


@pytest.mark.parametrize("name", EXPLAINED)
def test_exceptions_are_explained(explained, name):
    _, said, tried = EXPLAINED[name]
    got = explained[name]
    assert got.status in ("error", "failed") and said in got.message and tried in got.hint
    assert "your line" in got.message and "week94.py:" in got.message
    lines = got.message.split("\n")
    assert len(lines) <= 11 and all(len(line) <= 330 for line in lines)
    assert not re.search(r"grader/|worker\.py|site-packages", got.message)


def test_forbidden_pieces_come_back_for_the_next_task(grade):
    tasks = grade(
        """
        import numpy
        def double(x):
            return 2 * x
        def answer():
            return int(numpy.add(40, 2))
        def quadruple(x):
            return 4 * x
        """
    )
    assert tasks["answer"].status == "passed"


def test_notebooks_are_graded_and_lines_named_by_cell(grade):
    import json

    cells = [
        {"cell_type": "code", "source": "%matplotlib inline\n"},
        {"cell_type": "markdown", "source": "# Text"},
        {"cell_type": "code", "source": ["def double(x):\n", "    return 1 / 0\n"]},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    got = grade(text.encode(), name="week91.ipynb", tasks=["double"])["double"]
    assert got.status == "error" and "week91.ipynb, cell 3, line 2" in got.message


def test_figures_faults_of_checks_and_odd_returns(grade):
    tasks = grade(
        """
        def plot():
            import matplotlib.pyplot as plt
            figure, axes = plt.subplots()
            axes.plot([1, 2, 3], [1, 4, 9], label="squares")
            axes.bar(["a", "b"], [2, 3])
            axes.set_title("A title")
            return figure
        def broken():
            return 1
        def indexed():
            return 5
        """,
        week="week92",
    )
    assert tasks["plot"].status == "passed", tasks["plot"]
    assert tasks["broken"].status == "ungraded" and "not your fault" in tasks["broken"].message
    assert tasks["indexed"].status == "failed" and "your line" in tasks["indexed"].message
    from grader.results.model import exit_status

    assert exit_status([grade.last]) == 2


def test_a_worker_that_cannot_start_is_ungraded(grade, good, monkeypatch):
    from grader.worker.launch import Launch

    monkeypatch.setattr(
        "grader.worker.launch.launch", lambda *_: Launch(["/nonexistent/python", "--"], {})
    )
    tasks = grade(good)
    assert {task.status for task in tasks.values()} <= {"ungraded", "skipped"}
    message = tasks["double"].message
    assert "could not start" in message or "did not start" in message


def test_a_worker_whose_imports_fail_is_ungraded(grade, good, monkeypatch, tmp_path):
    from grader.worker import visible

    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/__init__.py").write_text("raise ImportError('this machine is broken')")
    files = visible.code_files()
    monkeypatch.setattr(
        "grader.worker.visible.code_files",
        lambda: [(tmp_path / "lib" if name == "lib" else path, name) for path, name in files],
    )
    tasks = grade(good)
    assert tasks["answer"].status == "ungraded"
    assert "this machine is broken" in tasks["answer"].message


def test_tasks_are_reported_as_they_come(tiny, tier, tmp_path, good):
    from grader.session.options import Options

    class Notes(Reporter):
        def __init__(self):
            self.seen = []

        def week_started(self, result):
            self.seen.append("week")

        def task_done(self, result):
            self.seen.append(result.name)

        def week_done(self, result):
            self.seen.append("done")

    (tmp_path / "week91.py").write_text("def answer():\n    return 42\n")
    notes = Notes()
    options = Options(course=tiny, tier=tier)
    workers = Workers(options)
    grade_work(read_work(tmp_path, "week91"), options, notes, workers)
    workers.close()
    assert notes.seen == ["week", "double", "answer", "quadruple", "tally", "done"]


# The rubric --------------------------------------------------------------------------------------


def test_the_rubric_is_read_from_the_source(tiny):
    rubric = read_rubric(tiny.checks / "week91.py")
    assert [t.name for t in rubric] == ["double", "answer", "quadruple", "tally"]
    assert rubric[0].forbids == ("lib.conv2d", "numpy.add") and rubric[0].title == "Twice a number."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no checks"),
        ("def check_a(student): 'T'", "needs exactly one"),
        ("@task(points=N, functions=('a',))\ndef check_a(s): 'T'", "literal"),
        ("@task(points=1, functions='a')\ndef check_a(s): 'T'", "comma"),
        ("@task(points=0, functions=('a',))\ndef check_a(s): 'T'", "greater than 0"),
        ("@task(points=1, functions=('a',))\ndef check_a(s): pass", "first line"),
        ("@task(points=1, functions=())\ndef check_a(s): 'T'", "at least one"),
        ("@task(points=1, functions=('a',), need=('b',))\ndef check_a(s): 'T'", "not know need"),
        ("@task(points=1, functions=('a',), needs=('b',))\ndef check_a(s): 'T'", "before"),
    ],
)
def test_a_rubric_at_fault_is_a_sentence(tmp_path, text, said):
    (tmp_path / "week1.py").write_text(text)
    with pytest.raises(RubricError, match=said):
        read_rubric(tmp_path / "week1.py")


def test_a_rubric_may_name_what_stands_above_it(tmp_path):
    (tmp_path / "week1.py").write_text(
        "SOLVERS = ('numpy.linalg.solve', 'scipy.*')\n"
        "@task(points=1, functions=('a',), forbids=('lib.fit', *SOLVERS))\n"
        "def check_a(s): 'T'\n"
        "@task(points=1, functions=('b',), forbids=SOLVERS)\n"
        "def check_b(s): 'T'\n"
    )
    first, second = read_rubric(tmp_path / "week1.py")
    assert first.forbids == ("lib.fit", "numpy.linalg.solve", "scipy.*")
    assert second.forbids == ("numpy.linalg.solve", "scipy.*")


def test_the_decorator_gives_the_same_as_the_source():
    @task(points=1, functions=("f",), hints=("h",))
    def check_f(student, secret, judge):
        """Title.

        More.
        """

    (mark,) = check_f.pytestmark
    assert mark.args == (Task("f", "Title.", 1, ("f",), hints=("h",)),)


@pytest.mark.parametrize("week", COURSE.weeks())
def test_every_week_of_the_course_reads(week):
    rubric = read_rubric(COURSE.checks / f"{week}.py")
    assert len({t.name for t in rubric}) == len(rubric)
    for found in rubric:
        assert found.hints and found.seconds >= 1
        for text in (found.title, *found.hints):
            assert text == textwrap.dedent(text).strip()
