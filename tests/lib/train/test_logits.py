"""A model that ends with the function that its loss applies causes a warning."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib

INPUTS = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
ENDS = {
    "nn.softmax": nn.softmax,
    "jitted": jax.jit(nn.softmax),
    "by hand": lambda x: jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True),
    "nn.sigmoid": nn.sigmoid,
    "nothing": lambda x: x,
    "log_softmax": nn.log_softmax,
    "relu": nn.relu,
    "scaled": lambda x: x / 2,
}


class Net(nn.Module):
    end: str
    outputs: int = 3

    @nn.compact
    def __call__(self, x):
        return ENDS[self.end](nn.Dense(self.outputs)(x))


def form(model, loss):
    state = lib.create_state(model, optax.sgd(0.1), INPUTS, jax.random.key(0), loss=loss)
    return lib.train.steps.output_shape(state, INPUTS)


@pytest.mark.parametrize(
    ("end", "loss"),
    [
        ("nn.softmax", lib.softmax_cross_entropy),
        ("jitted", lib.categorical_cross_entropy),
        ("by hand", optax.softmax_cross_entropy_with_integer_labels),
        ("nn.sigmoid", lib.sigmoid_cross_entropy),
    ],
)
def test_a_function_that_the_loss_applies_is_named(end, loss):
    kind = "sigmoid" if "sigmoid" in end else "softmax"
    with pytest.warns(UserWarning, match=f"Net ends with a {kind}.*logits"):
        assert form(Net(end, 1 if kind == "sigmoid" else 3), loss)


@pytest.mark.parametrize(
    ("end", "loss"),
    [(end, lib.softmax_cross_entropy) for end in ("nothing", "log_softmax", "relu", "scaled")]
    + [("nn.softmax", lib.squared_error), ("nn.sigmoid", lib.softmax_cross_entropy)],
)
def test_other_ends_are_right(end, loss):
    assert form(Net(end), loss) == (8, 3)


def test_fit_and_examine_say_so():
    state = lib.create_state(Net("nn.softmax"), optax.sgd(0.1), INPUTS, jax.random.key(0))
    with pytest.warns(UserWarning, match="ends with a softmax"):
        lib.fit(state, INPUTS, np.zeros(8, int), verbose=0)
    with pytest.warns(UserWarning, match="already returns probabilities"):
        seen = lib.examine(state, INPUTS.reshape(8, 6), np.zeros(8, int))
    np.testing.assert_allclose(seen.probabilities, lib.predict(state, INPUTS), atol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        form(lib.DenseClassifier(2, 3), lib.softmax_cross_entropy)
