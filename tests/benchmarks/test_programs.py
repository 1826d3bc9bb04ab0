"""The benchmark's networks are the course's, and it counts their cost correctly."""

import jax
import jax.numpy as jnp
import pytest

import lib
from benchmarks.programs import PROGRAMS

COURSE = {
    "mnist_dense": lib.mnist_dense,
    "fashion_dense": lib.fashion_dense,
    "fashion_cnn": lib.fashion_cnn,
    "same_cnn": lib.same_cnn,
    "horse_or_human": lambda: lib.ConvClassifier((16, 32, 64), 512, 2),
    "cats_and_dogs": lib.cats_and_dogs,
    "rock_paper_scissors": lib.rock_paper_scissors,
    "transfer_head": lambda: lib.DenseClassifier(1024, 2),
}


def input_shape(program, count=1):
    return (count, program.edge, program.edge, program.colours)


@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_operations_are_those_that_xla_counts(name):
    """XLA counts the stock model, where a convolution is one operation, and little else."""
    from benchmarks.runners.flax_model import model_and_step

    model, _, _ = model_and_step(PROGRAMS[name])
    x = jax.ShapeDtypeStruct(input_shape(PROGRAMS[name], 4), jnp.float32)
    params = jax.eval_shape(model.init, jax.random.key(0), x)
    cost = jax.jit(model.apply).lower(params, x).cost_analysis()
    counted = cost["flops"] / 4
    whole, first = PROGRAMS[name].forward_flops()
    # Border pixels of a SAME convolution touch fewer values than we count; biases and pooling more.
    assert counted == pytest.approx(whole, rel=0.08)
    assert 0 < first < whole


def test_the_fashion_cnn_costs_what_a_hand_count_says():
    first = 2 * 26 * 26 * 9 * 64
    second = 2 * 11 * 11 * 9 * 64 * 64
    dense = 2 * (1600 * 128 + 128 * 10)
    program = PROGRAMS["fashion_cnn"]
    assert program.forward_flops() == (first + second + dense, first)
    assert program.training_flops() == 2 * first + 3 * (second + dense)


@pytest.mark.parametrize("name", PROGRAMS)
def test_stock_flax_builds_a_net_with_as_many_parameters_as_the_course(name):
    from benchmarks.runners.flax_model import model_and_step

    model, _, _ = model_and_step(PROGRAMS[name])
    shape = input_shape(PROGRAMS[name])
    assert lib.count_params(model, shape) == lib.count_params(COURSE[name](), shape)
