"""Cells in IPython's syntax do here what they do in Jupyter, or are left out with a note."""

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.course import COURSE
from grader.source.ipython import Unreadable, Work, unfold
from grader.source.program import Program
from grader.source.reading import from_bytes

# Cells by name; IPython itself shows what they bind.
SAME = {
    "line_time": ["%time z = 3\ny = z + 1"],
    "line_time_expression": ["z = [1]\n%time z.append(2)"],
    "line_time_loop": ["%time for i in range(3): last = i"],
    "line_time_two": ["%time a = 1; b = 2"],
    "line_time_value": ["z = %time 3 + 4"],
    "line_timeit": ["z = 1\n%timeit -n 1 -r 1 z + 1\ny = 2"],
    "line_timeit_binds_nothing": ["z = 1\n%timeit -n 1 -r 1 z = 3"],
    "line_timeit_value": ["t = %timeit -n 1 -r 1 -q -o 1 + 1\nn = 1\nbest = t.best >= 0"],
    "line_prun": ["%prun -q z = 5"],
    "line_time_continued": ["%time z = max(1, \\\n    2)\ny = 3"],
    "cell_time": ["%%time\nz = 3\ndef f():\n    return z\ny = f()"],
    "cell_time_below_empty_lines": ["\n\n%%time\n\nz = 3"],
    "cell_capture": ["%%capture\nprint('a')\nz = 3"],
    "cell_capture_named": ["%%capture out\nz = 3", "text = out.stdout"],
    "cell_timeit": ["n = 1", "%%timeit -q -n 1 -r 1 n = 3\nn = 5\nz = n"],
    "cell_prun": ["%%prun -q\nz = 3"],
    "cells_in_each_other": ["%%capture\n%%time\nz = 3"],
    "cell_of_another_language": ["%%html\n<b>z = 3</b>", "y = 1"],
    "cell_of_the_shell": ["%%bash\ntrue", "y = 1"],
    "cell_of_a_shell_with_quotes": ["%%sh\n: 'it''s'\n", "y = 1"],
    "cell_javascript": ["%%javascript\nvar z = 3;", "y = 1"],
    "unknown_cell_magic": ["%%nothing_of_this_name\nz = 3", "y = 1"],
    "shell": ["!true\nz = 3"],
    "shell_continued": ["!true \\\n  again \\\n  and again\nz = 3"],
    "shell_with_quotes": ["!true it\\'s\nz = 3"],
    "shell_value": ["files = !true\nn = len(files)"],
    "shell_value_read": ["files = !true\ntext = files.n\nz = [f for f in files]"],
    "shell_twice": ["!!true\nz = 3"],
    "in_a_block": ["if True:\n    %time z = 3\n    !true\nelse:\n    z = 4\ny = 5"],
    "alone_in_a_block": ["if True:\n    !true\nelse:\n    %matplotlib inline\ny = 5"],
    "in_a_function": ["def f(x):\n    %time y = 2 * x\n    !true\n    return x\nz = f(3)"],
    "in_a_loop": ["z = 0\nfor i in range(3):\n    %time z += i\n"],
    "question": ["len?\nz = 3"],
    "two_questions": ["str.join??\nz = 3"],
    "question_in_front": ["?len\nz = 3"],
    "question_on_a_magic": ["%time?\nz = 3"],
    "question_with_a_star": ["str.*find*?\nz = 3"],
    "configuration": ["%config InlineBackend.figure_format = 'retina'\n%precision 3\nz = 3"],
    "folder": ["%cd -q .\nz = 3"],
    "environment": ["%env FLAXLINGS_TEST=1\nz = 3"],
    "parenthesis_call": ["/len 'abc'\nz = 3"],
    "quoted_call": ["words = []\n,words.extend a b\nz = 3"],
    "one_quoted_call": ["words = []\n;words.append a b\nz = 3"],
    "await": ["import asyncio\nz = await asyncio.sleep(0, 3)\ny = z"],
    "async_loop": [
        "async def each():\n    yield 1\n    yield 2",
        "z = []\nasync for one in each():\n    z.append(one)",
    ],
    "indented": ["    a = 1\n    b = 2"],
    "python_prompts": [">>> a = 1\n>>> if a:\n...     b = 2\n"],
    "ipython_prompts": ["In [1]: a = 1\n   ...: b = 2"],
    "text_that_looks_like_magic": ["z = '''\n%time y = 3\n!ls\nlen?\n'''\nx = 1"],
    "modulo_in_brackets": ["z = (7\n % 4)"],
    "comment_that_looks_like_magic": ["# %time z = 3\ny = 1"],
    "magic_with_a_comment": ["%time z = 3  # three\ny = 1"],
    "future": ["from __future__ import annotations", "def f(x: no_such_name): pass\nz = 3"],
    "broken": ["z = 1", "for i in range(", "y = 2"],
    "raises": ["z = 1\n1 / 0\ny = 2", "x = 3"],
    "exits": ["z = 1", "raise SystemExit\ny = 2", "x = 3"],
    "half_of_a_pair": ["z = (1,", "2)", "y = 3"],
    "return": ["z = 1\nreturn 3", "y = 2"],
    "call_of_magic": ["get_ipython().run_line_magic('time', 'z = 3')\ny = 1"],
    "call_of_the_shell": ["get_ipython().system('true')\nn = len(get_ipython().getoutput('true'))"],
    "display": ["display(3)\nz = 3"],
    "semicolon": ["z = 3;"],
    "star_expression": ["a, *b = 1, 2, 3"],
    "walrus_in_time": ["%time (z := 3)"],
    "umlauts": ["grüße = 'ß'\n%time länge = len(grüße)"],
    "windows_lines": ["%time z = 3\r\ny = 4\r\n"],
}
# Cells that IPython treats differently, or cannot run here, and what they bind.
OTHER = {
    # IPython runs it in a function; a `def` below it stays, as its author expects.
    "cell_timeit_defines": (
        ["%%timeit -n 10 a = 2\nz = a\n\ndef f():\n    return 3\n", "y = f()"],
        {"y": 3},
    ),
    # Without -q these draw or write in IPython.
    "cell_of_an_extension": (["%%memit -r 1\nz = 3"], {"z": 3}),
    "file": (["%run other.py\nz = 3"], {"z": 3}),
    "load": (["%load other.py\nz = 3"], {"z": 3}),
    "cell_written_to_a_file": (["%%writefile other.py\nz = 3", "y = 1"], {"y": 1}),
    "install": (["!pip install nothing\n%pip install nothing\nz = 3"], {"z": 3}),
    "install_without_percent": (["pip install nothing", "z = 3"], {"z": 3}),
    "help_on_what_is_not_there": (["lib.fit?\nlib.fit??\nz = 3"], {"z": 3}),
    "import_that_is_not_there": (["import nothing_here as n, math\nz = math.floor(2.5)"], {"z": 2}),
    "names_that_are_not_there": (["from nothing_here.a import b, c\nz = 3"], {"z": 3}),
    "colab": (["from google.colab import drive\nz = 3", "drive.mount('/')"], {"z": 3}),
    # IPython 9 has no await here.
    "await_in_time": (["import asyncio\n%time z = await asyncio.sleep(0, 3)"], {"z": 3}),
    "one_name_that_is_not_there": (["from math import floor, flor\nz = floor(2.5)"], {"z": 2}),
    "text_for_the_shell_runs_not": (
        ["z = 1\nget_ipython().run_cell('z = 2')\nget_ipython().ex('z = 3')"],
        {"z": 1},
    ),
}  # fmt: skip

