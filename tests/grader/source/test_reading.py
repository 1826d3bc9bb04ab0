"""How a student's file is found and read."""

import json
import os

import pytest

from grader.source import reading
from grader.source.program import Program
from grader.source.reading import read
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
