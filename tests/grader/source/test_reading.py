"""How the grader finds and reads a student's file."""

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
        ("x = 1".encode("utf-32"), "UTF-32"),
        (b"x = 1\0", "zero bytes"),
        (b"# coding: nonsense-8\nx = 1", "declares an encoding"),
        (b"# coding: undefined\nx = 1", "declares an encoding"),
        (b"# coding: punycode\n" + b"a" * 50_000, "declares an encoding"),
        (b"#" * (3 * 2**20), "MiB"),
        (b"x = 1\n" * 10**5, "KiB"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path, data, said):
    put(tmp_path, "week1.py", data)
    with pytest.raises(SubmissionError, match=said):
        read(tmp_path, "week1")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_notebook_in_another_encoding_says_which(tmp_path, encoding):
    put(tmp_path, "week1.ipynb", '{"cells": []}'.encode(encoding))
    with pytest.raises(SubmissionError, match=f"saved as {encoding.upper()}. Save it as UTF-8"):
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


def test_a_notebook_counts_without_its_outputs(tmp_path):
    outputs = [{"text": [']}\\"', "{["]}, {"data": {"image/png": "A" * 3 * 2**20}}]
    cell = {"cell_type": "code", "source": BODY, "metadata": {"outputs": [1]}, "outputs": outputs}
    whole = {"cells": [cell, cell | {"attachments": {"a": {"b": "\\"}}}], "nbformat": 4}
    whole["metadata"] = {"widgets": {"state": ["A" * 2**20]}, "kept": 1}
    data = json.dumps(whole, indent=1).encode()
    rest = json.loads(notebooks.without_outputs(data))
    assert rest["cells"][1] == cell | {"attachments": {}, "outputs": []}
    assert rest["metadata"] == {"widgets": {}, "kept": 1}
    put(tmp_path, "week1.ipynb", data)
    assert read(tmp_path, "week1").source.count("def f(x):") == 2
    cell["source"] = "# " + "A" * 3 * 2**20
    put(tmp_path, "week1.ipynb", json.dumps({"cells": [cell]}))
    with pytest.raises(SubmissionError, match="without a notebook's outputs"):
        read(tmp_path, "week1")


@pytest.mark.parametrize("part", [b"[", b'"",', b'"\\\\",', b"{}", b'"a":'])
def test_a_notebook_of_too_many_parts_is_not_looked_through(part, monkeypatch):
    monkeypatch.setattr(notebooks, "MAX_PARTS", 1000)
    begun = b'{"cells":[{"outputs":[1]},'
    assert notebooks.without_outputs(begun + part * 2000) == begun + part * 2000


def test_an_old_notebook_has_its_cells_in_worksheets(tmp_path):
    cell = {"cell_type": "code", "language": "python", "input": BODY, "outputs": []}
    put(tmp_path, "week1.ipynb", json.dumps({"worksheets": [{"cells": [cell]}], "nbformat": 3}))
    assert Program(read(tmp_path, "week1")).has("f")


def test_a_notebook_that_is_called_a_program(tmp_path):
    put(tmp_path, "week1.py", notebook(("code", BODY)))
    with pytest.raises(SubmissionError, match="Rename it to week1.ipynb"):
        read(tmp_path, "week1")


@pytest.mark.parametrize("first", ["", "!pip install x\n", "x = (\n"])
def test_no_string_is_torn_apart(tmp_path, first):
    saved = "get_ipython().run_cell_magic('time', '', 'x = 1')"
    text = f'{first}# %%\ndef f(x):\n    """A text.\n# %%\n{saved}\n    """\n    return x\n'
    put(tmp_path, "week1.py", text)
    found = read(tmp_path, "week1")
    assert Program(found).has("f") and f"# %%\n{saved}\n" in found.source
    put(tmp_path, "week1.py", f'# %%\nx = """\n{text}')
    assert len(read(tmp_path, "week1").cells) > 2, "any line may be in a string"


def test_a_missing_file_is_told_without_the_folders_on_the_way(tmp_path):
    place = tmp_path / "secret" / "handed-in"
    place.mkdir(parents=True)
    found = reading.read_work(place, "week1").program
    assert "handed-in" in str(found) and "secret" not in str(found)
    assert "--submission" not in str(work_of({}, "week1").program)


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
@given(NOTEBOOKS, st.sampled_from([None, 1]))
def test_what_has_no_outputs_stays_as_it_is(made, indent):
    data = json.dumps(made, indent=indent).encode()
    assert notebooks.without_outputs(data) == data


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
    if "This cell is left out" in back:  # it cannot be read
        assert all(line in back for line in lines)
        return
    assert notebooks.cells(back) == notebooks.cells(program)
    assert notebooks.to_program(notebooks.to_notebook(back)) == back


def test_a_notebook_has_the_cells_that_are_graded():
    text = 'a = 1\n# %% Title\nb = """\n# %%\n"""\n#%%\nc = 2\n# In[3]:\nd = 3\n'
    text += "# %% [markdown] Heading\n# text\n# %% [md]\n# more\n"
    assert notebooks.cells(text) == [
        ("code", "a = 1"),
        ("code", '# Title\nb = """\n# %%\n"""'),
        ("code", "c = 2"),
        ("code", "d = 3"),
        ("markdown", "Heading\ntext"),
        ("markdown", "more"),
    ]


def test_a_program_made_of_a_notebook_runs():
    cells = ["x = 1", "y = (", "z = await w()\nx += 1", "ip = get_ipython()", "%time x += 1"]
    cells += ["async def g():\n    await g()\n\nx += 1", "await w(); x = (\n2)", "display(x)"]
    made = notebooks.to_program(notebook(*(("code", cell) for cell in cells)))
    names = {}
    exec(compile(made, "week1.py", "exec"), names)
    assert names["x"] == 4
    assert "# This cell is left out. Python cannot read this line: '(' was never closed" in made
    for cell in cells:
        for line in cell.split("\n"):
            assert line in made


def test_program_and_notebook_side_by_side(tmp_path):
    stub = "def f(x):\n    raise NotImplementedError\n"

    def chosen(program, cells, newest=False):
        put(tmp_path, "week1.ipynb", notebook(("code", cells)))
        put(tmp_path, "week1.py", program)
        os.utime(tmp_path / "week1.ipynb", (1, 1))
        path, why = reading.find(tmp_path, "week1", ["f"], newest)
        return path.suffix, why

    suffix, why = chosen(stub, BODY)
    assert suffix == ".ipynb" and "week1.py next to it is still the stub" in why
    assert chosen(stub, stub) == (".py", "")
    assert chosen(BODY, stub)[0] == ".py"
    with pytest.raises(SubmissionError, match="both"):
        chosen(BODY, BODY)
    suffix, why = chosen(BODY, "from week1 import *\nprint(f(1))", newest=True)
    assert suffix == ".py" and "week1.ipynb next to it has none of the tasks' functions" in why
    assert chosen("x = 3", stub)[0] == ".py" and chosen(stub, "x = 3")[0] == ".ipynb"
    suffix, why = chosen(BODY, BODY, newest=True)
    assert suffix == ".py" and "changed after week1.ipynb" in why
    os.utime(tmp_path / "week1.py", (0, 0))
    assert reading.find(tmp_path, "week1", ["f"], newest=True)[0].suffix == ".ipynb"
