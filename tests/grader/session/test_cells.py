"""Cells in a worker: one that fails costs only the tasks that need what it defines."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.cli.main import main
from grader.course import Course
from grader.session.loading import IMPORT_SECONDS, SURE_SECONDS, Loading
from grader.session.options import Options
from grader.source.notebook import to_notebook
from grader.source.reading import from_bytes
from grader.worker.supervisor import WorkerGone

from ..conftest import judged

CHECK = '''
@task(points=1, functions=("{name}",), seconds=2, forbids=("lib.conv2d", "numpy.add"))
def check_{name}(student, secret, judge):
    """Twice a number."""
    judge.same(student.{name}(3.0), 6.0)
'''


@pytest.fixture
def grade_cells(tier, tmp_path):
    """Grades cells, as a notebook or as a program; each function named double_… is a task."""

    def grade_cells(*cells, names=(), program=False, place="handed/week95.ipynb"):
        names = names or re.findall(r"def (double_\w+)", "\n".join(cells))
        checks = "from grader.rubric import task\n" + "".join(
            CHECK.format(name=name) for name in dict.fromkeys(names)
        )
        (tmp_path / "checks").mkdir(exist_ok=True)
        (tmp_path / "checks/week95.py").write_text(checks)
        path = tmp_path / (place if not program else "handed/week95.py")
        path.parent.mkdir(exist_ok=True)
        made = [{"cell_type": "code", "source": cell} for cell in cells]
        text = json.dumps({"cells": made, "nbformat": 4})
        path.write_text("\n# %%\n".join(cells) if program else text)
        course = Course(tmp_path, tmp_path / "checks")
        grade_cells.last = judged(path, "week95", Options(course=course, tier=tier))
        return {task.name.removeprefix("double_"): task for task in grade_cells.last.tasks}

    return grade_cells


RIGHT = "def double_{}(x):\n    return 2 * x"
# What is around a task's function, and words of the message if it does not pass.
CELLS = {
    "timed": ("%%time\n" + RIGHT, ()),
    "captured": ("%%capture\n" + RIGHT, ()),
    "timed_often": ("%%timeit -n 1\n" + RIGHT, ()),
    "profiled": ("%%prun -q\n" + RIGHT, ()),
    "helped": ("lib.fit?\nlib.fit??\nfiles = !ls\n!pip \\\n  install\n" + RIGHT, ()),
    "shown": ("t = %timeit -o 1\n%time z = 3\ndisplay(z)\n" + RIGHT, ()),
    "awaited": ("import asyncio\ny = await asyncio.sleep(0, 2)\n" + RIGHT.replace("2", "y"), ()),
    "awaited_later": (
        "import asyncio\nasync def later():\n    await asyncio.sleep(0)\n    return 2\n"
        "t = asyncio.create_task(later())\nawait asyncio.sleep(0.01)\nassert t.done()\n"
        "u = asyncio.create_task(later())\nu = await u\n"
        "def double_{}(x):\n    return t.result() * x * u / asyncio.run(later())",
        (),
    ),
    "called": ("get_ipython().run_line_magic('matplotlib', 'inline')\n" + RIGHT, ()),
    "beside_tensorflow": ("import tensorflow as tf\nfrom google.colab import drive\n" + RIGHT, ()),
    "above": (RIGHT + "\n1 / 0", ()),
    "below": ("1 / 0\n" + RIGHT, ("ZeroDivisionError", "not defined", ", line 1  1 / 0")),
    "by_tensorflow": (
        "import tensorflow as tf\ndef double_{}(x):\n    return tf.add(x, x)",
        ("ImportError", "tensorflow is not available", ", line 3  return tf.add"),
    ),
    "by_no_version": (
        "import tensorflow as tf\nprint(tf.__version__, int(tf.__version__.split('.')[0]))\n"
        "from math import tau\ndef double_{}(x):\n    assert tau > 6\n    return 2 * x",
        (),
    ),
    "by_power_of_tensorflow": (
        "def double_{}(x):\n    import math\n    tf[math.pi] = 2\n    return 2 * x",
        ("ImportError", "tensorflow is not available", ", line 3  tf[math.pi]"),
    ),
    "with_bars": (
        "from tqdm.notebook import tqdm, trange\nimport tqdm.auto as auto\ndef double_{}(x):\n"
        "    return sum(x for _ in tqdm(trange(2)) for _ in auto.tqdm([1]))",
        (),
    ),
    "with_shell": (
        "from IPython import get_ipython\nimport IPython, lib, os\nipy = get_ipython()\n"
        "ipy.run_line_magic('matplotlib', 'inline')\nIPython.get_ipython().magic('time')\n"
        "lib.plots.show(lib.plots.new_figure(), 'a.png')\n"
        "def double_{}(x):\n    return 2 * x if os.path.exists('a.png') else 0",
        (),
    ),
    "needs": ("def double_{}(x):\n    return two * x", ()),
    "broken": (RIGHT + "\nfor i in range(", ("cannot read this line", ", line 3  for i in range(")),
    "shadowed": (RIGHT, ("NameError", ", line 1  nothing")),
    "forbidden": ("import lib\ndef double_{}(x):\n    return lib.conv2d(x, x)", ("You write",)),
    "behind": (
        "third = second\ndef double_{}(x):\n    return 2 * x",
        ("its cell needs first, whose cell stopped", "ZeroDivisionError", ", line 1  1 / 0"),
    ),
    "twice": ("import numpy\ndef double_{}(x):\n    return numpy.add(x, x)", ("You write",)),
    "lined": (
        "import inspect\ndef double_{0}(x):\n    assert '2 * x' in inspect.getsource(double_{0})\n"
        "    return 2 * x",
        (),
    ),
}
BETWEEN = [
    "from __future__ import annotations",
    "def later(x: no_such_name): pass",
    "two = 2",
    "import sys\nsys.exit()",
    "for i in range(",
    "import numpy as np\nimport lib\ndef half(",
    "get_ipython().run_cell('two = 3')",
    "1 / 0\nfirst = 3",
    "second = first",
]
AFTER = [
    "nothing\ndef double_shadowed(x):\n    return 2 * x",
    "def double_twice(x):\n    return 2 * x",
]


@pytest.fixture(scope="module")
def graded(tier, tmp_path_factory):
    """Returns the tasks of one notebook with many cells, and the number of each one's cell."""
    cells = [text.format(name) for name, (text, _) in CELLS.items()]
    cells = [*BETWEEN, *cells, *AFTER, RIGHT.format("last")]
    root = tmp_path_factory.mktemp("cells")
    checks = "from grader.rubric import task\n"
    checks += "".join(CHECK.format(name=f"double_{name}") for name in (*CELLS, "last"))
    (root / "week95.py").write_text(checks)
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    (root / "week95.ipynb").write_text(json.dumps({"cells": made, "nbformat": 4}))
    result = judged(root / "week95.ipynb", "week95", Options(course=Course(root, root), tier=tier))
    return {task.name.removeprefix("double_"): task for task in result.tasks}, result


