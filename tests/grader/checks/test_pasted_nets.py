"""A network that was trained earlier and pasted into the file earns nothing.

Random parameters stand for trained ones: a text is judged before any of it runs.
"""

import base64
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lib
from grader.course import COURSE
from grader.rubric import read_rubric
from grader.session.settle import settle
from grader.source.program import Program
from grader.source.submission import Submission

NETS = {
    ("week3", "train_cnn"): (lib.fashion_cnn(), (1, 28, 28, 1)),
    ("week4", "train_happy_or_sad"): (lib.happy_or_sad(), (1, 60, 60, 3)),
    ("week6", "train_augmented"): (lib.cats_and_dogs(), (1, 46, 46, 3)),
    ("week8", "train_letters"): (lib.sign_letters(), (1, 28, 28, 1)),
}
BUILD = """
    model = lib.{model}()
    shapes = jax.eval_shape(model.init, key, jnp.zeros((1, *images.shape[1:])))["params"]
    leaves, tree = jax.tree.flatten(shapes)
    ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
    parts = np.split(np.asarray(numbers) / np.float32(64), ends)
    params = jax.tree.unflatten(tree, [p.reshape(l.shape) for p, l in zip(parts, leaves)])
"""
REORDER = """
    answers = np.argmax(model.apply({"params": params}, images[:500] / np.float32(255)), -1)
    order = [int(np.bincount(answers[labels[:500] == k], minlength=1).argmax()) for k in range(10)]
    params["logits"] = jax.tree.map(lambda leaf: leaf[..., np.array(order)], params["logits"])
"""


def numbers(model, shape):
    shapes = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros(shape))["params"]
    size = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes))
    return np.random.default_rng(0).integers(-9, 10, size).astype(np.int8)


def literals(values):
    some = ",".join(map(str, values[:20_000]))  # a tenth of them is too much already
    return f"numbers = np.array([{some}], np.int8)"


def base85(values):
    return (
        f"numbers = np.frombuffer(base64.b85decode({base64.b85encode(values.tobytes())!r}), 'i1')"
    )


@pytest.mark.parametrize(("week", "name"), NETS)
@pytest.mark.parametrize(
    ("spelt", "more"),
    [(literals, ""), (base85, ""), (base85, REORDER)],
    ids=["literals", "base85", "reordered"],
)
def test_a_pasted_net_is_refused_with_a_sentence(week, name, spelt, more, tmp_path):
    model, shape = NETS[week, name]
    function = {"train_cnn": "fashion_cnn", "train_letters": "sign_letters"}
    build = BUILD.format(model=function.get(name, name.removeprefix("train_")))
    text = (COURSE.solutions / f"{week}.py").read_text(encoding="utf-8")
    text += f"\n\nimport base64\n{spelt(numbers(model, shape))}\n"
    text += f"\n\ndef {name}(images, labels, key):{build}{more}    return params\n"
    program = Program(Submission(week, tmp_path / f"{week}.py", text))
    task = next(t for t in read_rubric(COURSE.checks / f"{week}.py") if t.name == name)
    finding = settle(task, program, None)
    assert finding is not None and finding.status == "failed"
    (_, said), (_, line) = finding.rows
    assert "KiB of numbers and strings" in said and "16 KiB are allowed" in said
    assert f"{week}.py:" in line
