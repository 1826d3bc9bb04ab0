"""Right and wrong networks of the course have the sizes that `lib` counts and computes."""

import dataclasses

import jax
import numpy as np
import pytest
from flax import linen as nn

import lib
from grader.checks.networks import ConvNet, common_totals, random_params

SMALL = ConvNet(edge=21, channels=3, filters=(4, 5), hidden=6, outputs=2)
OURS = {
    "fashion_cnn": (lib.fashion_cnn(), ConvNet(28, 1, (64, 64), 128, 10)),
    "mnist_dense": (lib.mnist_dense(), ConvNet(28, 1, (), 512, 10)),
    "horse_or_human": (lib.horse_or_human(), ConvNet(300, 3, (16, 32, 64), 512, 1)),
    "cats_and_dogs": (lib.cats_and_dogs(), ConvNet(150, 3, (32, 64, 128, 128), 512, 2)),
    "rock_paper_scissors": (lib.rock_paper_scissors(), ConvNet(150, 3, (64, 64, 128, 128), 512, 3)),
}


class Net(nn.Module):
    """The small network with one thing different."""

    padding: str = "VALID"
    bias: bool = True
    unpooled: tuple[int, ...] = ()

    @nn.compact
    def __call__(self, x):
        for number, filters in enumerate(SMALL.filters):
            x = nn.Conv(filters, (3, 3), padding=self.padding, use_bias=self.bias)(x)
            if number not in self.unpooled:
                x = lib.max_pool(x)
        for features in (SMALL.hidden, SMALL.outputs):
            x = nn.Dense(features, use_bias=self.bias)(x.reshape(len(x), -1))
        return x


@pytest.mark.parametrize("name", OURS)
def test_the_total_is_what_lib_counts(name):
    model, net = OURS[name]
    assert net.total() == lib.summary(model, net.input_shape).total


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"padding": "SAME"}, "SAME"),
        ({"bias": False}, "biases"),
        ({"unpooled": (0,)}, "first pooling"),
        ({"unpooled": (0, 1)}, "The pooling layers are missing"),
    ],
)
def test_a_wrong_total_is_that_of_the_wrong_network(different, said):
    total = lib.summary(Net(**different), SMALL.input_shape).total
    assert said in common_totals(SMALL)[total]
    assert SMALL.total() not in common_totals(SMALL)


def test_a_pooling_that_keeps_an_odd_edge_and_filters_of_one_channel():
    # 21 → 19 → 10 → 8 → 4 pixels instead of 21 → 19 → 9 → 7 → 3.
    assert SMALL.total(rounded_up=True) - SMALL.total() == (4 * 4 - 3 * 3) * 5 * 6
    assert SMALL.total() - SMALL.total(one_channel=True) == 9 * 2 * 4 + 9 * 3 * 5


def test_a_variant_computes_something_else_with_the_same_parameters():
    ours = lib.ConvClassifier(SMALL.filters, SMALL.hidden, SMALL.outputs)
    shape = (3, *SMALL.input_shape[1:])
    rng = np.random.default_rng(0)
    params = random_params(ours, shape, rng)
    images = rng.normal(size=shape).astype(np.float32)

    def logits(model):
        return np.asarray(jax.jit(model.apply)({"params": params}, images))

    np.testing.assert_allclose(logits(SMALL.variant()), logits(ours), atol=1e-4)
    different = [{"pooling": "mean"}, {"linear": (0,)}, {"linear": range(2)}, {"dense": "tanh"}]
    outputs = [logits(SMALL.variant(**options)) for options in [{}, *different]]
    for number, one in enumerate(outputs):
        assert not any(np.allclose(one, other, atol=1e-3) for other in outputs[:number])


def test_a_network_is_data():
    assert dataclasses.replace(SMALL, outputs=1).total() == SMALL.total() - SMALL.hidden - 1
