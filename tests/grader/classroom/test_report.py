"""The report of a class: its numbers are the gradebook's, and it quotes what was handed in."""

import csv
import re

import pytest

from grader.classroom.gradebook import Gradebook
from grader.cli.main import main
from grader.intake.model import Handed, Intake
from grader.source.excerpt import MOST, Source

EVIL = "<script>alert(1)</script>"
CODE = "import lib\n\n\ndef set_last(values, new):\n    a = '" + EVIL + "'\n    return values\n"


def hand_in(**students):
    handed = {
        (name, "week1"): Handed(name, "week1", {"week1.py": text.encode()})
        for name, text in students.items()
    }
    return Intake(sorted(students), handed)


@pytest.fixture
def graded(tmp_path, verdict):
    """Makes a gradebook of verdicts and returns the page of its report."""

    def graded(verdicts, codes=None, weeks=("week1",), title="A class"):
        codes = codes or {}
        intake = hand_in(**{name: codes.get(name, name) for name in verdicts})
        with Gradebook(tmp_path / "out", {}, seed=4) as book:
            book.hand_in(intake, list(weeks))
            for name, (statuses, message, *tier) in verdicts.items():
                digest = intake.handed[name, "week1"].digest
                book.record(name, digest, verdict(name, statuses, message, *tier))
        assert main(["report", str(tmp_path / "out"), "--title", title]) == 0
        return (tmp_path / "out" / "report.html").read_text()

    return graded


