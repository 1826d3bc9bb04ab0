"""Convolution by oneDNN against float64, stock XLA and itself, and what it does to a process."""

import functools
import itertools
import os
import subprocess
import sys
import textwrap
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax

from lib.nn import onednn
from lib.nn.conv_pool import conv_pool_relu
from lib.nn.convolution import NHWC, conv2d
from lib.nn.onednn import computing, operations
from lib.nn.onednn.library import SWITCH, Lack, Library, find

slow = pytest.mark.slow
pytestmark = pytest.mark.skipif(isinstance(find(), Lack), reason="oneDNN is not installed")

NO_PADS = ((0, 0), (0, 0))
# Compiled in little more than half the time.
QUICKLY = {"xla_backend_optimization_level": 0}


def draw(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in shapes]


def stock(x, kernel, strides=(1, 1), pads=NO_PADS):
    return lax.conv_general_dilated(x, kernel, strides, pads, dimension_numbers=NHWC)


def stock_pooled(x, kernel, bias, pads=NO_PADS, window=2):
    y = stock(x, kernel, pads=pads) + bias
    return nn.max_pool(nn.relu(y), (window, window), (window, window))


def with_gradients(layer, *arrays):
    """The output, and the gradients of a loss that weighs every output differently."""
    y, pull = jax.vjp(layer, *arrays)
    return (y, *pull(jnp.sin(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape)))


def compiled(layer):
    return jax.jit(functools.partial(with_gradients, layer), compiler_options=QUICKLY)


def exact(layer, *arrays):
    """The same in float64, rounded to nothing."""
    with jax.enable_x64(True):
        doubles = [jnp.asarray(np.asarray(a), jnp.float64) for a in arrays]
        return [np.asarray(a) for a in with_gradients(layer, *doubles)]


def error(got, right):
    return np.linalg.norm(np.asarray(got, np.float64) - right) / max(np.linalg.norm(right), 1e-30)


def assert_as_exact_as_stock(layer, stock_layer, *arrays):
    """Each array's error is at most twice that of stock XLA."""
    got, theirs = compiled(layer)(*arrays), compiled(stock_layer)(*arrays)
    for one, other, right in zip(got, theirs, exact(stock_layer, *arrays), strict=True):
        assert one.shape == right.shape and one.dtype == jnp.float32
        assert error(one, right) <= 2 * error(other, right) + 1e-7


# Every layer of the course's nets, with small batches.
LAYERS = [
    *((28, 1, 64), (13, 64, 64), (14, 32, 64)),
    *((75, 3, 32), (36, 32, 64), (17, 64, 128), (7, 128, 128)),
    *((150, 3, 64), (74, 64, 64), (36, 64, 128)),
    *((300, 3, 16), (149, 16, 32), (73, 32, 64)),
]


@pytest.mark.parametrize(
    "edge, channels, features, padding",
    [
        (28, 1, 64, "VALID"),
        (14, 32, 64, "SAME"),
        *(pytest.param(*layer, "VALID", marks=slow) for layer in LAYERS),
    ],
)
def test_errors_are_those_of_stock_xla(edge, channels, features, padding):
    x, kernel, bias = draw((2, edge, edge, channels), (3, 3, channels, features), (features,))
    bias = bias - 3 * channels**0.5
    pads = ((1, 1), (1, 1)) if padding == "SAME" else NO_PADS
    assert_as_exact_as_stock(
        lambda x, k: onednn.convolution(x, k, (1, 1), pads),
        lambda x, k: stock(x, k, (1, 1), pads),
        *(x, kernel),
    )
    assert_as_exact_as_stock(
        lambda *a: onednn.conv_pool_relu(*a, pads, 2), lambda *a: stock_pooled(*a, pads), x, kernel,
        bias,
    )  # fmt: skip


