"""How a student's file is found and read."""

import json
import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.source import notebook as notebooks
from grader.source import reading
from grader.source.program import Program
from grader.source.reading import read, work_of
from grader.source.submission import SubmissionError

BODY = 'def f(x):\n    """Grüße."""\n    return x\n'


def put(folder, name, data):
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder / name


def notebook(*cells):
    return json.dumps(
        {"cells": [{"cell_type": kind, "source": source} for kind, source in cells], "nbformat": 4}
    )


@pytest.mark.parametrize(
    "data",
    [
        BODY.encode(),
        b"\xef\xbb\xbf" + BODY.encode(),
        BODY.replace("\n", "\r\n").encode(),
        BODY.replace("\n", "\r").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "CR"],
)
def test_the_same_program_however_it_is_saved(tmp_path, data):
    put(tmp_path, "week1.py", data)
    assert read(tmp_path, "week1").source == BODY


def test_a_declared_encoding_is_followed(tmp_path):
    put(tmp_path, "week1.py", b"# -*- coding: latin-1 -*-\nx = '\xfc'\n")
    got = read(tmp_path, "week1")
    assert got.source == "# -*- coding: utf-8 -*-\nx = 'ü'\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x = 1\ny = '\xfc'\n", "line 2"),
        ("x = 1".encode("utf-16"), "UTF-16"),
        (b"x = 1\0", "zero bytes"),
        (b"# coding: nonsense-8\nx = 1", "UTF-8"),
        (b"# coding: undefined\nx = 1", "UTF-8"),
        (b"#" * (3 * 2**20), "MiB"),
        (b"x = 1\n" * 10**5, "KiB"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path, data, said):
    put(tmp_path, "week1.py", data)
    with pytest.raises(SubmissionError, match=said):
        read(tmp_path, "week1")


def test_missing_file(tmp_path):
    with pytest.raises(SubmissionError, match="no week1.py"):
        read(tmp_path, "week1")


def test_links_folders_and_devices_are_refused(tmp_path):
    secret = put(tmp_path, "secret.txt", "x = 1")
    os.symlink(secret, tmp_path / "week1.py")
    with pytest.raises(SubmissionError, match="link"):
        read(tmp_path, "week1")
    os.symlink("/nowhere", tmp_path / "week2.py")
    with pytest.raises(SubmissionError, match="link"):
        read(tmp_path, "week2")
    (tmp_path / "week3.py").mkdir()
    with pytest.raises(SubmissionError, match="regular|opened"):
        read(tmp_path, "week3")
    os.mkfifo(tmp_path / "week4.py")
    with pytest.raises(SubmissionError, match="regular"):
        read(tmp_path, "week4")


def test_odd_folder_names(tmp_path):
    folder = tmp_path / "a b; $(touch x)\n'\""
    folder.mkdir()
    put(folder, "week1.py", BODY)
    assert read(folder, "week1").source == BODY


def test_notebooks(tmp_path):
    put(
        tmp_path,
        "week1.ipynb",
        notebook(
            ("markdown", "# Title"),
            ("code", ["%matplotlib inline\n", "import lib\n", "!pip install x\n"]),
            ("code", "def f(x):\n    %time y = 1\n    return x\n"),
            ("code", "%%bash\nls\n"),
            ("code", "text = '''\n% not a magic\n! neither\n'''\nx = (7\n % 4)\n"),
            ("raw", "nothing"),
        ),
    )
    got = read(tmp_path, "week1")
    scope = Program(got)
    assert scope.has("f") and scope.has("text")
    assert "\n% not a magic\n" in got.source and "\n % 4)" in got.source
    assert "# !pip install x" in got.source and "# ls" in got.source
    line = got.source.split("\n").index("    return x") + 1
    assert got.where(line) == "week1.ipynb, cell 3, line 3"


@pytest.mark.parametrize("data", ["", "{}", "[1]", '{"cells": 3}', '{"cells": [{}]}', "[" * 10**5])
def test_what_is_no_notebook(tmp_path, data):
    put(tmp_path, "week1.ipynb", data)
    with pytest.raises(SubmissionError, match="notebook"):
        read(tmp_path, "week1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=8,
)
LINES = ["x = 1", "def f(x):", "    return x", "%time x", "!ls", "%%bash", "'''", "(", "\f", "# c"]
PROGRAMS = st.lists(st.sampled_from(LINES) | st.text(), max_size=8).map("\n".join)
CODINGS = st.sampled_from(["utf-8", "latin-1", "utf-7", "utf-16", "undefined", "idna", "rot13"])
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": PROGRAMS | st.lists(st.text()) | JSON,
    }
)
NOTEBOOKS = JSON | st.fixed_dictionaries({"cells": st.lists(CELLS | JSON, max_size=4)})
few = settings(max_examples=25, deadline=None)


@few
@given(
    st.binary(max_size=200)
    | PROGRAMS.map(str.encode)
    | st.builds("# coding: {}\n{}".format, CODINGS, PROGRAMS).map(str.encode),
    NOTEBOOKS.map(json.dumps).map(str.encode),
)
@example(b"# coding: utf-7\nx = '+AAA-'", b"[" * 5000)
@example(b"", b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}')
def test_whatever_is_handed_in_is_a_program_or_a_sentence(program, cells):
    for name, data in (("week1.py", program), ("week1.ipynb", cells)):
        found = work_of({name: data}, "week1", ["f"]).program
        assert isinstance(found, Program) or " " in str(found)


@few
@given(NOTEBOOKS.map(json.dumps))
@example("[" * 5000)
def test_what_becomes_no_program_is_told_to_be_no_notebook(text):
    try:
        assert isinstance(notebooks.to_program(text), str)
    except ValueError as error:
        assert "not a notebook" in str(error)


CODE = st.lists(st.sampled_from(["x = 1", "# note", "", "y = '''a", "b'''"]), max_size=4)
MARKDOWN = st.lists(st.sampled_from(["# Title", "", "  text", "- item", "Grüße"]), max_size=4)


@few
@given(st.lists(st.tuples(st.booleans(), CODE, MARKDOWN), max_size=5))
def test_a_program_comes_back_from_its_notebook(parts):
    lines = ["import lib"]
    for is_code, code, markdown in parts:
        lines += ["# %%", *code] if is_code else ["# %% [markdown]", *(f"# {m}" for m in markdown)]
    program = "\n".join(lines)
    back = notebooks.to_program(notebooks.to_notebook(program))
    assert notebooks.cells(back) == notebooks.cells(program)
    assert notebooks.to_program(notebooks.to_notebook(back)) == back


def test_program_and_notebook_side_by_side(tmp_path):
    stub = "def f(x):\n    raise NotImplementedError\n"
    put(tmp_path, "week1.py", stub)
    put(tmp_path, "week1.ipynb", notebook(("code", BODY)))
    assert reading.find(tmp_path, "week1", ["f"]).suffix == ".ipynb"
    put(tmp_path, "week1.ipynb", notebook(("code", stub)))
    assert reading.find(tmp_path, "week1", ["f"]).suffix == ".py"
    put(tmp_path, "week1.py", BODY)
    assert reading.find(tmp_path, "week1", ["f"]).suffix == ".py"
    put(tmp_path, "week1.ipynb", notebook(("code", BODY)))
    with pytest.raises(SubmissionError, match="both"):
        reading.find(tmp_path, "week1", ["f"])