@pytest.mark.parametrize("name", [*CELLS, "last"])
def test_a_cell_costs_what_it_defines(graded, name):
    found = graded[0][name]
    words = CELLS[name][1] if name in CELLS else ()
    assert found.status == ("passed" if not words else found.status), found
    for word in words:
        assert found.status in ("error", "failed") and word in found.message
        assert "week95.ipynb, cell " in found.message


def test_what_was_left_out_is_said(graded):
    notes = "\n".join(graded[1].notes)
    assert "cell 5, line 1: Python cannot read this line" in notes
    assert "cell 4, line 2: the cell stopped here. SystemExit" in notes
    assert "tensorflow, google.colab" in notes or "more things" in notes


@pytest.mark.slow
def test_cells_that_exit_or_hang_are_left_out_once(grade_cells, monkeypatch):
    monkeypatch.setattr("grader.session.loading.IMPORT_SECONDS", 6.0)
    program = (
        RIGHT.format("first"),
        "import os\nos._exit(3)",
        RIGHT.format("middle"),
        "while True: pass\n" + RIGHT.format("hung"),
        RIGHT.format("last"),
    )
    tasks = grade_cells(*program, program=True)
    assert {name: task.status for name, task in tasks.items()} == {
        "first": "passed", "middle": "passed", "hung": "timeout", "last": "passed"
    }  # fmt: skip
    assert "week95.py:10  while True: pass" in tasks["hung"].message
    assert any("exit code 3" in note and "week95.py:4" in note for note in grade_cells.last.notes)


