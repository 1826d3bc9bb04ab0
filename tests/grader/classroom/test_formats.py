"""A class in the forms of other programs: equal totals, no formulas, the weaker tier named."""

import contextlib
import csv
import functools
import io
import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest

from grader.classroom.tables import plain_cell
from grader.cli.main import main

ALL = ("passed",) * 20
DAY = 24 * 60 * 60
POLICY = """
submitted = "files"
[late]
percent_per_day = 7
[week1]
weight = 33.3
due = 1970-01-02T00:00:00Z
[week2]
weight = 66.7
"""
HOSTILE = "=HYPERLINK(1) | <i>`x`"
STUDENTS = ("Ada Lovelace", "bob", "nil", HOSTILE)
FORMATS = ("html", "canvas", "moodle", "gradescope", "junit", "github", "json")


@pytest.fixture(scope="module")
def reported(gradebook):
    """Writes every report of a class; returns the folder and what the one for GitHub printed."""

    @functools.cache
    def reported(tier="sandbox"):
        attempts = [
            ("Ada Lovelace", "week1", ("passed", "failed", "passed"), 3 * DAY),
            ("Ada Lovelace", "week2", ALL, DAY),
            ("bob", "week1", ALL[:3], 0.0),
            ("bob", "week2", None, 0.0),
            (HOSTILE, "week1", ALL, 99 * DAY),
            (HOSTILE, "week2", ("failed", "passed"), 0.0),
        ]
        numbers = {"Ada Lovelace": "moodle 4711", "nil": "canvas 12"}
        out = gradebook(attempts, students=STUDENTS, numbers=numbers, tier=tier)
        (out / "policy.toml").write_text(POLICY)
        for form in FORMATS:
            with contextlib.redirect_stdout(io.StringIO()) as said:
                assert main(["report", str(out), "--format", form, "--title", "Vision"]) == 0
            if form == "github":
                printed = said.getvalue()
        return out, printed

    return reported


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def totals_of_html(page):
    body = page.split('id="students"')[1].split("<tbody>")[1].split("</tbody>")[0]
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        name = unescape(re.sub("<.*?>", "", row.split("</th>")[0])).strip()
        yield name, float(re.findall(r"<b>(.*?)</b>", row)[-1])


def all_totals(out):
    """Each output's totals by student, and what it says that everything is worth."""
    found = {"csv": {row["student"]: float(row["total"]) for row in table(out / "grades.csv")}}
    possible, *rows = table(out / "canvas.csv")
    assert possible["Student"].strip() == "Points Possible"
    found["canvas"] = {row["Student"]: float(row["Final Points"]) for row in rows}
    found["canvas weeks"] = {
        row["Student"]: round(float(row["week1"]) + float(row["week2"] or 0), 2) for row in rows
    }
    found["moodle"] = {row["username"]: float(row["total"]) for row in table(out / "moodle.csv")}
    whole = json.loads((out / "report.json").read_text())
    found["json"] = {each["student"]: each["total"] for each in whole["students"]}
    found["gradescope"] = {
        path.stem: json.loads(path.read_text())["score"] for path in out.glob("gradescope/*.json")
    }
    found["html"] = dict(totals_of_html((out / "report.html").read_text()))
    lines = (out / "github.md").read_text().split("\n")
    cells = [[unescape(c).strip() for c in line.split("|")[1:-1]] for line in lines if "|" in line]
    found["github"] = {row[0]: float(row[3]) for row in cells[2:]}
    suites = ElementTree.parse(out / "junit.xml").getroot().findall("testsuite")
    found["junit"], found["junit suites"] = {}, dict.fromkeys(STUDENTS, 0.0)
    for suite in suites:
        said = {item.get("name"): item.get("value") for item in suite.iter("property")}
        found["junit"][said["student"]] = float(said["total"])
        sum_so_far = found["junit suites"][said["student"]] + float(said.get("points", 0))
        found["junit suites"][said["student"]] = round(sum_so_far, 2)
    return found, whole


def test_all_outputs_have_the_same_totals(reported):
    out, _ = reported()
    found, whole = all_totals(out)
    expected = found.pop("json")
    assert len(found) == 9 and sorted(expected) == sorted(STUDENTS)
    for form, totals in found.items():
        assert {name.removeprefix("'"): value for name, value in totals.items()} == expected, form
    assert expected["nil"] == 0 and expected["bob"] > 0 and whole["worth"] == 100
    late = next(s for s in whole["students"] if s["student"] == "Ada Lovelace")["weeks"][0]
    assert late["week"] == "week1" and 0 < late["points"] < 33.3


