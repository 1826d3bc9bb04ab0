"""Convolution and its gradients against SciPy, stock XLA and float64."""

import functools
import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from jax import lax
from scipy.signal import correlate2d

from lib.nn import cpu_convolution, onednn
from lib.nn.convolution import NHWC, conv2d, conv_general_dilated
from lib.nn.layers import Conv

slow = pytest.mark.slow


@pytest.fixture(autouse=True)
def _without_onednn(monkeypatch):
    """These tests use XLA's forms, like processors without oneDNN."""
    monkeypatch.setattr(onednn, "is_used", lambda: False)


def stock(x, kernel, strides=(1, 1), padding: cpu_convolution.Padding = "VALID", **options):
    return lax.conv_general_dilated(x, kernel, strides, padding, dimension_numbers=NHWC, **options)


def draw(*shapes, dtype=jnp.float32, seed=0):
    rng = np.random.default_rng(seed)
    return [jnp.asarray(rng.normal(size=shape), dtype) for shape in shapes]


# Compiled in little more than half the time; the values are compared up to rounding.
QUICKLY = {"xla_backend_optimization_level": 0}


def with_gradients(convolve):
    """The output, and the gradients of a loss that weighs every output differently."""

    def run(x, kernel):
        y, pull = jax.vjp(convolve, x, kernel)
        weights = jnp.asarray(np.random.default_rng(1).normal(size=y.shape), y.dtype)
        return (y, *pull(weights))

    return run


def value_and_gradients(convolve, x, kernel):
    return jax.jit(with_gradients(convolve), compiler_options=QUICKLY)(x, kernel)