PLAIN = """
def plain(names):
    kinds = (int, float, str, bool, list, tuple)
    kept = {k: v for k, v in names.items() if k[0] != "_" and isinstance(v, kinds)}
    kept = {k: list(v) if isinstance(v, list) else v for k, v in kept.items()}
    return {k: v for k, v in kept.items() if k not in ("In", "Out")}
"""
JUPYTER = f"""
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell
{PLAIN}
shell, found = InteractiveShell(), {{}}
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    for name, cells in json.load(open(sys.argv[1])).items():
        shell.reset()
        for cell in cells:
            shell.run_cell(cell)
        found[name] = plain(shell.user_ns)
json.dump(found, open("found.json", "w"))
"""
OURS = f"""
import json, sys, types
sys.path.insert(0, sys.argv[2])
import cells, stand_ins
{PLAIN}
found = {{}}
for name, (source, last, broken) in json.load(open(sys.argv[1])).items():
    module = types.ModuleType(name)
    vars(module).update(get_ipython=stand_ins.get_ipython, display=stand_ins.display)
    program = cells.Cells(module, source, name, stand_ins.Missing)
    program.split(last)
    for number in range(len(last)):
        try:
            program.run(number)
        except BaseException:
            pass
    names = vars(module)
    found[name] = plain({{k: v for k, v in names.items() if type(v) is not stand_ins.Shell}}
        | {{k: [] for k, v in names.items() if type(v) is stand_ins.Shell and k == "files"}})
json.dump(found, open("found.json", "w"))
"""