def test_a_cell_that_waits_costs_itself_in_every_worker(grade_cells, monkeypatch):
    monkeypatch.setattr("grader.session.loading.WAIT_SECONDS", 1.2)
    tasks = grade_cells(
        "import os, time\nfor _ in range(3):\n    time.sleep(0.1)\n" + RIGHT.format("slept"),
        "two = 2\ntime.sleep(600)\n" + RIGHT.format("waits"),
        "def double_ends(x):\n    os._exit(0)",
        "def double_early(x):\n    return two * x",
        RIGHT.format("last"),
        program=True,
    )
    assert {name: task.status for name, task in tasks.items()} == {
        "slept": "passed", "waits": "timeout", "ends": "crashed", "early": "passed",
        "last": "passed",
    }  # fmt: skip
    assert "still waiting after" in tasks["waits"].message
    assert "week95.py:8  time.sleep(600)" in tasks["waits"].message


class FakeWorker:
    """Replaces a worker, without running cells; some of them end it."""

    def __init__(self, *ending):
        self.ending, self.ran, self.most = ending, [], 0.0

    def spent(self):
        return 14.0

    def request(self, message, most, wall, tick):
        if message["do"] == "cell":
            if message["number"] in self.ending:
                raise WorkerGone("crashed", "Gone.")
            self.ran.append(message["number"])
            self.most = max(self.most, most)
        return {"value": []}


def test_a_cell_that_ends_a_later_worker_is_left_out_of_the_next():
    loading: Any = Loading(
        from_bytes(Path("week95.py"), "week95", b"a = 1\n# %%\nb = 2\n# %%\nc = 3")
    )
    loading._sure = 14.0
    loading.load(FakeWorker(), print)
    with pytest.raises(WorkerGone):
        loading.load(FakeWorker(0), print)
    assert loading.open
    worker = FakeWorker()
    loading.load(worker, print)
    assert worker.ran == [1, 2] and worker.most <= IMPORT_SECONDS + SURE_SECONDS
    assert [stop.line for stop in loading.stopped.values()] == [1]


def test_a_program_without_cells_keeps_what_stands_above(grade_cells):
    program = f"{RIGHT.format('above')}\nx = [1][2]\n{RIGHT.format('below')}"
    tasks = grade_cells(program, program=True)
    assert tasks["above"].status == "passed" and tasks["below"].status == "error"
    assert "its file stopped first" in tasks["below"].message
    assert "IndexError" in tasks["below"].message and "week95.py:3" in tasks["below"].message


def test_a_stub_above_a_broken_cell_is_not_judged_in_its_place(grade_cells, monkeypatch):
    monkeypatch.setattr("grader.session.workers.Worker", None)
    stub = "def double_it(x):\n    raise NotImplementedError"
    for above in (stub, RIGHT.format("it")):
        found = grade_cells(above, "def double_it(x):\n    return 2 *", "%%bash\n'")["it"]
        assert found.status == "error" and "cell 2, line 2  return 2 *" in found.message


def test_of_program_and_notebook_the_one_changed_last_is_graded_in_ones_own_folder(
    tiny, tmp_path, good, capsys
):
    root = tmp_path / "own"
    shutil.copytree(tiny.root, root, ignore=shutil.ignore_patterns(tiny.state.name))
    course = Course(root, root / "checks")
    (course.exercises / "week91.py").write_text("def answer():\n    return 41\n")
    (course.exercises / "week91.ipynb").write_text(to_notebook(good))
    os.utime(course.exercises / "week91.py", (1, 1))
    assert main(["week91", "--task", "answer"], course) == 0
    assert "week91.ipynb is graded: it was changed after week91.py" in capsys.readouterr().out
