"""Mistakes that affect an entire file, other ways to save a file, and entire weeks."""

import json
import textwrap

import pytest

from grader.source.notebook import to_notebook
from grader.targets import target


def line_of(source: str, text: str) -> int:
    return source[: source.index(text)].count("\n") + 1


@pytest.fixture
def whole_file(teaches):
    """Asserts the verdicts on a file in which nothing can be graded."""

    def whole_file(report, words, line=None, name="week1.py"):
        for task, found in report.tasks.items():
            teaches(report, task, words, [line] if line else [], name)
            assert found["status"] == "error"
            assert found["points"] == 0

    return whole_file


@pytest.fixture
def one_cell(teaches):
    """Asserts the verdicts where one cell is broken: set_last is an error, two_draws passes."""

    def one_cell(report, words, line):
        found = report.tasks["set_last"]
        teaches(report, "set_last", words, [line], "week1.py")
        assert (found["status"], found["points"]) == ("error", 0)
        assert report.tasks["two_draws"]["status"] == "passed"

    return one_cell


TASKS = ("set_last", "two_draws")


def test_syntax_error(grade, swap, one_cell):
    source = swap("week1", "set_last", "def set_last(values, new):\n    return values")
    source = source.replace("def set_last(values, new):", "def set_last(values, new)")
    line = line_of(source, "def set_last(values, new)")
    one_cell(grade(source, "week1", *TASKS), ("cannot read this line", "expected ':'"), line)


def test_bracket_never_closed(grade, solution, one_cell):
    text = "    return values.at[-1].set(new"
    source = solution("week1").replace(text + ")", text)
    words = ("'(' was never closed",)
    one_cell(grade(source, "week1", *TASKS), words, line_of(source, text))


def test_indentation_error(grade, solution, one_cell):
    source = solution("week1").replace("    return values.at[-1]", "   return values.at[-1]", 1)
    source = source.replace("   return values.at[-1]", "    last = -1\n   return values.at[-1]", 1)
    line = line_of(source, "   return values.at[-1]")
    one_cell(grade(source, "week1", *TASKS), ("indent",), line)


def test_tabs_and_spaces_mixed(grade, solution, one_cell):
    text = "    return values.at[-1].set(new)"
    source = solution("week1").replace(text, "    last = -1\n\treturn values.at[last].set(new)")
    line = line_of(source, "\treturn values.at[last]")
    one_cell(grade(source, "week1", *TASKS), ("tabs", "spaces"), line)


def test_function_deleted(grade, swap, teaches):
    report = grade(swap("week1", "set_last", "def other():\n    pass"), "week1", "set_last")
    teaches(report, "set_last", ("no set_last in week1.py", "def set_last("), [], "week1.py")
    assert report.tasks["set_last"]["status"] == "failed"


def test_file_of_another_week(grade, solution, teaches):
    report = grade(solution("week2"), "week3", "convolve2d")
    teaches(report, "convolve2d", ("no convolve2d in week3.py",), [], "week3.py")


def test_empty_file(grade, whole_file):
    whole_file(grade("\n", "week1"), ("week1.py is empty", "reset week1"))


def test_file_saved_as_latin_1(grade, solution, whole_file):
    source = "# Lösungen\n" + solution("week1")
    whole_file(grade(source.encode("latin-1", "replace"), "week1"), ("not saved as utf-8",), 1)


def test_file_saved_as_utf_16(grade, solution, whole_file):
    words = ("saved as utf-16", "save it as utf-8")
    whole_file(grade(solution("week1").encode("utf-16"), "week1"), words)


def test_file_without_cells_that_cannot_be_read(grade, solution, whole_file):
    source = solution("week1").replace("# %%", "#").replace("def set_last(", "def set_last")
    words = ("cannot read this line",)
    whole_file(grade(source, "week1", *TASKS), words, line_of(source, "def set_last"))


