"""The judge compares what models compute with our parameters, in a real worker."""

import jax
import numpy as np
import pytest
from flax import linen as nn

import lib
from grader.judge.architecture import assignments, layers, transplant
from grader.judge.failure import Failure
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.results.text import compose
from grader.secret import Secret
from grader.worker.supervisor import Worker

MODELS = '''
import jax, jax.numpy as jnp, lib
from flax import linen as nn
from typing import Any

def ours():
    return lib.ConvClassifier((4, 4), 8, 3)

class Plain(nn.Module):
    """The same with Flax's own layers, other names and a setup()."""
    padding: Any = "VALID"
    bias: bool = True
    last: Any = lambda x: x
    activation: Any = nn.relu
    pool: Any = nn.max_pool
    hidden: int = 8
    swapped: bool = False

    def setup(self):
        self.zz = nn.Conv(4, (3, 3), padding=self.padding, use_bias=self.bias)
        self.aa = nn.Conv(4, (3, 3), padding=self.padding, use_bias=self.bias)
        self.qq = nn.Dense(3)
        self.bb = nn.Dense(self.hidden)

    def __call__(self, x):
        for conv in (self.zz, self.aa):
            x = conv(x)
            if self.swapped:
                x = self.activation(self.pool(x, (2, 2), (2, 2)))
            else:
                x = self.pool(self.activation(x), (2, 2), (2, 2))
        x = self.activation(self.bb(x.reshape(x.shape[0], -1)))
        return self.last(self.qq(x))

def plain(): return Plain()
def sequential():
    def pool(x): return nn.max_pool(x, (2, 2), (2, 2))
    return nn.Sequential([
        nn.Conv(4, (3, 3), padding="VALID"), nn.relu, pool,
        nn.Conv(4, (3, 3), padding="VALID"), nn.relu, pool,
        lambda x: x.reshape(len(x), -1), nn.Dense(8), nn.relu, nn.Dense(3)])

class Bare(nn.Module):
    """Its own parameters instead of layers."""
    @nn.compact
    def __call__(self, x):
        def conv(name, x):
            k = self.param(name + "_k", nn.initializers.normal(), (3, 3, x.shape[-1], 4))
            b = self.param(name + "_b", nn.initializers.zeros, (4,))
            y = jax.lax.conv_general_dilated(x, k, (1, 1), "VALID",
                                             dimension_numbers=("NHWC", "HWIO", "NHWC"))
            return nn.max_pool(nn.relu(y + b), (2, 2), (2, 2))
        x = conv("one", x)
        x = conv("two", x)
        return lib.Dense(3)(lib.Dense(8, activation=nn.relu)(x.reshape(len(x), -1)))

def softmax(): return Plain(last=nn.softmax)
def log_softmax(): return Plain(last=nn.log_softmax)
def relu_last(): return Plain(last=nn.relu)
def same_padding(): return Plain(padding="SAME")
def no_bias(): return Plain(bias=False)
def no_activation(): return Plain(activation=lambda x: x)
def tanh(): return Plain(activation=jnp.tanh)
def average(): return Plain(pool=nn.avg_pool)
def wider(): return Plain(hidden=9)
def constant(): return Plain(last=jnp.zeros_like)
def no_model(): return 3
def missing_layer(): return lib.DenseClassifier(8, 3)
def swapped(): return Plain(swapped=True)
'''
RIGHT = ("ours", "plain", "sequential", "swapped")
WRONG = {
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "relu_last": "ReLU",
    "same_padding": "parameters",
    "no_bias": "parameters",
    "no_activation": "no ReLU at all",
    "tanh": "compute something else",
    "average": "compute something else",
    "wider": "parameters",
    "constant": "zero",
    "no_model": "Flax model",
    "missing_layer": "parameters",
}


@pytest.fixture(scope="module")
def student(tier):
    with Worker(tier) as worker:
        message = {"do": "load", "name": "w", "file": "w.py", "source": MODELS.encode()}
        worker.request(message, 30, 90)
        yield Student(lambda message: worker.request(message, 120, 200), worker.close)


def judge_it(student, name, seed=0):
    judge = Judge(student, Secret.from_seed(seed).stream("w", name))
    model = lib.ConvClassifier((4, 4), 8, 3)
    mistakes = {"There is no ReLU at all.": Linear()}
    judge.architecture(
        student.call(name), model, (2, 10, 10, 1), (1, 28, 28, 1), hint="h", mistakes=mistakes
    )


class Linear(nn.Module):
    """Our net without activations, with the same parameters."""

    @nn.compact
    def __call__(self, images):
        x = images
        for number in (1, 2):
            x = lib.MaxPool()(lib.Conv(4, name=f"conv{number}")(x))
        x = lib.Dense(8, name="dense")(x.reshape(len(x), -1))
        return lib.Dense(3, name="logits")(x)


@pytest.mark.parametrize("name", RIGHT)
def test_right_models_pass_however_they_are_written(student, name):
    judge_it(student, name)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_models_fail_with_their_reason(student, name):
    with pytest.raises(Failure) as caught:
        judge_it(student, name)
    assert WRONG[name] in compose(caught.value.rows)
    shown = dict(caught.value.rows)
    assert shown.get("your code gave") != shown.get("expected")


def test_layers_of_equal_shape_may_stand_in_any_order():
    model = lib.DeepLinear((3, 3, 3))
    params = model.init(jax.random.key(0), np.ones((1, 3)))["params"]
    theirs = {"c": params["dense1"], "a": params["dense2"], "b": params["dense3"]}
    ours = list(layers(params))
    ways = list(assignments(ours, list(layers(theirs))))
    assert len(ways) == 6
    x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    wanted = model.apply({"params": params}, x)
    shapes = jax.eval_shape(model.init, jax.random.key(0), x)["params"]
    outputs = [model.apply({"params": transplant(theirs, way, shapes)}, x) for way in ways]
    assert sum(bool(np.allclose(out, wanted, atol=1e-5)) for out in outputs) == 1


def params_judge():
    class Called:
        last_call, last_function = "train()", "train"

    return Judge(Called(), Secret.from_seed(1).stream("w", "t"))


def test_returned_parameters_are_checked_before_use():
    model = lib.DenseClassifier(5, 3)
    right = jax.tree.map(np.asarray, model.init(jax.random.key(1), np.ones((1, 4)))["params"])
    judge = params_judge()
    got = judge.params(right, model, (1, 4))
    jax.tree.map(np.testing.assert_array_equal, got, right)
    renamed = {"x": right["logits"], "y": right["dense"]}
    got = judge.params(renamed, model, (1, 4))
    jax.tree.map(np.testing.assert_array_equal, got, right)
    bad = [
        None,
        3,
        {},
        {"dense": right["dense"]},
        {**right, "more": right["dense"]},
        {**right, "dense": {"kernel": right["dense"]["kernel"]}},
        {**right, "dense": {"kernel": np.ones((4, 5), np.int32), "bias": np.ones(5, np.float32)}},
        {**right, "dense": {"kernel": np.ones((4, 6), np.float32), "bias": np.ones(5, np.float32)}},
        {**right, "dense": {"kernel": right["dense"]["kernel"] * np.nan, "bias": np.ones(5)}},
        {**right, "dense": {"kernel": right["dense"]["kernel"], "bias": "x"}},
    ]
    for tree in bad:
        with pytest.raises(Failure):
            judge.params(tree, model, (1, 4))
