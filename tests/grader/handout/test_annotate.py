"""The grading workflow's annotations and table for a result file."""

import json

import pytest

from grader.handout import annotate


def week(**task) -> list[dict]:
    whole = {
        "name": "convolve2d",
        "title": "Convolve a picture",
        "status": "failed",
        "points": 0.0,
        "max_points": 2.0,
        "seconds": 0.1,
        "message": "",
        "hint": "",
    } | task
    return [
        {
            "week": "week3",
            "submission": "submission/exercises/week3.py",
            "isolation": "sandbox",
            "points": whole["points"],
            "max_points": 2.0,
            "tasks": [whole],
        }
    ]


def test_a_failed_task_is_an_error_at_the_students_file():
    (line,) = annotate.annotations(week(message="Shape (3,)", hint="Look again"), "exercises")
    assert line == (
        "::error file=exercises/week3.py,title=convolve2d%3A failed"
        "::Convolve a picture%0AShape (3,)%0ATry: Look again"
    )


def test_a_passed_task_is_silent():
    assert not list(annotate.annotations(week(status="passed", points=2.0), "exercises"))


@pytest.mark.parametrize(
    ("status", "level"),
    [("todo", "notice"), ("skipped", "notice"), ("ungraded", "warning"), ("timeout", "error")],
)
def test_level_follows_status(status, level):
    (line,) = annotate.annotations(week(status=status), "exercises")
    assert line.startswith(f"::{level} ")


@pytest.mark.parametrize(
    "hostile",
    [
        "\n::set-output name=points::10",
        "\r\n::add-mask::x",
        "%0A::error::forged",
        "\x1b[2J::stop-commands::x\n::error::y",
        "##[add-mask]x",
        "##\x07[add-mask]x",
    ],
)
def test_a_message_cannot_give_commands_to_the_runner(hostile):
    (line,) = annotate.annotations(week(message=hostile), "exercises")
    assert "\n" not in line and "\r" not in line and "\x1b" not in line
    assert "%0A::" not in line and "##[" not in line


def test_a_submissions_name_cannot_add_a_property():
    weeks = week()
    weeks[0]["submission"] = "a,title=passed::x.py"
    (line,) = annotate.annotations(weeks, "exercises")
    assert line.startswith("::error file=exercises/a%2Ctitle=passed%3A%3Ax.py,")


def test_table_shows_points_and_no_markup_of_the_student():
    text = annotate.table(week(title="<img src=x> | **bold** [a](b)"))
    assert "week3: 0 of 2 points" in text
    row = text.splitlines()[-2]
    assert row.count("|") == 4
    assert "<" not in row and "*" not in row and "[" not in row


def test_command_prints_annotations_and_appends_the_table(tmp_path, capsys):
    results, summary = tmp_path / "results.json", tmp_path / "summary.md"
    results.write_text(json.dumps(week()))
    summary.write_text("before\n")
    assert annotate.main([str(results), "--summary", str(summary)]) == 0
    assert capsys.readouterr().out.startswith("::error file=exercises/week3.py")
    assert summary.read_text().startswith("before\n### week3")


def test_nothing_begun_is_a_notice(tmp_path, capsys):
    (tmp_path / "results.json").write_text("[]")
    summary = tmp_path / "summary.md"
    assert annotate.main([str(tmp_path / "results.json"), "--summary", str(summary)]) == 0
    assert capsys.readouterr().out.startswith("::notice title=nothing begun::No week is begun")
    assert summary.read_text().startswith("No week is begun")


def test_a_missing_result_is_one_error(tmp_path, capsys):
    assert annotate.main([str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().out.startswith("::error title=no result::")


@pytest.mark.parametrize("tier", ["sandbox", "user", "process"])
def test_a_weaker_tier_is_a_warning_and_stands_in_the_summary(tier, tmp_path, capsys):
    weeks = week(status="passed", points=2.0)
    weeks[0]["isolation"] = tier
    (tmp_path / "results.json").write_text(json.dumps(weeks))
    summary = tmp_path / "summary.md"
    assert annotate.main([str(tmp_path / "results.json"), "--summary", str(summary)]) == 0
    printed = capsys.readouterr().out
    if tier == "sandbox":
        assert printed == "" and "Graded in the sandbox." in summary.read_text()
    else:
        assert printed.startswith(f"::warning title=isolation::Graded in the tier {tier}")
        assert f"in the tier {tier}, which is weaker" in summary.read_text()


def test_what_was_printed_is_not_shown(tmp_path, capsys):
    weeks = week(message="no", output="printed by a student")
    weeks[0]["output"] = "printed by a student"
    results, summary = tmp_path / "results.json", tmp_path / "summary.md"
    results.write_text(json.dumps(weeks))
    assert annotate.main([str(results), "--summary", str(summary)]) == 0
    assert "printed by a student" not in capsys.readouterr().out + summary.read_text()
