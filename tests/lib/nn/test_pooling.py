"""Pooling and its gradients against NumPy and stock Flax."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from jax import lax

from lib.nn.pooling import avg_pool, blocks, max_pool


def pictures(*shape, dtype=np.float32):
    """Pictures without two equal pixels."""
    size = int(np.prod(shape))
    return jnp.asarray(np.random.default_rng(0).permutation(size).reshape(shape).astype(dtype))


SHAPES = [(2, 6, 8, 3), (1, 7, 5, 1), (2, 11, 11, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("window, strides", [(2, None), (3, None), (3, 2), (2, 1), (1, None)])
@pytest.mark.parametrize("pool, flax", [(max_pool, nn.max_pool), (avg_pool, nn.avg_pool)])
def test_values_and_gradients_equal_flax(pool, flax, shape, window, strides):
    x = pictures(*shape)
    step = strides or window
    y, pull = jax.vjp(lambda x: pool(x, window, strides), x)
    expected, expected_pull = jax.vjp(lambda x: flax(x, (window, window), (step, step)), x)
    np.testing.assert_allclose(y, expected, rtol=1e-6)
    dy = jnp.asarray(np.random.default_rng(1).normal(size=y.shape), y.dtype)
    np.testing.assert_allclose(pull(dy)[0], expected_pull(dy)[0], atol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bfloat16", "float16", "float32"])
def test_max_keeps_the_dtype(dtype):
    x = pictures(1, 4, 6, 2).astype(dtype)
    y = max_pool(x)
    assert y.dtype == dtype
    expected = np.asarray(x, np.float64).reshape(1, 2, 2, 3, 2, 2).max(axis=(2, 4))
    np.testing.assert_array_equal(np.asarray(y, np.float64), expected)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "block, place",
    [
        ([[1, 1], [1, 1]], (0, 0)),
        ([[0, 3], [3, 1]], (0, 1)),
        ([[-5, -6], [-2, -2]], (1, 0)),
        ([[1, 2], [3, 4]], (1, 1)),
    ],
)
def test_the_first_of_equal_pixels_gets_the_gradient(dtype, block, place):
    x = jnp.asarray(block, dtype)[None, :, :, None]
    gradient = jax.grad(lambda x: 6 * max_pool(x).sum())(x)
    assert gradient.dtype == dtype
    expected = np.zeros((2, 2))
    expected[place] = 6
    np.testing.assert_array_equal(np.asarray(gradient[0, :, :, 0], np.float64), expected)


def test_the_gradient_of_flat_pictures_is_not_lost():
    x = jnp.full((2, 7, 9, 3), 0.5)
    gradient = jax.grad(lambda x: max_pool(x, 3).sum())(x)
    of_blocks = gradient[:, :6].reshape(2, 2, 3, 3, 3, 3).sum((2, 4))
    np.testing.assert_array_equal(of_blocks, 1)
    np.testing.assert_array_equal(gradient[:, 6:], 0)


def test_under_jit_scan_and_vmap():
    x = pictures(3, 2, 6, 7, 4)

    def gradient(pool, x):
        return jax.grad(lambda x: jnp.sum(pool(x) ** 2))(x)

    expected = jnp.stack(
        [gradient(lambda x: nn.max_pool(x, (2, 2), (2, 2)), picture) for picture in x]
    )
    scanned = jax.jit(lambda x: lax.scan(lambda c, p: (c, gradient(max_pool, p)), 0, x)[1])(x)
    np.testing.assert_allclose(scanned, expected, rtol=1e-6)
    np.testing.assert_allclose(jax.vmap(lambda p: gradient(max_pool, p))(x), expected, rtol=1e-6)


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_accelerators_get_the_stock_pattern(platform):
    x = pictures(2, 8, 8, 3)
    step = jax.jit(jax.value_and_grad(lambda x: max_pool(x).sum()))
    text = step.trace(x).lower(lowering_platforms=(platform,)).as_text()
    assert "stablehlo.reduce_window" in text and "stablehlo.select_and_scatter" in text


def test_blocks_drop_what_fills_no_block():
    x = pictures(1, 5, 7, 2)
    got = blocks(x, 2)
    assert got.shape == (1, 2, 2, 3, 2, 2)
    np.testing.assert_array_equal(got[0, 1, 0, 2, 1], x[0, 2, 5])


@pytest.mark.parametrize("pool", [max_pool, avg_pool])
def test_a_window_of_two_numbers_is_a_sentence(pool):
    with pytest.raises(TypeError, match=r"whole numbers, as in MaxPool\(2\); got \(2, 2\)"):
        pool(jnp.zeros((1, 4, 4, 1)), (2, 2))


@pytest.mark.parametrize("pool", [max_pool, avg_pool])
@pytest.mark.parametrize(
    "shape, window, strides, sentence",
    [
        ((4, 4, 1), 2, None, "takes images"),
        ((1, 4, 4, 1), 0, None, "must be 1 pixel or more"),
        ((1, 4, 4, 1), 2, 0, "must be 1 pixel or more"),
        ((1, 4, 2, 1), 3, None, "does not fit"),
    ],
)
def test_windows_that_do_not_fit_are_explained(pool, shape, window, strides, sentence):
    with pytest.raises(ValueError, match=sentence):
        pool(jnp.zeros(shape), window, strides)
