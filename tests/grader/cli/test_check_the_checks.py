"""Checking the checks of a small week: what they see, what they miss, and how it is reported."""

import json

import pytest

from grader.cli.main import main
from grader.course import Course

CHECKS = '''
from grader.rubric import task


@task(points=1, functions=("scaled",), seconds=2)
def check_scaled(student, secret, judge):
    """Scale a small number."""
    x = float(secret.numpy("x").uniform(1, 5))
    judge.same(student.scaled(x), 2 * x, hint="Multiply it.")


@task(points=1, functions=("trained",), seconds=2, training=True)
def check_trained(student, secret, judge):
    """Train something."""
    judge.same(student.trained(), 1)
'''
SOLUTION = '''
"""A week."""

# %%
def scaled(x):
    """Scales."""
    if x > 9:
        return x * 3
    return x * 2 + 0


# %%
def trained():
    """Trains."""
    return 1
'''
ANSWER = "# task: scaled\n# status: {status}\n# words: {words}\n\n\ndef scaled(x):\n    {body}\n"


def answer(course, name, words="", body="return x", status="failed"):
    path = course.root / "tests/mistakes/week91/scaled" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ANSWER.format(status=status, words=words, body=body))


@pytest.fixture
def course(tmp_path):
    """Makes a course of one week."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "flaxlings"\n')
    for folder, text in (("checks", CHECKS), ("solutions", SOLUTION)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "week91.py").write_text(text.lstrip())
    return Course(tmp_path, tmp_path / "checks")


def test_what_a_check_does_not_see_is_shown_and_written_down(course, capsys):
    answer(course, "unchanged", '"Multiply"')
    answer(course, "unsaid", '"square it"')
    answer(course, "right_sum", body="return x + x", status="passed")
    (course.root / "tests/mistakes/week91/scaled/equal.toml").write_text(
        "[[equal]]\nwas = 'return x * 2 + 0'\nbecomes = 'return x * 2 - 0'\nwhy = 'Nothing.'\n\n"
        "[[equal]]\nwas = 'return x'\nbecomes = 'return y'\nwhy = 'It is gone.'\n"
    )
    file = course.root / "found.json"
    arguments = ["check-the-checks", "week91", "--runs", "2", "--mutants", "99"]
    assert main([*arguments, "--json", str(file)], course) == 1
    said = capsys.readouterr().out
    assert " ✗ scaled  2 wrong and 1 right answers, " in said and "1 of them equal" in said
    assert "unsaid.py: it does not say 'square it'" in said
    assert "unchanged.py" not in said and "right_sum.py" not in said
    assert "week91.py:7  operator  passes\n       - return x * 3\n       + return x / 3\n" in said
    assert "- return x * 2 + 0" not in said, "another mutant of that line passed"
    assert "explains what is not a mutant of this solution: return x\n" in said
    assert " ✓ trained  no answers, no mutants of a training" in said
    assert "1 of 2 checks do what they should" in said
    ((week,),) = [json.loads(file.read_text())]
    scaled, trained = week["tasks"]
    assert [run["status"] for run in scaled["solution"]] == ["passed", "passed"]
    assert scaled["stub"] == trained["stub"] == "todo"
    survived = [mutant for mutant in scaled["mutants"] if mutant["status"] == "survived"]
    assert {mutant["line"] for mutant in survived if not mutant["equal"]} == {6, 7}
    assert [mutant["equal"] for mutant in survived if mutant["equal"]] == ["Nothing."]


@pytest.mark.slow
def test_an_endless_mutant_does_not_pass(course, capsys):
    solution = course.solutions / "week91.py"
    body = "    while x < 0 or 1 < 0:\n        pass\n    return x * 2\n"
    begin, _, rest = solution.read_text().partition("    if x > 9")
    solution.write_text(begin + body + rest.partition("+ 0\n")[2])
    arguments = ["check-the-checks", "week91", "--task", "scaled", "--runs", "1"]
    file = str(course.root / "found.json")
    main([*arguments, "--mutants", "99", "--json", file], course)
    (week,) = json.loads((course.root / "found.json").read_text())
    (scaled,) = week["tasks"]
    found = {tuple(mutant["diff"]): mutant["status"] for mutant in scaled["mutants"]}
    endless = ("- while x < 0 or 1 < 0:", "+ while x >= 0 or 1 < 0:")
    assert found[endless] == "timeout", capsys.readouterr().out


@pytest.mark.slow
def test_a_solution_that_fails_is_said_and_its_mutants_are_not(course, capsys):
    solution = course.solutions / "week91.py"
    solution.write_text(solution.read_text().replace("x * 2 + 0", "x * 4"))
    arguments = ["check-the-checks", "week91", "--task", "scaled", "--runs", "1"]
    assert main([*arguments, "--mutants", "1"], course) == 1
    said = capsys.readouterr().out
    assert "the solution is failed: " in said and "passes" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["week92"], "There is no week92"),
        (["week91", "--task", "nothing"], "There is no task nothing"),
        (["week91", "--runs", "0"], "--runs and --jobs are 1 or more"),
        (["week91"], "week91 has no task of this name"),
    ],
)
def test_wrong_usage_is_a_sentence(course, capsys, arguments, said):
    (course.root / "tests/mistakes/week91/misspelt").mkdir(parents=True)
    assert main(["check-the-checks", *arguments], course) == 2
    assert said in capsys.readouterr().err


def test_a_solution_without_the_function_is_a_sentence(course, capsys):
    (course.solutions / "week91.py").write_text("def other():\n    return 1\n")
    assert main(["check-the-checks", "week91"], course) == 2
    assert "has no scaled, the answer to scaled" in capsys.readouterr().err


def test_a_hand_out_is_told_so(course, capsys):
    (course.solutions / "week91.py").unlink()
    course.solutions.rmdir()
    assert main(["check-the-checks", "week91"], course) == 2
    assert "hand-out for students" in capsys.readouterr().err