def notebook(cells):
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4}).encode()


def read(*cells):
    return from_bytes(Path("week1.ipynb"), "week1", notebook(cells))


def run_by(script, folder, cases, *arguments):
    path = folder / "cases.json"
    path.write_text(json.dumps(cases))
    command = [sys.executable, "-c", script, str(path), *arguments]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return json.loads((folder / "found.json").read_text())


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Returns what each case binds if it runs as in a worker."""
    cases = {}
    for name, cells in {**SAME, **{name: cells for name, (cells, _) in OTHER.items()}}.items():
        found = read(*cells)
        Program(found)
        cases[name] = (found.source, [cell.last for cell in found.cells], [])
    inside = str(COURSE.root / "grader/worker/inside")
    return run_by(OURS, tmp_path_factory.mktemp("ours"), cases, inside)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """Returns what each case binds in IPython."""
    pytest.importorskip("IPython")
    return run_by(JUPYTER, tmp_path_factory.mktemp("jupyter"), SAME)


@pytest.mark.parametrize("name", SAME)
def test_a_cell_binds_what_it_binds_in_jupyter(name, ours, jupyter):
    assert ours[name] == jupyter[name]


@pytest.mark.parametrize("name", OTHER)
def test_a_cell_that_cannot_do_as_in_jupyter_costs_nothing_else(name, ours):
    assert ours[name] == OTHER[name][1]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("!ls\nx = 1", "!ls is left out"),
        ("%run a.py\nx = 1", "%run a.py is left out"),
        ("%%bash\nls\n", "%%bash is left out"),
        ("files = !ls", "files = !ls has no value here"),
    ],
)
def test_what_is_left_out_is_noted(cell, said):
    found = read("y = 1", cell)
    (line, note) = found.notes[0]
    assert note == said and found.where(line) == "week1.ipynb, cell 2, line 1"


def test_lines_stay_where_they_are():
    cell = "!a \\\n b\n%%no\n"
    found = read(
        "%time z = max(1, \\\n  2)\n", "\n%%time\nx = 1\ny = 2\n", "!a \\\n b\n\nw = 3", cell
    )
    assert len(found.source.split("\n")) == len(found.lines)
    for text, place in (("x = 1", "cell 2, line 3"), ("w = 3", "cell 3, line 4")):
        line = found.source.split("\n").index(text) + 1
        assert found.where(line) == f"week1.ipynb, {place}"
        assert found.line_at(f"{found.where(line)}  {text}") == line
    assert "%time z = max(1, \\" in found.text(1)


def test_a_program_that_jupyter_saved():
    text = textwrap.dedent("""
        # In[1]:


        get_ipython().run_line_magic('matplotlib', 'inline')
        get_ipython().system('pip install x')


        # In[2]:


        get_ipython().run_cell_magic('time', '', 'def double(x):\\n    return 2 * x\\n')


        # In[ ]:


        get_ipython().run_cell_magic('bash', '', 'ls\\n')
        z = (1,
    """)
    found = from_bytes(Path("week1.py"), "week1", text.encode())
    program = Program(found)
    definition = program.definition("double")
    assert found.where(definition.lineno) == "week1.py:12"
    (broken,) = [cell for cell in found.cells if cell.problem]
    assert found.where(broken.line) == "week1.py:19" and broken.names == {"z"}


@pytest.mark.parametrize(
    "line",
    [
        r"get_ipython().run_line_magic('time', 'a = 1\n\n\nb = 2')",
        r"get_ipython().run_line_magic('time', 'a = 1\rb = 2')",
        r"get_ipython().run_cell_magic('time', '', 'a = 1\rb = 2\n')",
        r"get_ipython().run_cell_magic('time', '\n', 'a = 1')",
        r"z = get_ipython().run_line_magic('time', '(1,\n2)')",
    ],
)
def test_line_ends_inside_of_commands_move_nothing(line):
    text = f"# %%\n{line}\n# %%\ndef f():\n    pass\n"
    found = from_bytes(Path("week1.py"), "week1", text.encode())
    assert Program(found).definition("f").lineno == 4
    lines = found.source.replace("\r", "\n").split("\n")
    assert len(lines) == len(found.lines) == len(found.places) == found.cells[-1].last


def test_many_commands_in_one_line_are_left_out():
    found = read("def f():\n    pass", "get_ipython().a();" * 2000)
    assert Program(found).has("f") and "on a line" in found.cells[1].problem


def test_ten_thousands_of_magics_are_one_cell_left_out_at_once():
    began = time.process_time()
    found = read("def f():\n    pass", "%m\n" * 40_000, *(["%m x\n" * 100] * 100))
    assert time.process_time() - began < 4
    assert Program(found).has("f")
    assert "more IPython commands" in found.cells[1].problem
    assert not found.cells[2].problem and found.cells[-1].problem


BROKEN = ["(" * 300 + ")" * 300, "-" * 5000 + "1", "x = '\ud800'", "x = 1\0", "if 1:\n" * 3]


@pytest.mark.parametrize("cell", [*BROKEN, "%%time\n" * 9])
def test_a_cell_that_exhausts_or_breaks_is_alone(cell):
    found = read("def f():\n    pass", cell, "y = 2")
    assert Program(found).has("f") and Program(found).has("y")
    assert [bool(each.problem) for each in found.cells] == [False, True, False]


def test_more_cells_than_are_read():
    found = read(*["x = 1"] * 1001)
    assert "at most 1000 cells" in found.cells[-1].problem
    program = "# %%\nx = 1\n" * 2000
    assert len(from_bytes(Path("week1.py"), "week1", program.encode()).cells) == 1000


LINES = st.sampled_from(
    ["x = 1", "def f(x):", "    return x", "%time x = 2", "    %time y = 2", "!ls \\", "  !ls"]
    + ["a?", "%%time", "%%bash", "'''", "(", ")", "\f", "\x0b", "\u2028x", "\x85", "# c", ""]
    + [">>> x", "\\", "t = %timeit -o x", "f = !ls", "\ttab", "é = 3"]
    + ["get_ipython().run_line_magic('time', 'x = 1')"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES | st.text(max_size=8), max_size=8).map("\n".join))
@example("%%time\n%%time\n'''")
@example("\n \n%%capture a\n!ls \\")
def test_a_cell_keeps_its_number_of_lines(text):
    try:
        found = unfold(text, Work())
    except Unreadable as error:
        assert 1 <= error.line <= text.count("\n") + 2 and str(error)
        return
    assert "\n".join(found.lines).count("\n") == text.count("\n")
    assert all(1 <= line <= len(found.lines) for line, _ in found.notes)
