"""Convolution and pooling against SciPy, against stock Flax, and inside a loop."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from scipy import ndimage, signal

import lib


def pictures(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "kernel"), [((7, 9), (3, 3)), ((8, 5), (5, 2)), ((4, 4), (4, 4)), ((6, 6), (1, 1))]
)
@pytest.mark.parametrize("channels", [(1, 1), (3, 4)])
def test_valid_convolution_is_scipys_correlation_summed_over_channels(size, kernel, channels):
    x, k = pictures((2, *size, channels[0])), pictures((*kernel, *channels), 1)
    expected = np.stack(
        [
            [
                sum(
                    signal.correlate2d(image[:, :, c], k[:, :, c, f], mode="valid")
                    for c in range(channels[0])
                )
                for f in range(channels[1])
            ]
            for image in x
        ]
    ).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(lib.conv2d(jnp.asarray(x), jnp.asarray(k)), expected, atol=1e-5)


@pytest.mark.parametrize("edge", [3, 5])
def test_same_convolution_is_scipys_correlation_with_a_border_of_zeros(edge):
    x, k = pictures((1, 7, 6, 1)), pictures((edge, edge, 1, 1), 1)
    expected = ndimage.correlate(x[0, :, :, 0], k[:, :, 0, 0], mode="constant")
    got = lib.conv2d(jnp.asarray(x), jnp.asarray(k), padding="SAME")
    np.testing.assert_allclose(got[0, :, :, 0], expected, atol=1e-5)


@pytest.mark.parametrize(("window", "strides"), [(2, None), (3, None), (3, 2), (2, 1)])
@pytest.mark.parametrize(
    ("pool", "moving"),
    [(lib.max_pool, ndimage.maximum_filter), (lib.avg_pool, ndimage.uniform_filter)],
    ids=["max", "mean"],
)
def test_pooling_is_every_nth_value_of_scipys_moving_filter(pool, moving, window, strides):
    x = pictures((1, 8, 11, 1))
    step = strides or window
    # SciPy's window is centred; shifted by half its width it begins at the pixel itself.
    whole = moving(x[0, :, :, 0], size=window, origin=-(window // 2))
    expected = whole[: 8 - window + 1 : step, : 11 - window + 1 : step]
    got = pool(jnp.asarray(x), window, strides)[0, :, :, 0]
    np.testing.assert_allclose(got, expected, atol=1e-6)


# Compiled in little more than half the time; the values are compared up to rounding.
QUICKLY = {"xla_backend_optimization_level": 0}

CASES = {
    "first layer": ((3, 9, 8, 1), (3, 3), 5, (1, 1), "VALID"),
    "second layer": ((2, 7, 7, 4), (3, 3), 6, (1, 1), "VALID"),
    "same": ((2, 6, 7, 3), (3, 3), 4, (1, 1), "SAME"),
    "same, strided": ((2, 7, 6, 3), (3, 3), 4, (2, 2), "SAME"),
    "strided, oblong": ((2, 9, 8, 2), (2, 3), 3, (2, 3), "VALID"),
    "kernel as large as the picture": ((2, 4, 4, 2), (4, 4), 3, (1, 1), "VALID"),
    "one pixel": ((2, 5, 5, 3), (1, 1), 2, (1, 1), "VALID"),
}


def pair(case):
    shape, kernel, features, strides, padding = CASES[case]
    options = {"kernel_size": kernel, "strides": strides, "padding": padding}
    ours, stock = lib.Conv(features, **options), nn.Conv(features, **options)
    x = jnp.asarray(pictures(shape))
    params = jax.jit(stock.init)(jax.random.key(0), x)
    return ours, stock, params, x


def close(got, expected):
    jax.tree.map(lambda g, e: np.testing.assert_allclose(g, e, atol=2e-4, rtol=1e-4), got, expected)


def weighed(model):
    """A scalar of the output that weighs every pixel differently."""

    def scalar(params, x):
        y = model.apply(params, x)
        return jnp.sum(y * jnp.cos(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape))

    return scalar


def computed(layer, params, x):
    """The output, and the gradients by parameters and pictures."""
    return layer.apply(params, x), jax.grad(weighed(layer), argnums=(0, 1))(params, x)


@pytest.mark.parametrize(
    "case",
    ["second layer", "same, strided"]
    + [
        pytest.param(case, marks=pytest.mark.slow)
        for case in CASES
        if case not in ("second layer", "same, strided")
    ],
)
def test_convolution_and_gradients_in_a_loop_too_equal_stock_flax_outside_of_one(case):
    ours, stock, params, x = pair(case)

    @functools.partial(jax.jit, compiler_options=QUICKLY)
    def outside(params, x):
        return computed(stock, params, x)

    @functools.partial(jax.jit, compiler_options=QUICKLY)
    def both(params, x):
        def body(total, scale):
            gradients = jax.grad(weighed(ours))(params, x * scale)
            return jax.tree.map(jnp.add, total, gradients), None

        zeros = jax.tree.map(jnp.zeros_like, params)
        return computed(ours, params, x), jax.lax.scan(body, zeros, jnp.array([1.0, 0.5]))[0]

    once, summed = both(params, x)
    expected = outside(params, x)
    close(once, expected)
    close(summed, jax.tree.map(jnp.add, expected[1][0], outside(params, x * 0.5)[1][0]))


@pytest.mark.parametrize(("edge", "window"), [(6, 3), (7, 2)])
def test_pooling_and_its_gradient_equal_stock_flax_where_nothing_ties(edge, window):
    x = jnp.asarray(pictures((2, edge, edge, 3)))

    def stock(x):
        return nn.max_pool(x, (window, window), (window, window))

    def scalar(pool):
        return lambda x: jnp.sum(jnp.sin(pool(x)) * jnp.arange(pool(x).size).reshape(pool(x).shape))

    ours = lambda x: lib.max_pool(x, window)
    np.testing.assert_array_equal(ours(x), stock(x))
    close(*(jax.jit(jax.grad(scalar(pool)))(x) for pool in (ours, stock)))


def test_where_pixels_tie_the_gradient_is_that_of_stock_flax():
    x = jnp.asarray(np.random.default_rng(0).integers(0, 3, (2, 7, 9, 5)), jnp.float32)
    weights = pictures((2, 3, 4, 5))

    def gradient(pool):
        return jax.jit(jax.grad(lambda x: (pool(x) * weights).sum()))(x)

    stock = gradient(lambda x: nn.max_pool(x, (2, 2), (2, 2)))
    np.testing.assert_array_equal(gradient(lib.max_pool), stock)
