"""Parameters in the text of a training are found, however they are written."""

import time

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric
from grader.source.pasted import MOST_LITERALS, MOST_TEXT, pasted
from grader.source.program import Program
from grader.source.submission import Submission

NUMBERS = "0.125, " * (MOST_LITERALS // 5 + 1)  # the literals are 5 bytes each
TEXT = "x" * (MOST_LITERALS + 1)
NAMES = "a, b, " * (MOST_TEXT // 6 + 1)


def found(text, tmp_path):
    for name, value in (("NUMBERS", NUMBERS), ("TEXT", TEXT), ("NAMES", NAMES)):
        text = text.replace(name, value)
    return pasted(Program(Submission("week3", tmp_path / "week3.py", text)), ("f",))


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return [NUMBERS]",
        "W = [NUMBERS]\ndef f(): return W",
        "def f():\n    return b'TEXT'",
        "W = 'TEXT'\ndef g(): return W\ndef f(): return g()",
        "W = (\n    'x'\n    'TEXT'\n)\ndef f(): return W",
        "def f(): return f'TEXT{1}'",
        "def f(weights=[NUMBERS]): return weights",
        "class W: data = 'TEXT'\ndef f(): return W.data",
        "W = {}\nW['a'] = 'TEXT'\ndef f(): return W",
        "W = []\nlist.append(W, 'TEXT')\ndef f(): return W",
        "def keep(box, data): box.append(data)\nW = []\nkeep(W, 'TEXT')\ndef f(): return W",
        "import numpy as np\nnp.w = 'TEXT'\ndef f(): return np.w",
        "def f():\n    'TEXTTEXTTEXTTEXT'",
        "def f(): return [NAMES]",
    ],
)
def test_pasted_numbers_are_found(text, tmp_path):
    assert found(text, tmp_path) is not None


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    'TEXT'",
        "TABLE = 'TEXT'\ndef g(): return TABLE\ndef f(): return 1",
        "import numpy as np\nT = np.array([NUMBERS])\nprint([NUMBERS])\ndef f(): return np.ones(3)",
        "def f(): return 1\nif __name__ == '__main__':\n    f.x = 'TEXT'",
        "import jax\ndef f(x): return [1.5, 'x', x]  # TEXT",
    ],
)
def test_what_a_training_does_not_reach_is_free(text, tmp_path):
    assert found(text, tmp_path) is None


def test_the_longest_piece_is_named(tmp_path):
    piece = found("RATE = 0.1\nW = [\n    'TEXT',\n    1,\n]\ndef f(): return W, RATE", tmp_path)
    assert piece.line == 3 and MOST_LITERALS < piece.size < MOST_LITERALS + 30


def test_a_long_file_takes_no_time(tmp_path):
    began = time.process_time()
    assert found("def f():\n" + "    x = '''\n'''\n" * 20_000, tmp_path) is not None
    assert time.process_time() - began < 3


@pytest.mark.parametrize("week", COURSE.weeks())
def test_the_solutions_are_far_from_it(week):
    path = COURSE.solutions / f"{week}.py"
    program = Program(Submission(week, path, path.read_text(encoding="utf-8")))
    for task in read_rubric(COURSE.checks / f"{week}.py"):
        assert pasted(program, task.functions) is None
