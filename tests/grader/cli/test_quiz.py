"""A lesson's questions: reading them, asking on a terminal, printing answers into a pipe."""

import io
import subprocess
import sys

import pytest

from grader.cli.main import main
from grader.cli.quiz import read_questions
from grader.course import COURSE, Course

LESSON = """
# Week 91

**1. No question?** This is text.

## Questions

**1. Which size is
left of `28`?**

- a) 26
- b) 28, as
  before
- c) 30

<details><summary>Answer</summary>

**a)** 28 − 3 + 1.

</details>

**2. And then?**

- a) 13
- b) 26

<details><summary>Answer</summary>

**b)** Nothing halves it.
See [pooling](https://x.org).

</details>
"""


@pytest.fixture
def course(tmp_path, tiny):
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises/week91.md").write_text(LESSON)
    return Course(tmp_path, tiny.checks)


def test_questions_are_read():
    first, second = read_questions(LESSON)
    assert first.text == "Which size is left of `28`?" and first.answer == "a"
    assert first.choices == {"a": "26", "b": "28, as before", "c": "30"}
    assert first.reason == "28 − 3 + 1."
    assert second.reason == "Nothing halves it. See pooling (https://x.org)."
    assert read_questions("# A lesson\n\n**1. What?**\n") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("**b)** Nothing", "b) Nothing"), ("**b)** Nothing", "**d)** Nothing"), ("- a) 13\n", "")],
)
def test_a_question_in_another_form_is_named(course, capsys, old, new):
    (course.exercises / "week91.md").write_text(LESSON.replace(old, new))
    assert main(["quiz", "week91"], course) == 2
    assert "week91.md: question 2 " in capsys.readouterr().err


def test_in_a_pipe_questions_come_with_answers(course, capsys):
    assert main(["quiz", "week91"], course) == 0
    out = capsys.readouterr().out
    assert "1. Which size is left of `28`?\n   a) 26\n   b) 28, as before\n   c) 30\n" in out
    assert "   Answer: a) 28 − 3 + 1.\n" in out and "Answer: b) Nothing" in out


def test_a_lesson_without_questions_says_so(course, capsys):
    (course.exercises / "week91.md").write_text("# Week 91\n")
    assert main(["quiz", "week91"], course) == 0
    assert capsys.readouterr().out == "exercises/week91.md has no questions.\n"
    assert main(["quiz", "week92"], course) == 2
    assert "no exercises/week92.md" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("typed", "said", "ends"),
    [
        ("a\nB)\n", ["Right. a) 28", "Right. b) Nothing"], "2 of 2 right"),
        ("x\n\nc\nb\n", ["No. a) 28", "Right. b) Nothing"], "1 of 2 right"),
        ("c\n", ["No. a) 28"], ""),
    ],
)
def test_on_a_terminal_each_answer_gets_its_reason(course, monkeypatch, typed, said, ends):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["quiz", "week91"], course) == 0
    shown = screen.getvalue()
    assert all(sentence in shown for sentence in said) and ends in shown
    assert "Answer:" not in shown and ("of 2 right" in shown) is bool(ends)
    assert shown.index("c) 30") < shown.index("a, b or c?") < shown.index(said[0])


def test_quiz_and_explain_do_not_load_jax():
    code = (
        "import sys\nfrom grader.cli.main import main\n"
        "main(['quiz', 'week1']); main(['explain', 'week1', 'set_last'])\n"
        "assert 'jax' not in sys.modules and 'grader.worker.supervisor' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=COURSE.root, check=True, capture_output=True)
