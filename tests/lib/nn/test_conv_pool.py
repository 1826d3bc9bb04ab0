"""Convolution and pooling in one step, in parts of a batch, against stock XLA's two layers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from jax import lax

from lib.nn import conv_pool, cpu_convolution, onednn
from lib.nn.conv_pool import conv_pool_relu
from lib.nn.convolution import NHWC, conv2d
from lib.nn.pooling import max_pool

# Compiled in little more than half the time; the values are compared up to rounding.
QUICKLY = {"xla_backend_optimization_level": 0}


@pytest.fixture(autouse=True)
def _without_onednn(monkeypatch):
    """These tests use XLA's forms, like processors without oneDNN."""
    monkeypatch.setattr(onednn, "is_used", lambda: False)


def stock(x, kernel, bias, padding="VALID", window=2):
    y = lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=NHWC)
    return nn.max_pool(nn.relu(y + bias), (window, window), (window, window))


def draw_layer(shape, features, dtype=jnp.float32):
    """Images, a kernel, and biases so low that ReLU stops about half of the values."""
    x, kernel, bias = draw(shape, (3, 3, shape[3], features), (features,), dtype=dtype)
    return x, kernel, (bias - 1) * dtype(3 * shape[3] ** 0.5)


def draw(*shapes, dtype=jnp.float32):
    rng = np.random.default_rng(0)
    return [jnp.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def value_and_gradients(layer, x, kernel, bias):
    """The output, and the gradients of a loss that weighs every output differently."""

    run = jax.jit(with_gradients(layer), compiler_options=QUICKLY)
    return run(x, kernel, bias)


def with_gradients(layer):
    def run(x, kernel, bias):
        y, pull = jax.vjp(layer, x, kernel, bias)
        weights = jnp.asarray(np.random.default_rng(1).normal(size=y.shape), y.dtype)
        return (y, *pull(weights))

    return run


@pytest.fixture
def small_cache(monkeypatch):
    """Makes everything run in parts; returns the sizes of the parts."""
    monkeypatch.setattr(cpu_convolution, "WHOLE_BYTES", 0)
    monkeypatch.setattr(cpu_convolution, "PART_BYTES", 20_000)
    sizes = []
    by_parts = conv_pool._by_parts

    def noted(x, kernel, bias, convolve, window, size):
        sizes.append((len(x), size))
        return by_parts(x, kernel, bias, convolve, window, size)

    monkeypatch.setattr(conv_pool, "_by_parts", noted)
    return sizes


@pytest.mark.parametrize(
    ("shape", "features", "padding", "window"),
    [
        ((6, 21, 24, 16), 16, "VALID", 2),  # rows that fill no block
        pytest.param((12, 20, 20, 3), 8, "VALID", 2, marks=pytest.mark.slow),
        pytest.param((6, 19, 19, 32), 32, "SAME", 2, marks=pytest.mark.slow),
        # A batch that nothing divides.
        pytest.param((7, 13, 13, 4), 16, "VALID", 3, marks=pytest.mark.slow),
        # Columns in pairs.
        pytest.param((4, 70, 66, 3), 16, "VALID", 2, marks=pytest.mark.slow),
    ],
)
def test_parts_equal_the_stock_layers(small_cache, shape, features, padding, window):
    arguments = draw_layer(shape, features)
    got = value_and_gradients(lambda *a: conv_pool_relu(*a, padding, window), *arguments)
    expected = value_and_gradients(lambda *a: stock(*a, padding, window), *arguments)
    assert 0.2 < np.mean(np.asarray(expected[0]) > 0) < 0.9
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        assert np.linalg.norm(a - b) <= 1e-5 * np.linalg.norm(b)
    assert small_cache and all(1 <= size < batch for batch, size in small_cache)


def test_a_small_batch_is_one_part():
    arguments = draw_layer((8, 12, 12, 4), 8)
    got = value_and_gradients(conv_pool_relu, *arguments)
    expected = value_and_gradients(lambda x, k, b: nn.relu(max_pool(conv2d(x, k)) + b), *arguments)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_bfloat16(small_cache):
    arguments = draw_layer((8, 20, 20, 3), 16, dtype=jnp.bfloat16)
    got = value_and_gradients(conv_pool_relu, *arguments)
    expected = stock(*(a.astype(jnp.float32) for a in arguments))
    assert np.linalg.norm(got[0].astype(jnp.float32) - expected) <= 0.01 * np.linalg.norm(expected)
    assert [a.dtype for a in got] == [jnp.bfloat16] * 4
    assert small_cache


@pytest.mark.slow
def test_under_jit_scan_and_vmap(small_cache):
    x, kernel, bias = draw_layer((8, 20, 20, 3), 16)
    expected = stock(x, kernel, bias)

    @jax.jit
    def looped(x, kernel):
        return lax.scan(lambda k, _: (k, conv_pool_relu(x, k, bias)), kernel, length=2)[1]

    np.testing.assert_allclose(looped(x, kernel)[1], expected, rtol=1e-4, atol=1e-4)
    twice = jnp.stack([kernel, 2 * kernel]), jnp.stack([bias, 2 * bias])
    mapped = jax.vmap(conv_pool_relu, in_axes=(None, 0, 0))(x, *twice)
    np.testing.assert_allclose(mapped[1], 2 * expected, rtol=1e-4, atol=1e-4)
    assert small_cache


@pytest.mark.slow
def test_what_lies_between_the_two_is_never_whole():
    """The memory of a gradient: with separate layers, the entire output and its gradient."""
    x, kernel, bias = draw_layer((64, 100, 100, 3), 32)
    between = 64 * 98 * 98 * 32 * 4

    def temporary(layer):
        gradient = jax.jit(jax.grad(lambda kernel, x: layer(x, kernel, bias).sum()))
        return gradient.lower(kernel, x).compile().memory_analysis().temp_size_in_bytes

    assert temporary(conv_pool_relu) < 0.6 * between
    assert temporary(lambda x, k, b: nn.relu(max_pool(conv2d(x, k)) + b)) > between


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_accelerators_get_the_stock_pattern(small_cache, platform):
    arguments = draw_layer((8, 20, 20, 3), 16)

    def operations(layer):
        traced = jax.jit(with_gradients(layer)).trace(*arguments)
        text = traced.lower(lowering_platforms=(platform,)).as_text()
        names = ("convolution", "reduce_window", "select_and_scatter", "while")
        return {name: text.count(f"stablehlo.{name}") for name in names}

    assert operations(conv_pool_relu) == operations(stock)
    assert operations(stock)["convolution"] == 3 and operations(stock)["while"] == 0


def test_shapes_that_do_not_fit_are_explained():
    with pytest.raises(ValueError, match="3 channels, but the kernel is for 4"):
        conv_pool_relu(jnp.zeros((1, 9, 9, 3)), jnp.zeros((3, 3, 4, 8)), jnp.zeros(8))
    with pytest.raises(ValueError, match="does not fit into pictures"):
        conv_pool_relu(jnp.zeros((1, 3, 3, 3)), jnp.zeros((3, 3, 3, 8)), jnp.zeros(8))
