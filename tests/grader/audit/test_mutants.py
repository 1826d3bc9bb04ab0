"""Mutants: which changes are made, what stays unchanged, and which mutants are drawn."""

import ast

import pytest

from grader.audit.mutants import all_mutants, choose
from grader.course import COURSE
from grader.rubric import read_rubric


def bodies(line: str) -> list[str]:
    """The new texts of one line of a function's body, in all mutants of the function."""
    source = f'def f(a, b, c=1):\n    """About {line.split()[0]} 1 + 1."""\n    {line}\n'
    return [mutant.source.split("\n")[2].strip() for mutant in all_mutants(source, ["f"])]


@pytest.mark.parametrize(
    ("line", "mutants"),
    [
        ("x = a + b", ["x = a - b"]),
        ("x = (a ** b) // c", ["x = (a * b) // c", "x = (a ** b) / c"]),
        ("x -= a", ["x += a"]),
        ("x = a < b", ["x = a <= b", "x = a >= b"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a and not b", ["x = a or not b", "x = a and  b"]),
        ("x = 3", ["x = 4", "x = 2"]),
        ("x = True", ["x = False"]),
        ("x = -0.5", ["x = 0.5", "x = -1.5", "x = --0.5"]),
        ("x = f(a, key=b, c=c)", ["x = f(a, c=c)", "x = f(a, key=b)"]),
        ("x = f(key=b)", ["x = f()"]),
        ("x = f(a, b)", ["x = f(b, a)"]),
        ("x = f(a, *b)", []),
        ("return a, b", ["return None", "return b, a"]),
        ("x = a[b:]", ["x = a[b + 1:]", "x = a[b - 1:]", "x = a[b:-1]"]),
        ("x = a[:, b]", ["x = a[1:, b]", "x = a[:-1, b]"]),
        ("x = range(a)", ["x = range(a + 1)", "x = range(a - 1)"]),
        ("x = jnp.mean(a)", ["x = jnp.sum(a)"]),
        ("x: int = 1", ["x: int = 2", "x: int = 0"]),
        ('raise ValueError(f"{a + 1}")', []),
        ("x = f(a, a)", []),  # the same syntax tree
    ],
)
def test_each_kind_of_change(line, mutants):
    assert sorted(bodies(line)) == sorted(mutants)


def test_what_is_given_to_students_is_left_alone():
    source = (
        "@partial(jit, static_argnums=1)\n"
        "def f(a: Array[1], b=2):\n    pass\n\n\n"
        "def g(a):\n    return a + 1\n"
    )
    assert all_mutants(source, ["f"]) == []
    assert {mutant.line for mutant in all_mutants(source, ["g"])} == {7}


def test_methods_and_functions_inside_are_changed():
    source = (
        "class A:\n    size: int = 3\n\n    def m(self):\n        return self.size < 2\n\n\n"
        "def f(a):\n    def g(b):\n        return b * 2\n\n    return g(a)\n"
    )
    assert {mutant.line for mutant in all_mutants(source, ["A", "f"])} == {2, 5, 10, 12}


def test_a_mutant_names_its_line_and_shows_what_changed():
    source = "def f(ä):\n    x = (\n        g('ü') +\n        1\n    )\n    return x\n"
    (mutant,) = [m for m in all_mutants(source, ["f"]) if m.kind == "operator"]
    assert (mutant.line, mutant.change) == (3, ("g('ü') +", "g('ü') -"))
    assert mutant.diff() == ["- g('ü') +", "+ g('ü') -"]
    source = "def f():\n    return g(\n        a,\n        key=b,\n    )\n"
    dropped = [m for m in all_mutants(source, ["f"]) if m.kind == "keyword"]
    assert [mutant.diff() for mutant in dropped] == [["- key=b,"]]


def test_drawing_is_repeatable_and_takes_of_each_kind():
    source = "def f(a):\n    return a + " + " + ".join(map(str, range(2, 40))) + "\n"
    made = all_mutants(source, ["f"])
    drawn = choose(made, 6, "seed")
    assert drawn == choose(made, 6, "seed") != choose(made, 6, "another")
    assert {mutant.kind for mutant in drawn} == {"operator", "constant", "return"}
    assert choose(made, 1000, "seed") == made


@pytest.mark.parametrize("week", COURSE.weeks())
def test_mutants_of_the_solutions_are_programs_of_another_syntax_tree(week):
    source = (COURSE.solutions / f"{week}.py").read_text()
    for task in read_rubric(COURSE.checks / f"{week}.py"):
        made = all_mutants(source, task.functions)
        trees = {ast.dump(ast.parse(mutant.source)) for mutant in choose(made, 5, week)}
        assert len(trees | {ast.dump(ast.parse(source))}) == min(5, len(made)) + 1
        assert all(mutant.change[0] != mutant.change[1] for mutant in made)
