"""A class in other programs' formats: equal totals, no formulas, the weaker tier is named."""

import contextlib
import csv
import functools
import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import formats, tables
from grader.classroom.file_names import file_names
from grader.classroom.marks import class_marks
from grader.classroom.page.report import report
from grader.classroom.policy import Policy, TaskRule, WeekRule
from grader.classroom.tables import plain_cell
from grader.cli.main import main
from grader.intake.model import Person
from grader.results import files
from grader.results.text import number

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
    """Writes every report of a class; returns the folder and the output for GitHub."""

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
        numbers = {"Ada Lovelace": {"moodle": "4711"}, "nil": {"canvas": "12"}}
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
    """Each output's totals by student, and the maximum that it states."""
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
    assert header[5:] == ["week1", "week2", "Final Points", "Final Grade (notes)"]
    assert possible[5:] == ["33.3", "66.7", "(read only)", "(read only)"]
    assert {person[0]: person[-1] for person in people if person[-1]} == {
        "bob": "week2: not judged yet"
    }
    who = {person[0]: person[1:5] for person in people}
    assert who["nil"] == ["12", "", "", ""]
    assert who["Ada Lovelace"] == ["", "", "", ""], "Moodle's number is not Canvas's"
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
    assert len(commands) > 5 and "%0A: :error::forged" in printed
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
        assert next(csv.reader(file))[-1].startswith("Final Grade"), "Canvas ignores these"


def test_in_the_sandbox_the_table_has_no_column_for_it(reported):
    out, _ = reported()
    assert (out / "grades.csv").read_text().startswith("student,week1,week2,total,incomplete\n")


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


# A class with a roster, an instructor's comments, and a week that could not be accepted ----------

RAR = "homework.rar cannot be opened"
PEOPLE = {
    "Ada Byrne": Person("Ada Byrne", "1", "ada", "ada@example.org"),
    "Bob Reed": Person("Bob Reed", "2", "", "bob@example.org"),
    "Cleo Marsh": Person("Cleo Marsh", "", "", "cleo@example.org"),
    "Dan Oz": Person("Dan Oz", "4"),
    "Eve Stone": Person("Eve Stone"),
}


@pytest.fixture
def with_roster(made_up, verdict):
    """Returns the marks of a class with a roster."""

    def with_roster(*more):
        book = made_up(sorted([*PEOPLE, *more]), ["week1", "week2"], people=PEOPLE)
        book.open["Bob Reed", "week1"] = RAR
        book.numbers |= {"Ada Byrne": {"canvas": "101"}, "Dan Oz": {"canvas": "7Ab2x"}}
        book.participants |= {
            ("Ada Byrne", "week1"): "4701", ("Ada Byrne", "week2"): "5801",
            ("Bob Reed", "week1"): "4702", ("Dan Oz", "week1"): "4704",
        }  # fmt: skip
        for name in ("Ada Byrne", "Cleo Marsh", *more):
            book.hand_in(name, verdict(name, ALL), time=0.0)
        words = WeekRule(
            adjust=-1.5,
            comment="At the board.",
            tasks={"set_last": TaskRule(0.5, "Nearly."), "two_draws": TaskRule(None, "Neat!")},
        )
        return class_marks(book, Policy(students={("Ada Byrne", "week1"): words}), "Vision")

    return with_roster


def csv_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("form", [*FORMATS[1:], "moodle-worksheet", "grades", "html"])
def test_every_form_tells_what_was_done_by_hand_and_what_could_not_be_taken(
    with_roster, made_up, form
):
    marks = with_roster()
    ada = marks.students[0].weeks[0]
    assert ada.points == ada.worth - 0.5 - 1.5
    if form == "html":
        found = report(marks, made_up([], []), [])
    elif form == "grades":
        found = tables.grades(marks)
    else:
        found = "".join(formats.FORMATS[form](marks).files.values())
    found = unescape(found)
    for text in ("At the board.", "Nearly.", "Neat!", "-1.5"):
        assert text in found, text
    assert number(ada.points) in found
    if form == "grades":
        assert csv_of(found)[1]["incomplete"] == "week1"
    else:
        assert RAR in found


def test_moodle_finds_everybody_by_what_the_roster_tells(with_roster):
    output = formats.moodle(with_roster())
    assert list(output.files) == ["moodle.csv", "moodle-by-email.csv"]
    first, second = map(csv_of, output.files.values())
    assert [row["idnumber"] for row in first] == ["1", "2", "4"]
    assert [row["email"] for row in second] == ["cleo@example.org"]
    week = ["week1", "week1 feedback", "week2", "week2 feedback", "total"]
    assert list(first[0]) == ["idnumber", *week] and list(second[0]) == ["email", *week]
    for rows in (first, second):  # Moodle gives a row without a user to the previous user
        assert all(row[key] for row in rows for key in tables.MOODLE_KEYS if key in row)
    assert (first[1]["week1"], first[1]["week2"]) == ("", "0")
    assert "no row for Eve Stone" in output.notes[0] and len(output.notes) == 2


