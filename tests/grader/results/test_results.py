"""The forms of a result: JSON by the schema, JUnit, text, exit status."""

import io
import json
import os
import stat
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from grader.results import files, model, text
from grader.results.files import json_text
from grader.results.gradescope import gradescope_text
from grader.results.junit import junit_text
from grader.results.model import TaskResult, WeekResult, exit_status
from grader.results.text import compose

SCHEMA = json.loads((Path(model.__file__).parent / "result.schema.json").read_text())


def week(*statuses, **changes):
    made = WeekResult("week3", "exercises/week3.py", True, "embedded", "sandbox", "cpu", "0123abcd")
    made.seconds = 1.23456
    for number, status in enumerate(statuses):
        points = 2.0 if status == "passed" else 0.0
        made.tasks.append(TaskResult(f"t{number}", f"Title {number}", status, points, 2.0))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_json_is_by_the_schema_for_every_status():
    weeks = [week(*model.STATUSES), week("passed", seed=7, week="project")]
    got = json.loads(json_text(weeks))
    jsonschema.validate(got, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert got[0]["points"] == 2 and got[0]["max_points"] == 16 and got[0]["passed"] is False
    assert got[1]["passed"] is True and got[1]["seed"] == 7


@pytest.mark.parametrize(
    ("weeks", "status"),
    [
        ([week("passed", "passed")], 0),
        ([week("passed"), week("failed")], 1),
        ([week("todo")], 1),
        ([week("passed", "skipped")], 1),
        ([week("failed", "ungraded")], 2),
        ([week("passed"), week("ungraded")], 2),
        ([], 1),
    ],
)
def test_exit_status(weeks, status):
    assert exit_status(weeks) == status


@pytest.mark.parametrize(
    ("given", "kept"), [(float("nan"), 0), (-1, 0), (5, 2), (1.5, 1.5), (float("inf"), 0)]
)
def test_points_stay_in_range(given, kept):
    assert TaskResult("t", "T", "failed", given, 2.0).points == kept


def test_junit_reads_as_xml_whatever_a_message_holds():
    made = week("passed", "failed", "error", "timeout", "crashed", "skipped", "todo", "ungraded")
    made.tasks[1].message = "</failure> & \x00\x1b[31m \ud800 ]]> ü\nsecond"
    made.tasks[1].hint = "try <this>"
    root = ElementTree.fromstring(junit_text([made]))
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib["tests"] == "8" and suite.attrib["failures"] == "1"
    assert suite.attrib["errors"] == "4" and suite.attrib["skipped"] == "2"
    failure = suite.findall("testcase")[1].find("failure")
    assert failure is not None and "</failure> &" in failure.attrib["message"]
    assert "try <this>" in (failure.text or "")


def test_messages_are_at_most_twelve_lines_with_their_hint():
    rows = [("your code gave", "x" * 1000)] * 40
    text = compose(rows)
    assert len(text.split("\n")) == 11 and all(len(line) <= 320 for line in text.split("\n"))


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "deep/result.json"
    files.write_text(target, "one\n")
    assert target.read_text() == "one\n"
    assert stat.S_IMODE(target.stat().st_mode) & 0o044  # as readable as any other file

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(target, "two\n")
    assert target.read_text() == "one\n" and os.listdir(target.parent) == ["result.json"]


def render(text, **options):
    from rich.console import Console

    file = io.StringIO()
    Console(file=file, width=200, highlight=False, markup=False, **options).print(text)
    return file.getvalue()


def test_text_is_plain_in_a_pipe_and_coloured_on_a_terminal():
    task = TaskResult("t", "A [bold]title[/]", "failed", 0, 2, message="[red]no[/red]", hint="try")
    plain = render(text.task_text(task))
    assert "\x1b" not in plain and "[red]no[/red]" in plain and "A [bold]title[/]" in plain
    assert "\x1b[" in render(text.task_text(task), force_terminal=True, color_system="standard")


def test_no_color_is_honoured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    task = TaskResult("t", "T", "failed", 0, 2)
    got = render(text.task_text(task), force_terminal=True, color_system="standard")
    assert "\x1b[31m" not in got


def test_gradescope_gets_the_same_points():
    tasks = [
        TaskResult("a", "First", "passed", 2.0, 2.0),
        TaskResult("b", "Second", "failed", 0.5, 1.0, message="what came", hint="what to do"),
    ]
    graded = WeekResult("week1", "w.py", False, "embedded", "process", "cpu", 1, tasks=tasks)
    found = json.loads(gradescope_text([graded]))
    assert found["score"] == graded.points == sum(test["score"] for test in found["tests"])
    assert [test["status"] for test in found["tests"]] == ["passed", "failed"]
    assert found["tests"][1]["output"] == "what came\ntry: what to do"
    assert "process" in found["output"]


def test_output_stands_in_json_alone_and_only_where_there_is_some():
    made = week("passed", "failed", output="imported \u0416")
    made.tasks[0].output = "printed \u0416"
    made.tasks[1].message = "what came"
    got = json.loads(json_text([made]))
    jsonschema.validate(got, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert (
        got[0]["output"] == "imported \u0416" and got[0]["tasks"][0]["output"] == "printed \u0416"
    )
    assert "output" not in got[0]["tasks"][1]
    assert "output" not in json.loads(json_text([week("passed")]))[0]
    assert "\u0416" not in junit_text([made])
    assert "\u0416" not in gradescope_text([made]).encode().decode("unicode_escape")


def test_output_has_a_most():
    task = TaskResult("t", "T", "passed", 2, 2, output="first" + "x" * 10_000 + "last")
    assert len(task.output) == model.MAX_OUTPUT and task.output.endswith("last")


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (None, ["  Use jnp.where (https://x.org/a-b): it is quick.", "", "  Second, bold."]),
        (
            24,
            ["  Use jnp.where", "  (https://x.org/a-b):", "  it is quick.", "", "  Second, bold."],
        ),
    ],
)
def test_prose_is_plain_text(width, lines):
    page = "Use [jnp.where](https://x.org/a-b):\nit is quick.\n\n\nSecond, **bold**.\n"
    assert text.prose(page, width, indent=2).split("\n") == lines
    assert text.prose("`(a - b) ** 2` and 2**3, 2**4") == "`(a - b) ** 2` and 2**3, 2**4"


def test_long_lines_of_a_message_are_broken_below_their_text_on_a_screen_alone():
    said = "One sentence that is too long for a narrow screen by a few words."
    row = f"{'your code gave':<{text.LABEL_WIDTH}}{said}"
    task = TaskResult("t", "T", "failed", 0, 2, message=f"{said}\n{row}\nshort", hint=said)
    assert len(text.task_text(task).plain.split("\n")) == 5
    assert text.task_text(task, 60).plain.split("\n")[1:] == [
        "     One sentence that is too long for a narrow screen by a",
        "     few words.",
        "     your code gave   One sentence that is too long for a",
        "                      narrow screen by a few words.",
        "     short",
        "     try              One sentence that is too long for a",
        "                      narrow screen by a few words.",
    ]
