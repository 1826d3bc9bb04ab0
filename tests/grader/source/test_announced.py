"""Each stub says in words what its task does not allow."""

import ast
from pathlib import Path

import pytest

from grader.course import COURSE
from grader.rubric import Task, read_rubric
from grader.source.announced import announce, announcement

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        (["jax.nn.one_hot"], "`jax.nn.one_hot`."),
        (["lib.load", "lib.draw", "lib.data.*"], "`lib.load`, `lib.draw`; anything of `lib.data`."),
        (["a.b.*", "c.*", "d.*"], "anything of `a.b`, `c` or `d`."),
        (["jax.lax.conv_*"], "names that begin with `jax.lax.conv_`."),
        (
            ["lib.*soft*", "l.f?t"],
            "names of the form `lib.*soft*` or `l.f?t`, where * is any text.",
        ),
        (["lib.plots.curves", "lib.plots.*"], "anything of `lib.plots`."),
        (["lib.fit", "lib.fit"], "`lib.fit`."),
    ],
)
def test_patterns_are_said_in_words(patterns, said):
    assert announcement(patterns) == f"Not allowed in this task: {said}"


STUB = '''
@d
def one(a):
    """One line."""
    raise NotImplementedError("Write one.")


class Two:
    """Several.

    Lines."""

    def method(self):
        raise NotImplementedError("Write Two.method.")


def three():
    raise NotImplementedError("Write three.")


def free():
    """Free."""
    raise NotImplementedError("Write free.")
'''


def test_only_the_docstrings_of_the_task_change():
    task = Task("t", "T", 1, ("one", "Two", "three"), forbids=("lib.fit",))
    free = Task("u", "U", 1, ("free",))
    said = "Not allowed in this task: `lib.fit`."
    made = ast.parse(announce(STUB, [task, free]))
    one, two, three, untouched = made.body
    assert ast.get_docstring(one) == f"One line.\n\n{said}"
    assert ast.get_docstring(two) == f"Several.\n\nLines.\n\n{said}"
    assert ast.get_docstring(three) == said
    assert ast.get_docstring(untouched) == "Free."
    before = ast.parse(STUB)
    for tree in (before, made):
        for node in tree.body:
            if ast.get_docstring(node) is not None:
                del node.body[0]
    assert ast.dump(made) == ast.dump(before)


@pytest.mark.parametrize("week", COURSE.weeks())
def test_every_exercise_says_what_its_tasks_do_not_allow(week):
    tree = ast.parse((ROOT / f"exercises/{week}.py").read_text())
    docstrings = {
        node.name: " ".join((ast.get_docstring(node) or "").split())
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for task in read_rubric(COURSE.checks / f"{week}.py"):
        for name in task.functions:
            said = announcement(task.forbids) if task.forbids else ""
            assert docstrings[name].endswith(said), f"{name}: run python -m grader stubs"
            assert docstrings[name].count("Not allowed") == bool(task.forbids), name