def test_moodle_has_each_key_that_all_have(with_roster):
    marks = with_roster()
    marks = replace(marks, students=marks.students[:1])
    (text,) = formats.moodle(marks).files.values()
    assert list(csv_of(text)[0])[:3] == ["username", "idnumber", "email"]
    nobody = formats.moodle(replace(marks, students=(replace(marks.students[0],
                            person=Person("Ada Byrne")),)))  # fmt: skip
    assert csv_of(nobody.files["moodle.csv"]) == [] and "Ada Byrne" in nobody.notes[0]
    without = formats.moodle(replace(marks, students=(replace(marks.students[0], person=None),)))
    assert "There is no roster" in without.notes[0]


def test_the_offline_worksheet_is_moodles_own(with_roster):
    output = formats.moodle_worksheet(with_roster())
    assert list(output.files) == [f"moodle-worksheet/week{n}.csv" for n in (1, 2)]
    ada, bob, dan = csv_of(output.files["moodle-worksheet/week1.csv"])
    assert list(ada) == [
        "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
        "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
        "Feedback comments",
    ]  # fmt: skip
    assert (ada["Identifier"], ada["Full name"]) == ("Participant 4701", "Ada Byrne")
    assert float(ada["Grade"]) == float(ada["Maximum Grade"]) - 2
    assert ada["Last modified (submission)"] == "1970-01-01T00:00:00+00:00"
    made = datetime.fromisoformat(ada["Last modified (grade)"])
    assert made.tzinfo is not None and abs(datetime.now(UTC) - made) < timedelta(minutes=5)
    assert (bob["Grade"], bob["Status"]) == ("", "Submitted for grading")
    assert RAR in bob["Feedback comments"] and bob["Last modified (submission)"] == "-"
    assert (dan["Grade"], dan["Status"], dan["Email address"]) == ("0", "No submission", "")
    assert output.notes == ("week1: Moodle's number is unknown for Cleo Marsh.",)


def test_moodles_worksheet_names_what_moodle_would_pass_over(with_roster):
    marks = with_roster()
    ada = marks.students[0]
    above = replace(ada.weeks[0], points=ada.weeks[0].worth + 1)
    marks = replace(marks, students=(replace(ada, weeks=(above, ada.weeks[1])),))
    output = formats.moodle_worksheet(marks)
    assert output.notes == ("week1: Moodle ignores grades above the maximum: Ada Byrne.",)
    nobody = replace(marks, students=(replace(ada, participants={}),))
    output = formats.moodle_worksheet(nobody)
    assert output.files == {} and len(output.notes) == 2 and "no worksheet" in output.notes[0]


def test_canvas_gets_the_numbers_and_names_that_are_known(with_roster):
    output = formats.canvas(with_roster("Points Possible"))
    _, *rows = csv_of(output.files["canvas.csv"])
    who = {row["Student"]: [row[c] for c in ("ID", "SIS User ID", "SIS Login ID")] for row in rows}
    assert who["Ada Byrne"] == ["101", "1", "ada"] and who["Bob Reed"] == ["", "2", ""]
    assert who["Eve Stone"] == ["", "", ""] and "Points Possible" not in who
    assert who["Dan Oz"] == ["", "4", ""], "Canvas would read an anonymous number as 7"
    assert "no row for Points Possible" in output.notes[0]
    assert "find Cleo Marsh, Eve Stone by name" in output.notes[1]


def test_files_of_students_are_kept_apart_on_every_file_system(with_roster):
    long = "\U0001f600" * 63
    marks = with_roster("ann", "Ann", long, long + "!")
    output = formats.gradescope(marks)
    names = [name.removeprefix("gradescope/") for name in output.files]
    assert len({name.casefold() for name in names}) == len(marks.students) == len(names)
    assert all(len(name.encode()) <= 200 for name in names) and "Ada Byrne.json" in names
    assert len(output.notes) == 3, "a note names their owners"


@given(st.sets(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=300)))
def test_any_names_make_files_that_differ(names):
    found = file_names(sorted(names))
    assert found.keys() == names
    assert len({unicodedata.normalize("NFC", n).casefold() for n in found.values()}) == len(names)
    assert all(len(name.encode()) <= 200 for name in found.values())


def test_a_file_that_cannot_be_written_is_named_and_the_others_are(gradebook, monkeypatch, capsys):
    out = gradebook([("ada", "week1", ALL, None)], students=("ada", "bob", "cy"))
    whole = files.write_text

    def full(path, text):
        if path.name == "bob.json":
            raise OSError(28, "No space left on device")
        whole(path, text)

    monkeypatch.setattr(files, "write_text", full)
    assert main(["report", str(out), "--format", "gradescope"]) == 2
    said = capsys.readouterr()
    assert "gradescope/bob.json cannot be written: No space left on device." in said.err
    assert {path.name for path in out.glob("gradescope/*")} == {"ada.json", "cy.json"}


def test_nobody_who_left_stays_behind_in_a_folder(gradebook, capsys):
    out = gradebook([("ada", "week1", ALL, None)])
    assert main(["report", str(out), "--format", "gradescope"]) == 0
    (out / "policy.toml").write_text("[students.bob]\nleft = true\n")
    assert main(["report", str(out), "--format", "gradescope"]) == 0
    assert [path.name for path in out.glob("gradescope/*")] == ["ada.json"]
    assert "bob" not in (out / "grades.csv").read_text()