@st.composite
def convolutions(draw):
    """Shapes of a convolution, its strides and pads."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    pads = tuple(
        tuple(draw(st.integers(0, k - 1)) for _ in range(2)) for k in kernel
    )
    edges = [draw(st.integers(max(1, k - sum(p)), 12)) for k, p in zip(kernel, pads, strict=True)]
    channels, features = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    batch = draw(st.sampled_from((1, 2, 3, 5, 7)))
    strides = draw(st.sampled_from(((1, 1), (2, 2), (2, 1), (3, 2))))
    return (batch, *edges, channels), (*kernel, channels, features), strides, pads


@settings(max_examples=8, deadline=None, derandomize=True)
@given(convolutions())
def test_any_convolution_equals_the_stock_one(shapes):
    check_convolution(shapes)


@slow
@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_very_many_convolutions_equal_the_stock_one(shapes):
    check_convolution(shapes)


def check_convolution(shapes):
    shape, kernel_shape, strides, pads = shapes
    x, kernel = draw(shape, kernel_shape)
    got = with_gradients(lambda x, k: onednn.convolution(x, k, strides, pads), x, kernel)
    expected = with_gradients(lambda x, k: stock(x, k, strides, pads), x, kernel)
    for one, other in zip(got, expected, strict=True):
        assert one.shape == other.shape
        assert error(one, np.asarray(other)) <= 3e-6


@settings(max_examples=6, deadline=None, derandomize=True)
@given(convolutions(), st.integers(1, 3))
def test_any_pooled_convolution_equals_the_stock_layers(shapes, window):
    check_pooled(shapes, window)


@slow
@settings(max_examples=40, deadline=None)
@given(convolutions(), st.integers(1, 4))
def test_very_many_pooled_convolutions_equal_the_stock_layers(shapes, window):
    check_pooled(shapes, window)


def check_pooled(shapes, window):
    shape, kernel_shape, _, pads = shapes
    x, kernel, bias = draw(shape, kernel_shape, kernel_shape[3:])
    if min(stock(x, kernel, pads=pads).shape[1:3]) < window:
        return
    # Whole numbers, in which nothing is rounded: so that both see the same ties.
    x, kernel, bias = (jnp.round(a) for a in (x, kernel, bias))
    got = with_gradients(lambda *a: onednn.conv_pool_relu(*a, pads, window), x, kernel, bias)
    expected = with_gradients(lambda *a: stock_pooled(*a, pads, window), x, kernel, bias)
    np.testing.assert_array_equal(got[0], expected[0])
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)


def test_the_first_of_equal_values_gets_the_gradient():
    x = jnp.ones((2, 5, 6, 3))
    kernel, bias = jnp.zeros((1, 1, 3, 4)), jnp.ones(4)
    x_gradient = jax.grad(
        lambda x: (onednn.conv_pool_relu(x, kernel + 1, bias, NO_PADS, 2)).sum()
    )(x)
    expected = np.zeros((2, 5, 6, 3))
    expected[:, :4:2, ::2] = 4
    np.testing.assert_array_equal(x_gradient, expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("where", ["picture", "kernel", "bias"])
def test_what_is_no_number_stays_none(value, where):
    arrays = dict(zip(("picture", "kernel", "bias"), draw((3, 8, 8, 2), (3, 3, 2, 4), (4,)),
                      strict=True))  # fmt: skip
    arrays[where] = arrays[where].at[(0,) * arrays[where].ndim].set(value)
    got = onednn.conv_pool_relu(*arrays.values(), NO_PADS, 2)
    expected = stock_pooled(*arrays.values())
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_array_equal(np.isposinf(got), np.isposinf(expected))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(np.asarray(got)[finite], np.asarray(expected)[finite], rtol=1e-4)


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of two pictures or so."""
    monkeypatch.setattr(computing, "PART_BYTES", 20_000)


def test_parts_and_shares_add_up(small_parts):
    x, kernel, bias = draw((13, 11, 12, 5), (3, 3, 5, 24), (24,))
    layer = lambda *a: onednn.conv_pool_relu(*a, NO_PADS, 2)
    got, expected = compiled(layer)(x, kernel, bias), exact(stock_pooled, x, kernel, bias)
    for one, right in zip(got, expected, strict=True):
        assert error(one, right) <= 1e-6


