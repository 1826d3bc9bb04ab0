"""Lines that raise no error but do not do what they seem to."""

import textwrap
from pathlib import Path

import pytest

from grader.course import COURSE
from grader.source.program import Program
from grader.source.silent import silent_mistake
from grader.source.submission import Submission

HEAD = """\
import jax, optax, lib, numpy as np
import jax.numpy as jnp
from flax import linen as nn
def f(x, key):
"""


def found(body):
    source = HEAD + textwrap.indent(body, "    ") + "\n"
    return silent_mistake(Program(Submission("week1", Path("week1.py"), source)), ("f",))


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("x.at[0].set(3)\nreturn x", 1, "x = x.at[index].set(value)"),
        ("x.at[0, 1].add(3)\nreturn x", 1, "x = x.at[index].add(value)"),
        ("optax.apply_updates(x, x)\nreturn x", 1, "params = optax.apply_updates"),
        ("optimizer.update(x, x, x)\nreturn x", 1, "updates, opt_state ="),
        ("x.apply_gradients(x)\nreturn x", 1, "state = state.apply_gradients"),
        ("x.replace(params=3)\nreturn x", 1, "state = state.replace"),
        ("lib.fit(x, x)\nreturn x", 1, "state, history = lib.fit"),
        ("jnp.append(x, 3)\nreturn x", 1, "x = append(…)"),
        ("np.append(x, 3)\nreturn x", 1, "x = append(…)"),
        ("x.astype(int)\nreturn x", 1, "x = x.astype(…)"),
        ("nn.Dense(3)(x)\nreturn x", 1, "The result of Dense is dropped"),
        ("nn.relu(x)\nreturn x", 1, "relu returns a new value"),
        ("jax.random.split(key)\nreturn x", 1, "key, other = jax.random.split"),
        ("loss = 3\nloss", 2, "only names loss"),
        ("x.reset\nreturn x", 1, "only names x.reset"),
        ("x == 3\nreturn x", 1, "= assigns"),
        ("return x.at[len(x)].set(3)", 1, "len(x) is one beyond the last place of x"),
        ("return x.at[x.shape[0], 0].set(3)", 1, "The last place is -1"),
        ("for i in x:\n    u, _ = o.update(x, x)\nreturn u", 2, "begins with the old one"),
        ("a = jax.random.normal(key)\nreturn a + jax.random.normal(key)", 2, "a second time"),
        ("return jax.random.normal(key) + jax.random.uniform(key)", 1, "twice in this line"),
        ("u, s = o.update(jax.grad(x)(key), x)\nreturn u, s", 2, "the updates themselves"),
        (
            "g = jax.grad(x)\nfor i in x:\n    u, s = o.update(g(p), s)\n    p = u",
            4,
            "params, updates",
        ),
        ("a, b = jax.random.split(key)\nreturn jax.random.normal(key)", 2, "after line 5"),
        # A dropped result comes first, wherever it is.
        ("a = x.at[len(x)].set(3)\nx.astype(int)\nreturn a", 2, "x.astype"),
    ],
)
def test_a_line_that_does_nothing_is_found(body, line, words):
    silent = found(body)
    assert silent and silent.line == line + HEAD.count("\n") and words in silent.sentence


@pytest.mark.parametrize(
    "body",
    [
        "x = x.at[0].set(3)\nreturn x",
        "return x.at[len(x) - 1].set(3)",
        "return x.at[len(key)].set(3)",
        "'''A docstring.'''\nreturn x",
        "x.append(3)\nprint(x)\nx.sort()\nreturn x",
        "x.update(key)\nreturn x",
        "path.replace('b')\nreturn x",
        "np.save('a', x)\njnp.save('a', x)\nreturn x",
        "axes.set(xlabel='epoch')\naxes.clear()\nreturn x",
        "jax.debug.print('{x}', x=x)\nreturn x",
        "if x:\n    return jax.random.normal(key)\nreturn jax.random.uniform(key)",
        "a = jax.random.fold_in(key, 1)\nb = jax.random.fold_in(key, 2)\nreturn a, b",
        "key, a = jax.random.split(key)\nb = jax.random.normal(key)\nreturn a, b",
        "for i in x:\n    u, s = o.update(x, s)\nreturn u",
        "u, _ = o.update(x, x)\nreturn u",
        "u, _ = o.update(jax.grad(x)(key), x)\nreturn x + u",
        "u, s = o.update(jax.grad(x)(key), s)\nv = u\nreturn optax.apply_updates(x, v), s",
        "u, s = o.update(jax.grad(x)(key), s)\nreturn jax.tree.map(jnp.add, x, u), s",
    ],
)
def test_lines_that_do_something_are_left_alone(body):
    assert found(body) is None


def test_what_the_task_does_not_lead_to_is_left_alone():
    source = (
        HEAD + "    return x\ndef g(x):\n    x.astype(int)\nif __name__ == '__main__':\n    f\n"
    )
    program = Program(Submission("week1", Path("week1.py"), source))
    assert silent_mistake(program, ("f",)) is None
    assert silent_mistake(program, ("g",))


@pytest.mark.parametrize("week", COURSE.weeks())
def test_the_solutions_have_none(week):
    source = (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")
    program = Program(Submission(week, Path(f"{week}.py"), source))
    assert silent_mistake(program, tuple(program.definitions)) is None