def test_package_that_is_not_there(grade, swap, teaches):
    source = swap("week1", "set_last", "def set_last(values, new):\n    return tfa.last(values)")
    source = source.replace("import optax\n", "import optax\nimport tensorflow_addons as tfa\n")
    report = grade(source, "week1", *TASKS)
    words = ("ImportError", "tensorflow_addons is not available", "jax, flax, optax, numpy")
    line = line_of(source, "return tfa.last")
    teaches(report, "set_last", words, [line], "week1.py")
    assert report.tasks["set_last"]["status"] == "error"
    assert report.tasks["two_draws"]["status"] == "passed"


def test_exception_at_import(grade, solution, teaches):
    source = solution("week1") + "\n# %%\nprint(set_last([1.0, 2.0], 9.0))\n"
    assert grade(source, "week1", *TASKS).status == 0
    before, cut, after = source.partition("def set_last(")
    call = "print(jnp.zeros(3)[0].at)\nprint([1.0, 2.0].at)\n"
    report = grade(f"{before}{call}{cut}{after}", "week1", *TASKS)
    words = ("AttributeError", "'list' object has no attribute 'at'", "__main__", "not defined")
    line = line_of(before + call, "print([1.0, 2.0].at)")
    teaches(report, "set_last", words, [line], "week1.py")
    assert report.tasks["set_last"]["status"] == "error"
    assert report.tasks["two_draws"]["status"] == "passed"


def test_notebook_with_a_broken_end(grade, solution, whole_file):
    notebook = to_notebook(solution("week1"))[:-200]
    report = grade(notebook, "week1", name="week1.ipynb")
    whole_file(report, ("week1.ipynb", "notebook", "save it again"), name="week1.ipynb")


def test_mistake_in_a_notebook_names_cell_and_line(grade, swap, teaches):
    source = swap("week1", "set_last", "def set_last(values, new):\n    values[-1] = new")
    report = grade(to_notebook(source), "week1", "set_last", name="week1.ipynb")
    found = report.tasks["set_last"]
    teaches(report, "set_last", ("do not change", ".set("), [], "week1.ipynb")
    cells = json.loads(to_notebook(source))["cells"]
    cell = next(n for n, c in enumerate(cells, 1) if "    values[-1] = new\n" in c["source"])
    line = cells[cell - 1]["source"].index("    values[-1] = new\n") + 1
    assert f"week1.ipynb, cell {cell}, line {line}" in found["message"]


def test_notebook_with_magics_passes(grade, solution):
    notebook = json.loads(to_notebook(solution("week1")))
    notebook["cells"][1]["source"].insert(0, "%matplotlib inline\n")
    notebook["cells"][1]["source"].append("\n!pip install flax")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}
    notebook["cells"].append({**cell, "source": ["%%time\n", "1 +"]})
    report = grade(json.dumps(notebook), "week1", "set_last", "two_draws", name="week1.ipynb")
    assert report.status == 0


@pytest.mark.parametrize("change", ["CRLF", "BOM", "declared latin-1"])
def test_other_ways_to_save_a_text_pass(change, grade, solution):
    source = textwrap.dedent(solution("week1"))
    data = {
        "CRLF": source.replace("\n", "\r\n").encode(),
        "BOM": b"\xef\xbb\xbf" + source.encode(),
        "declared latin-1": ("# coding: latin-1\n" + source).encode("latin-1", "replace"),
    }[change]
    assert grade(data, "week1", "set_last").status == 0


BASELINE = """
def train_flowers(images, labels, key):
    steps = 14 * -(-len(images) // 16)
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, steps))
    state = lib.create_state(lib.flowers_baseline(), optimizer, images, key)
    return lib.fit(state, images, labels, epochs=14, batch_size=16, key=key)[0]
"""


@pytest.mark.slow
def test_the_baseline_of_the_project_gets_its_own_points_and_no_more(grade, swap):
    task = grade(swap("project", "flowers", BASELINE), "project").tasks["flowers"]
    assert (task["status"], task["points"]) == ("failed", 4), task
    assert f"{target('flowers', 'embedded').accuracy} or more" in task["message"]
    assert "augment" in task["hint"]


@pytest.mark.slow
@pytest.mark.parametrize("week", ["week8", "project"])
def test_the_solution_passes(week, grade, solution):
    report = grade(solution(week), week)
    assert [task for task in report.tasks.values() if task["status"] != "passed"] == []
    assert report.status == 0