def rows(page, table):
    """The text of a table's cells, row by row."""
    body = re.search(rf'id="{table}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)[1]
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        cells = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        yield [" ".join(re.sub("<.*?>", " ", cell).split()) for cell in cells]


def test_the_gradebook_keeps_what_was_handed_in(tmp_path):
    with Gradebook(tmp_path / "out", {}) as book:
        book.hand_in(hand_in(ada="a = 1\n"), ["week1"])
        book.hand_in(hand_in(ada="a = 2\n", bob="a = 1\n"), ["week1"])
        first, second = book.attempts("ada", "week1")
        (same,) = book.attempts("bob", "week1")
        assert book.files(first.digest) == book.files(same.digest) == {"week1.py": b"a = 1\n"}
        assert book.files(second.digest) == {"week1.py": b"a = 2\n"}
        assert second.last and not first.last and book.attempts("ada", "week2") == []


def test_points_are_those_of_the_gradebook(graded, tmp_path):
    page = graded(
        {"ada": (["passed", "passed"], ""), "bob": (["failed", "passed"], "no"), "cy": ([], "")},
        weeks=("week1", "week2"),
    )
    with open(tmp_path / "out/grades.csv", newline="", encoding="utf-8") as file:
        _, *expected = csv.reader(file)
    full = {row[0]: float(row[1]) for row in expected}
    shown = list(rows(page, "students"))
    assert [[cell.replace("–", "0") for cell in row] for row in shown] == expected
    assert full["ada"] > full["bob"] > full["cy"] == 0
    assert [row[2] for row in shown] == ["–"] * 3, "nothing handed in differs from a zero"
    assert page.count("nothing handed in") == 3


def test_tasks_that_most_fail_come_first(graded):
    page = graded({n: (["passed", "failed"], "no") for n in ("ada", "bob")})
    tasks = list(rows(page, "tasks"))
    assert tasks[-1][0].startswith("week1 set_last") and tasks[-1][1] == "2 of 2"
    wrong = next(row for row in tasks if "2 failed" in row[2])
    assert wrong[1] == "0 of 2"
    assert re.search(r"Most failures: week1\s+<b>two_draws</b>,\s+2 of the 2 who tried it", page)


def test_what_comes_from_a_submission_is_text(graded):
    name = EVIL.replace("/", "_")
    message = f"{EVIL}\n--\nyour line        week1.py:5  a = '{EVIL}'"
    page = graded({name: (["failed"], message, "process")}, {name: CODE}, title=EVIL)
    assert page.count("<script>") == 1 and page.count("alert(1)") > 5
    assert "http" not in page.replace("http-equiv", ""), "nothing is loaded from elsewhere"
    assert "without the sandbox" in page.replace("\n", " ")


def test_a_failed_task_shows_its_function_with_the_line_marked(graded):
    message = "It is another.\nyour line        week1.py:6  return values"
    page = graded({"ada": (["failed"], message), "bob": (["passed"], "")}, {"ada": CODE})
    code = re.findall(r'<pre class="code">(.*?)</pre>', page, re.DOTALL)
    assert len(code) == 1, "code that passed is not quoted"
    assert [line.split()[0] for line in re.sub("<.*?>", "\n", code[0]).split("\n") if line] == [
        "4", "5", "6",
    ]  # fmt: skip
    assert re.findall("<mark>(.*?)</mark>", code[0]) == ["   6      return values"]


def numbers(lines):
    return [line.number for line in lines], [line.number for line in lines if line.marked]


def test_an_excerpt_is_the_function_or_the_lines_around():
    source = Source("week1.py", "week1", CODE.encode())
    assert numbers(source.excerpt(["set_last"], "")) == ([4, 5, 6], [])
    assert numbers(source.excerpt(["other"], "")) == ([], [])
    assert numbers(source.excerpt(["other"], "your line  week1.py:5  x")) == ([4, 5, 6], [5])
    assert numbers(source.excerpt([], "your line  week1.py:1")) == ([1, 2, 3, 4, 5], [1])
    assert numbers(source.excerpt([], "your line  week1.py:77  x")) == ([], [])
    documented = 'def f(\n    a\n):\n    """Doubles.\n\n    More.\n    """\n    return a\n'
    source = Source("week1.py", "week1", documented.encode())
    assert numbers(source.excerpt(["f"], "")) == ([1, 2, 3, 8], [])
    assert numbers(source.excerpt(["f"], "your line  week1.py:6")) == ([1, 2, 3, 6, 8], [6])
    long = "def f():\n" + "    x = 1\n" * 300
    shown, marked = numbers(
        Source("week1.py", "week1", long.encode()).excerpt(["f"], "your line  week1.py:200  x")
    )
    assert len(shown) == MOST and marked == [200] and shown == list(range(shown[0], shown[-1] + 1))


def test_an_excerpt_of_what_is_no_program():
    broken = Source("week1.py", "week1", b"a = 1\ndef f(:\n    pass\n")
    assert numbers(broken.excerpt(["f"], "your line  week1.py:2  def")) == ([1, 2, 3, 4], [2])
    assert Source("week1.py", "week1", b"\xff\xfe\0").excerpt(["f"], "your line  week1.py:1") == []
    hidden = Source("week1.py", "week1", "def f():\n    x = '\u202e\x1b[2J'\n".encode())
    assert [line.text for line in hidden.excerpt(["f"], "")] == [
        "def f():", r"    x = '\u202e\x1b[2J'",
    ]  # fmt: skip


def test_a_notebooks_lines_are_found_by_cell():
    book = (
        '{"cells": [{"cell_type": "code", "source": "import lib"},'
        ' {"cell_type": "code", "source": "def f():\\n    return 1"}]}'
    )
    lines = Source("week1.ipynb", "week1", book.encode()).excerpt(
        ["f"], "your line  week1.ipynb, cell 2, line 2  return 1"
    )
    assert [(line.text, line.marked) for line in lines] == [
        ("def f():", False), ("    return 1", True),
    ]  # fmt: skip


def test_there_is_no_report_of_a_folder_without_marks(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "no gradebook" in capsys.readouterr().err


def test_what_was_printed_is_folded_on_the_instructors_page_alone(tmp_path, verdict):
    intake = hand_in(ada="a = 1\n", bob="a = 2\n")
    with Gradebook(tmp_path / "out", {}, seed=4) as book:
        book.hand_in(intake, ["week1"])
        for name in ("ada", "bob"):
            result = verdict(name, ["failed"], "no")
            if name == "ada":  # results of earlier versions have no such keys
                result["output"] = f"at import {EVIL}"
                result["tasks"][0]["output"] = f"in set_last {EVIL}"
            book.record(name, intake.handed[name, "week1"].digest, result)
    words = ["report", str(tmp_path / "out")]
    assert main([*words, "--feedback", str(tmp_path / "feedback"), "--format", "html"]) == 0
    page = (tmp_path / "out/report.html").read_text()
    folded = re.findall(r"<details><summary[^>]*>printed [^<]*</summary>\s*<pre>(.*?)</pre>", page)
    escaped = EVIL.replace("<", "&lt;").replace(">", "&gt;")
    assert folded == [f"at import {escaped}", f"in set_last {escaped}"]
    assert "in set_last" not in (tmp_path / "feedback/ada.html").read_text()
    for form in ("junit", "gradescope", "github", "canvas"):
        assert main([*words, "--format", form]) == 0
    others = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".xml", ".md")]
    others += list((tmp_path / "out/gradescope").glob("*.json"))
    assert len(others) >= 4 and not any("in set_last" in path.read_text() for path in others)