def test_what_is_not_judged_is_empty_and_what_was_not_handed_in_is_zero(reported):
    out, _ = reported()
    for name in ("grades.csv", "canvas.csv", "moodle.csv"):
        rows = {row.get("student") or row.get("username") or row.get("Student"): row
                for row in table(out / name)}  # fmt: skip
        assert rows["bob"]["week2"] == "" and rows["nil"]["week2"] == "0"
    assert "not judged" in (out / "github.md").read_text()


def test_no_cell_of_any_table_is_a_formula(reported):
    out, _ = reported()
    for name in ("grades.csv", "canvas.csv", "moodle.csv"):
        with open(out / name, newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert plain_cell(HOSTILE) in cells
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@\t\r\n")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x"])
def test_what_a_spreadsheet_takes_for_a_formula_is_told_it_is_text(text):
    assert plain_cell(text) == "'" + text and plain_cell("a" + text) == "a" + text


def test_platforms_find_their_people_and_columns(reported):
    out, _ = reported()
    with open(out / "canvas.csv", newline="", encoding="utf-8") as file:
        header, possible, *people = csv.reader(file)
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["week1", "week2", "Final Points"]
    assert possible[5:] == ["33.3", "66.7", "(read only)"]
    who = {person[0]: person[1:5] for person in people}
    assert who["nil"] == ["12", "", "", ""]
    assert who["Ada Lovelace"] == ["", "", "Ada Lovelace", ""], "Moodle's number is not Canvas's"
    rows = {row["username"]: row for row in table(out / "moodle.csv")}
    assert rows["Ada Lovelace"]["Identifier"] == "Participant 4711"
    assert (
        rows["bob"]["Identifier"] == rows["nil"]["Identifier"] == ""
        and "late" in rows["Ada Lovelace"]["week1 feedback"]
    )
    assert rows["nil"]["week1 feedback"] == "nothing handed in"


def test_gradescope_reads_what_it_documents(reported):
    out, _ = reported()
    found = json.loads((out / "gradescope/Ada Lovelace.json").read_text())
    assert found.keys() == {"score", "execution_time", "output", "extra_data", "tests"}
    for test in found["tests"]:
        assert 0 <= test["score"] <= test["max_score"]
        assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
        assert test["output_format"] == "text" and test["visibility"] == "visible"
    assert "2 days late" in found["output"]


def test_github_gets_markdown_without_markup_and_escaped_commands(reported):
    out, printed = reported()
    text = (out / "github.md").read_text()
    assert "<" not in text and "`" not in text and "&#124;" in text
    commands = [line for line in printed.split("\n") if line.startswith("::")]
    assert all(re.match(r"::(error|notice|warning) (file=[^,]*,)?title=", c) for c in commands)
    assert len(commands) > 5 and "%0A::error::forged" in printed
    assert "file=Ada Lovelace/week1.py" in printed and "::warning" not in printed


WEAKER = ("user", "process")


@pytest.mark.parametrize("tier", WEAKER)
def test_every_output_of_a_class_names_a_weaker_tier(reported, tier):
    out, printed = reported(tier)
    rows = {row["student"]: row for row in table(out / "grades.csv")}
    assert rows["bob"]["isolation"] == tier and rows["nil"]["isolation"] == ""
    written = [out / name for name in ("grades.csv", "canvas.csv", "moodle.csv", "github.md")]
    written += [out / name for name in ("report.html", "report.json", "junit.xml")]
    shown = json.loads((out / "gradescope/bob.json").read_text())
    assert f"Graded in the tier {tier}" in shown["output"], "students see this part"
    written += list((out / "results").rglob("*.json"))
    assert not [path for path in written if not re.search(rf"\b{tier}\b", path.read_text())]
    assert f"::warning title=isolation::Graded in the tier {tier}, which is weaker" in printed
    with open(out / "canvas.csv", newline="", encoding="utf-8") as file:
        assert next(csv.reader(file))[-1].startswith("Final Grade"), "Canvas leaves these out"


def test_in_the_sandbox_the_table_has_no_column_for_it(reported):
    out, _ = reported()
    assert (out / "grades.csv").read_text().startswith("student,week1,week2,total\n")


def test_every_output_of_one_run_names_a_weaker_tier(tmp_path, capsys):
    (tmp_path / "week1.py").write_text("def set_last(values, new):\n    return values\n")
    command = ["week1", "--task", "set_last", "--submission", str(tmp_path)]
    files = [f"{tmp_path}/{name}" for name in ("result.json", "result.xml", "gradescope.json")]
    options = [*zip(("--json", "--junit", "--gradescope"), files, strict=True)]
    words = [word for pair in options for word in pair]
    assert main([*command, *words, "--isolation", "process"]) == 1
    assert "(process" in capsys.readouterr().out
    for name in files:
        with open(name, encoding="utf-8") as file:
            assert re.search(r"\bprocess\b", file.read()), name
