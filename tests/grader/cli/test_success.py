"""After success: tasks are explained once and on request; a week ends with the next step."""

import shutil

import pytest

from grader.cli import progress
from grader.cli.main import main
from grader.course import Course
from grader.results.model import TaskResult, WeekResult
from grader.rubric import read_rubric

TASKS = ("double", "answer", "quadruple", "tally")
PAGE = """
# Week 91

## double

Twice a number is [jnp.multiply](https://docs.jax.dev/multiply.html) by two.

In practice a library does it.

## `answer`
It is 42.
"""


@pytest.fixture
def course(tiny, tmp_path):
    """Makes a course with explanations and the solution as the student's work."""
    root = tmp_path / "course"
    shutil.copytree(tiny.root, root)
    shutil.copy(root / "solutions/week91.py", root / "exercises/week91.py")
    (root / "explanations").mkdir()
    (root / "explanations/week91.md").write_text(PAGE)
    (root / "exercises/week91.md").write_text("# Week 91\n\n## Questions\n\n**1. Why?**\n")
    (root / "exercises/week92.md").write_text("# Week 92\n")
    return Course(root, root / "checks")


def said(capsys, course, *argv, status=0):
    assert main(list(argv), course) == status
    return capsys.readouterr().out


@pytest.fixture
def verdicts(monkeypatch):
    """Replaces the verdicts of the next runs by {task: its fields}; all other tasks pass."""
    made = {}

    def grade(weeks, place, options, reporter, compiled):
        for week in weeks:
            result = WeekResult(week, f"{week}.py", True, "embedded", "process", "cpu", 1)
            reporter.week_started(result)
            for task in read_rubric(options.course.checks / f"{week}.py"):
                if not options.tasks or task.name in options.tasks:
                    fields = {"status": "passed", "points": task.points} | made.get(task.name, {})
                    reporter.task_started(task)
                    found = TaskResult(task.name, task.title, max_points=task.points, **fields)
                    result.tasks.append(found)
                    reporter.task_done(found)
            reporter.week_done(result)
            yield result

    monkeypatch.setattr("grader.session.week.grade", grade)
    return made


def test_a_task_is_explained_the_first_time_it_passes(course, capsys, verdicts):
    first = said(capsys, course, "week91")
    lines = first.split("\n")
    at = next(number for number, line in enumerate(lines) if "Twice a number.  double" in line)
    assert lines[at + 1 : at + 4] == [
        "     Twice a number is jnp.multiply (https://docs.jax.dev/multiply.html) by two.",
        "",
        "     In practice a library does it.",
    ]
    assert "It is 42." in first
    again = said(capsys, course, "week91")
    assert "✓" in again and "jnp.multiply" not in again and "42." not in again


def test_what_did_not_pass_is_not_explained_until_it_does(course, capsys, verdicts):
    verdicts["answer"] = {"status": "failed", "points": 0.0}
    assert "It is 42." not in said(capsys, course, "week91", "--task", "answer", status=1)
    assert "appears once it has passed" in said(capsys, course, "explain", "week91", "answer")
    verdicts.clear()
    assert "It is 42." in said(capsys, course, "week91", "--task", "answer")
    assert said(capsys, course, "explain", "week91", "ANSWER") == "It is 42.\n"
    verdicts["answer"] = {"status": "failed", "points": 0.0}
    said(capsys, course, "week91", status=1)
    assert "appears once" in said(capsys, course, "explain", "week91", "answer")
    verdicts.clear()
    assert "42." not in said(capsys, course, "week91", "--task", "answer"), "once"
    assert said(capsys, course, "explain", "week91", "answer") == "It is 42.\n"


def test_hand_ins_are_not_explained(course, capsys, tmp_path, verdicts):
    shutil.copy(course.solutions / "week91.py", tmp_path / "week91.py")
    for place in (["--submission", str(tmp_path)], ["--solutions"]):
        text = said(capsys, course, "week91", *place)
        assert "✓" in text and "42." not in text and "Next" not in text
    assert not (course.state / progress.FILE).exists()


