"""The grader finds the weeks by their files: its code names none of them."""

import ast
import re
from collections.abc import Iterator

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric
from lib.data.dataset import SETS

GRADER = COURSE.root / "grader"
# This file has the table of graded trainings: the week and set of each.
TABLES = {GRADER / "targets.py"}
# TOML's own word, and the names that submitted files may have in any course.
NOT_THE_WEEK = {"project", "week|project|assignment|homework|exercise|flaxlings|\\blab|\\bhw|\\d"}


def literals(tree: ast.AST) -> Iterator[str]:
    """Yields the strings of a program, without docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value


def names_of_the_course() -> set[str]:
    """Returns the names and titles of weeks and sets, and the titles of tasks."""
    names = {*COURSE.weeks(), *SETS, *(kind.title for kind in SETS.values())}
    for week in COURSE.weeks():
        lesson = (COURSE.exercises / f"{week}.md").read_text(encoding="utf-8")
        names.add(lesson.partition("\n")[0].removeprefix("# ").partition(": ")[2])
        for task in read_rubric(COURSE.checks / f"{week}.py"):
            names.add(task.title)
    return names


def said(text: str, names: set[str]) -> set[str]:
    return {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)}


@pytest.mark.parametrize(
    "room", sorted({p.relative_to(GRADER).parts[0] for p in GRADER.rglob("*.py")})
)
def test_outside_the_checks_no_code_names_a_week_or_a_set(room):
    if room == "checks":
        pytest.skip("the names belong in the rubric")
    names = names_of_the_course()
    assert len(names) > 80
    place = GRADER / room
    found = {}
    for path in [place] if place.is_file() else place.rglob("*.py"):
        if path not in TABLES:
            texts = set(literals(ast.parse(path.read_text(encoding="utf-8")))) - NOT_THE_WEEK
            for text in texts:
                if here := said(text, names):
                    found[path.relative_to(GRADER), text] = here
    assert not found


def test_a_name_in_a_sentence_is_found():
    tree = ast.parse('"""week1"""\nprint(f"grade week3.py of {x}")')
    (text,) = literals(tree)
    assert said(text, {"week1", "week3", "mnist"}) == {"week3"}
    assert said("pyproject.toml", {"project"}) == set()