def test_the_same_bits_every_time(small_parts):
    arrays = draw((13, 11, 12, 5), (3, 3, 5, 24), (24,))
    run = compiled(lambda *a: onednn.conv_pool_relu(*a, NO_PADS, 2))
    first = run(*arrays)
    for _ in range(20):
        for one, other in zip(run(*arrays), first, strict=True):
            np.testing.assert_array_equal(one, other)


def test_under_scan_grad_and_vmap():
    x, kernel, bias = draw((3, 4, 9, 10, 2), (3, 3, 2, 8), (8,))
    layer = lambda x: onednn.conv_pool_relu(x, kernel, bias, NO_PADS, 2)
    gradient = jax.grad(lambda x: jnp.sum(jnp.sin(layer(x))))
    expected = jnp.stack([gradient(pictures) for pictures in x])
    scanned = jax.jit(lambda x: lax.scan(lambda c, p: (c, gradient(p)), 0, x)[1])(x)
    np.testing.assert_array_equal(scanned, expected)
    np.testing.assert_array_equal(jax.vmap(gradient)(x), expected)
    kernels = jnp.stack([kernel, 2 * kernel])
    mapped = jax.vmap(lambda k: onednn.convolution(x[0], k, (1, 1), NO_PADS))(kernels)
    np.testing.assert_array_equal(mapped[1], 2 * mapped[0])


def calls(function, *arrays):
    text = jax.jit(function).lower(*arrays).as_text()
    return [name.__name__ for name in operations.CALLS if f".{name.__name__}." in text]


def test_training_asks_for_the_pictures_gradient_only_where_it_is_needed():
    x, kernel, bias = draw((2, 8, 8, 1), (3, 3, 1, 4), (4,))
    loss = lambda x, kernel: conv_pool_relu(x, kernel, bias).sum()
    first = jax.jit(jax.grad(loss, 1)).lower(x, kernel).as_text()
    whole = jax.jit(jax.grad(loss, (0, 1))).lower(x, kernel).as_text()
    assert calls(jax.grad(loss, 1), x, kernel) == ["pooled", "pooled_gradient"]
    assert "tensor<2x8x8x1xf32>)" in whole and "tensor<2x8x8x1xf32>)" not in first


def test_what_oneDNN_is_not_made_for_takes_the_other_forms():
    x, kernel = draw((2, 8, 8, 1), (3, 3, 1, 4))
    assert calls(conv2d, x, kernel) == ["forward"]
    assert calls(conv2d, x.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16)) == []
    assert calls(conv2d, x[:1], kernel) == []  # it divides a batch among cores, not a picture
    assert calls(lambda x, k: conv2d(x, k, padding=((-1, 0), (0, 0))), x, kernel) == []


def test_two_threads_with_programs_of_their_own():
    shapes = [((5, 20, 20, 3), (3, 3, 3, 16), (16,)), ((7, 17, 15, 8), (3, 3, 8, 24), (24,))]
    run = compiled(lambda *a: onednn.conv_pool_relu(*a, NO_PADS, 2))
    arrays = [draw(*each) for each in shapes]
    expected = [run(*each) for each in arrays]
    wrong = []

    def work(number):
        for _ in range(15):
            got = run(*arrays[number % 2])
            same = all(np.array_equal(*pair) for pair in zip(got, expected[number % 2], strict=True))
            if not same:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_primitives_and_scratch_memory_are_bounded(monkeypatch):
    monkeypatch.setattr(computing, "PRIMITIVES", 6)
    monkeypatch.setattr(computing, "KEPT_BYTES", 10_000)
    (kernel,) = draw((3, 3, 2, 4))
    for edge in range(5, 15):
        (x,) = draw((2, edge, edge, 2))
        np.testing.assert_allclose(
            onednn.convolution(x, kernel, (1, 1), NO_PADS), stock(x, kernel), atol=1e-5
        )
    for bench in computing._free:
        assert len(bench._primitives) <= 6
        assert all(len(memory) <= 10_000 for memory in bench._scratch.values())
    assert len(computing._free) <= 2 * len(os.sched_getaffinity(0))