def assert_same(got, expected, tolerance=1e-5):
    for one, other in zip(got, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
        scale = np.sqrt(np.mean(other**2))
        np.testing.assert_allclose(one, other, rtol=0, atol=10 * tolerance * scale)
        assert np.linalg.norm(one - other) <= tolerance * np.linalg.norm(other)


# Images (batch, height, width, channels) and (kernel height, kernel width, features);
# the last three suit Winograd's algorithm.
SHAPES = [
    ((2, 9, 8, 1), (3, 3, 5)),
    ((2, 7, 10, 3), (5, 5, 2)),
    ((1, 6, 6, 17), (2, 3, 4)),
    ((2, 5, 5, 4), (1, 1, 6)),
    ((1, 3, 3, 16), (3, 3, 16)),
    ((2, 13, 13, 16), (3, 3, 24)),
    ((3, 12, 7, 20), (3, 3, 16)),
    ((1, 6, 9, 64), (3, 3, 64)),
]
BORDER = ((2, 0), (1, 3))
QUICK_CASES = [
    (*SHAPES[0], (1, 1), "VALID"),
    (*SHAPES[1], (2, 1), BORDER),
    (*SHAPES[5], (1, 1), "SAME"),
]
SLOW_CASES = [
    *((*each, (1, 1), padding) for each in SHAPES for padding in ("VALID", "SAME")),
    *((*SHAPES[k], (2, 2), "SAME") for k in (0, 2, 5)),
    *((*SHAPES[k], (2, 1), BORDER) for k in (3, 6)),
]


@pytest.mark.parametrize(
    "shape, kernel_shape, strides, padding",
    QUICK_CASES
    + [pytest.param(*case, marks=slow) for case in SLOW_CASES if case not in QUICK_CASES],
)
def test_values_and_gradients_equal_the_stock_convolution(shape, kernel_shape, strides, padding):
    *edges, features = kernel_shape
    x, kernel = draw(shape, (*edges, shape[3], features))
    assert_same(
        value_and_gradients(lambda x, k: conv2d(x, k, strides, padding), x, kernel),
        value_and_gradients(lambda x, k: stock(x, k, strides, padding), x, kernel),
    )


def test_values_equal_scipy():
    channels = features = 16
    x, kernel = draw((2, 9, 11, channels), (3, 3, channels, features))
    expected = np.zeros((2, 7, 9, features))
    for picture, channel, feature in itertools.product(range(2), range(channels), range(features)):
        expected[picture, :, :, feature] += correlate2d(
            np.asarray(x[picture, :, :, channel], np.float64),
            np.asarray(kernel[:, :, channel, feature], np.float64),
            mode="valid",
        )
    np.testing.assert_allclose(conv2d(x, kernel), expected, atol=2e-5)


@pytest.mark.parametrize("positive", [False, True], ids=["signed", "like ReLU"])
@pytest.mark.parametrize(
    "shape, features",
    [
        ((8, 13, 13, 64), 64),
        *(
            pytest.param(shape, features, marks=slow)
            for shape, features in [
                ((8, 28, 28, 1), 64),
                ((4, 75, 75, 3), 32),
                ((4, 75, 76, 3), 16),
                ((4, 36, 36, 32), 64),
                ((4, 17, 17, 64), 128),
                ((8, 7, 7, 128), 128),
            ]
        ),
    ],
)
def test_rounding_errors_are_about_those_of_the_stock_convolution(shape, features, positive):
    x, kernel = draw(shape, (3, 3, shape[3], features))
    x = jnp.maximum(x, 0) if positive else x
    with jax.enable_x64(True):
        exact = value_and_gradients(stock, x.astype(jnp.float64), kernel.astype(jnp.float64))
        exact = [np.asarray(a) for a in exact]

    def errors(convolve):
        return [
            np.linalg.norm(np.asarray(got) - right) / np.linalg.norm(right)
            for got, right in zip(value_and_gradients(convolve, x, kernel), exact, strict=True)
        ]

    for ours, theirs in zip(errors(conv2d), errors(stock), strict=True):
        assert ours <= 2 * theirs + 1e-7


@pytest.mark.parametrize("shape", [(2, 8, 8, 16), pytest.param((2, 8, 8, 3), marks=slow)])
def test_bfloat16(shape):
    x, kernel = draw(shape, (3, 3, shape[3], 16), dtype=jnp.bfloat16)
    assert_same(value_and_gradients(conv2d, x, kernel), value_and_gradients(stock, x, kernel), 0.02)


@pytest.mark.parametrize("channels", [16, pytest.param(1, marks=slow)])
def test_under_jit_scan_and_vmap(channels):
    x, kernel = draw((3, 2, 8, 9, channels), (3, 3, channels, 16))

    def gradients(convolve, x):
        return jax.grad(lambda x, k: jnp.sum(jnp.sin(convolve(x, k))), (0, 1))(x, kernel)

    @functools.partial(jax.jit, compiler_options=QUICKLY)
    def run(x):
        parts = [gradients(stock, picture) for picture in x]
        scanned = lax.scan(lambda c, p: (c, gradients(conv2d, p)), 0, x)[1]
        mapped = jax.vmap(lambda p: gradients(conv2d, p))(x)
        return [jnp.stack(part) for part in zip(*parts, strict=True)], scanned, mapped

    expected, scanned, mapped = run(x)
    assert_same(scanned, expected)
    assert_same(mapped, expected)


def test_vmap_over_kernels():
    x, kernels = draw((2, 8, 8, 16), (3, 3, 3, 16, 16))
    got = jax.vmap(lambda k: conv2d(x, k))(kernels)
    assert_same([got], [jnp.stack([stock(x, k) for k in kernels])])


@pytest.mark.parametrize(
    "options", [{"rhs_dilation": (2, 2)}, {"lhs_dilation": (2, 1)}, {"feature_group_count": 2}]
)
def test_dilation_and_groups_are_the_stock_convolution(options):
    groups, border = options.get("feature_group_count", 1), ((1, 1), (2, 0))
    x, kernel = draw((2, 9, 9, 4), (3, 3, 4 // groups, 6))
    got = conv_general_dilated(x, kernel, (1, 1), border, dimension_numbers=NHWC, **options)
    np.testing.assert_array_equal(got, stock(x, kernel, padding=border, **options))


def test_other_layouts_and_dimensions_are_the_stock_convolution():
    x, kernel = draw((2, 4, 9, 9), (6, 4, 3, 3))
    np.testing.assert_array_equal(
        conv_general_dilated(x, kernel, (1, 1), "VALID"),
        lax.conv_general_dilated(x, kernel, (1, 1), "VALID"),
    )
    x, kernel = draw((2, 9, 4), (3, 4, 6))
    layout = ("NHC", "HIO", "NHC")
    np.testing.assert_array_equal(
        conv_general_dilated(x, kernel, (1,), "VALID", dimension_numbers=layout),
        lax.conv_general_dilated(x, kernel, (1,), "VALID", dimension_numbers=layout),
    )


@pytest.mark.parametrize("channels", [1, 32])
def test_layer_equals_the_layer_of_flax(channels):
    (x,) = draw((2, 11, 10, channels))
    layer = Conv(32, padding="SAME")
    params = jax.jit(layer.init)(jax.random.key(0), x)
    expected = jax.jit(nn.Conv(32, (3, 3), padding="SAME").apply)(params, x)
    got = jax.jit(layer.apply)(params, x)
    np.testing.assert_allclose(np.asarray(got), np.asarray(expected), atol=1e-5)


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
@pytest.mark.parametrize("channels", [1, 32])
def test_accelerators_get_exactly_the_stock_pattern(platform, channels):
    x, kernel = draw((2, 13, 13, channels), (3, 3, channels, 32))

    def convolutions(convolve):
        lowered = (
            jax.jit(with_gradients(convolve))
            .trace(x, kernel)
            .lower(lowering_platforms=(platform,))
            .as_text()
        )
        assert "dot_general" not in lowered
        # A line without the names of its operands: window, padding, layouts, shapes.
        lines = [line.split(") dim_numbers")[1:] for line in lowered.splitlines()]
        return sorted(line[0] for line in lines if line)

    ours = convolutions(conv2d)
    assert ours == convolutions(stock) and len(ours) == 3


@pytest.mark.parametrize(
    "shape, loop",
    [
        ((2, 30, 30, 16), True),
        *(
            pytest.param(shape, loop, marks=slow)
            for shape, loop in [
                ((2, 30, 30, 16), False),
                ((2, 60, 60, 3), True),
                ((2, 60, 60, 3), False),
            ]
        ),
    ],
)
def test_cpu_convolves_by_xlas_own_kernel_and_sums_by_products(shape, loop):
    """XLA uses neither its slow library nor its slow path in loops for the weight gradient."""
    x, kernel = draw(shape, (3, 3, shape[3], 32))

    def step(kernel, _=None):
        y, dx, d_kernel = with_gradients(conv2d)(x, kernel)
        return kernel + d_kernel, (y.sum(), dx.sum())

    run = (lambda k: lax.scan(step, k, None, length=2)) if loop else step
    lines = jax.jit(run).lower(kernel).compile().as_text().splitlines()
    convolutions = [line for line in lines if " convolution(" in line]
    assert len(convolutions) == 2  # forward and the picture's gradient
    assert all("b01f_01io->b01f" in line for line in convolutions)
    library = [line for line in lines if "ynn_fusion" in line]
    called = tuple(re.findall(r"calls=(%\S+?),", "\n".join(library)))
    bodies = "\n".join(lines).split("\n\n")
    assert not any(" convolution(" in body for body in bodies if body.startswith(called))


# (images, features), on both sides of each size at which another form takes over: edges of
# Winograd's algorithm and of the shifted sums, channels, edges of pairs of columns.
SEAMS = [
    *(((1, edge, edge + 3, 16), 16) for edge in (5, 6, 14, 15, 18, 19)),
    *(((1, 20, 20, channels), 16) for channels in (15, 16)),
    *(((1, edge, 52, 3), 16) for edge in (49, 50, 51)),
    *(((2, 9, 9, channels), features) for channels in (10, 11) for features in (31, 32)),
]


@slow
@pytest.mark.parametrize("shape, features", SEAMS)
def test_all_formulations_take_over_without_a_seam(shape, features):
    x, kernel = draw(shape, (3, 3, shape[3], features))
    assert_same(value_and_gradients(conv2d, x, kernel), value_and_gradients(stock, x, kernel))


@pytest.mark.parametrize(
    "shape, kernel_shape, sentence",
    [
        ((8, 8, 3), (3, 3, 3, 4), "takes images"),
        ((2, 8, 8, 3), (3, 3, 4), "takes images"),
        ((2, 8, 8, 3), (3, 3, 1, 4), "3 channels, but the kernel is for 1"),
        ((2, 2, 8, 3), (3, 3, 3, 4), "does not fit"),
    ],
)
def test_shapes_that_do_not_fit_are_explained(shape, kernel_shape, sentence):
    with pytest.raises(ValueError, match=sentence):
        conv2d(jnp.zeros(shape), jnp.zeros(kernel_shape))


def test_a_layer_explains_pictures_without_a_channel_axis():
    flat = jnp.zeros((1, 28, 28))
    with pytest.raises(ValueError, match=r"pictures of 1×28 pixels.*\(batch, height, width"):
        Conv(4).init(jax.random.key(0), flat)