def week(*pairs):
    made = WeekResult("week91", "x", True, "embedded", "process", "cpu", 1)
    made.tasks = [
        TaskResult(name, "T", status, 1, 1)
        for name, status in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return made


def test_a_task_without_explanation_says_so(course, capsys):
    progress.record(course, week("tally", "passed"))
    assert said(capsys, course, "explain", "week91", "tally") == "tally has no explanation.\n"
    (course.explanations / "week91.md").unlink()
    assert "no explanation" in said(capsys, course, "explain", "week91", "tally")


def test_the_end_of_a_week_shows_what_was_built_and_the_next_step(course, capsys, verdicts):
    text = said(capsys, course, "week91")
    assert "python exercises/week91.py prints its numbers\n" in text
    (course.exercises / "pictures/week91").mkdir(parents=True)
    assert "its numbers; the lesson's pictures" in said(capsys, course, "week91")
    assert "python -m grader quiz week91" in text
    assert "Next is week92: read exercises/week92.md" in text
    path = course.exercises / "week91.py"
    path.write_text(path.read_text() + '    show("figures/a.png")\n    show("figures/b.png")\n')
    assert "python exercises/week91.py draws figures/a.png, figures/b.png" in said(
        capsys, course, "week91"
    )
    (course.root / "figures").mkdir()
    for name in "ab":
        (course.root / f"figures/{name}.png").touch()
    assert "What you built, as pictures: figures/a.png, figures/b.png" in said(
        capsys, course, "week91"
    )
    assert "Next" not in said(capsys, course, "week91", "--task", "answer"), "only after all tasks"


def test_the_end_of_the_course(course, capsys, verdicts):
    made = week("plot", "passed", "broken", "passed", "indexed", "passed")
    made.week = "week92"
    progress.record(course, made)
    text = said(capsys, course, "week91")
    assert "the entire course passes" in text and "Next" not in text


def test_training_is_quoted_in_numbers(course, capsys, verdicts):
    verdicts["answer"] = {"output": "Epoch 1/2 · loss 0.5\nEpoch 2/2 · loss 0.1\nand more"}
    text = said(capsys, course, "week91")
    assert "In numbers, answer: Epoch 2/2 · loss 0.1\n" in text


PRINTS = """
print("at import")
def double(x):
    print("in double")
    return 3 * x
def answer():
    return 41
"""


def test_what_was_printed_is_shown_below_its_task(course, capsys):
    (course.exercises / "week91.py").write_text(PRINTS)
    lines = said(capsys, course, "week91", status=1).split("\n")
    heading, imported, *rest = lines
    assert heading.startswith("week91") and "while your file was imported" in imported
    assert rest[0] == "     │ at import"
    at = lines.index("     │ in double")
    task = max(n for n, line in enumerate(lines[:at]) if line.startswith((" ✓", " ✗")))
    assert "double" in lines[task] and "printed by your code" in lines[at - 1]
    assert "in double" not in "\n".join(lines[task + 1 : at - 1])


def test_a_hand_ins_output_stays_in_its_result(course, capsys, tmp_path, verdicts):
    verdicts["double"] = {"output": "in double"}
    (tmp_path / "week91.py").write_text(PRINTS)
    target = tmp_path / "r.json"
    words = ["week91", "--submission", str(tmp_path), "--json", str(target)]
    assert "in double" not in said(capsys, course, *words)
    assert "in double" in target.read_text()


def test_output_stays_out_of_a_workflows_log(course, capsys, verdicts, monkeypatch):
    verdicts["double"] = {"output": "in double"}
    assert "│ in double" in said(capsys, course, "week91")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "in double" not in said(capsys, course, "week91")


def test_a_message_is_written_out_once(course, capsys):
    (course.exercises / "week91.py").write_text("def double(:\n")
    text = said(capsys, course, "week91", status=1)
    assert text.count("def double(:") == 1 and text.count("The same as for double.") == 3


def test_progress_after_reset_says_what_it_shows(course, capsys, verdicts):
    (course.root / "checks/week92.py").unlink()
    said(capsys, course, "week91")
    assert "last graded" not in said(capsys, course)
    text = said(capsys, course, "reset", "week91")
    assert "Your progress still shows what passed before" in text
    assert "4 of 4 tasks" in (text := said(capsys, course)) and "as last graded" in text
    verdicts |= {task: {"status": "todo", "points": 0.0} for task in TASKS}
    said(capsys, course, "week91", status=1)
    assert "last graded" not in said(capsys, course)
    assert "progress" not in said(capsys, course, "reset", "week91")
