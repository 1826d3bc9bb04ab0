"""The course's models have exactly the shapes and parameter counts that the lessons state."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

import lib
from lib.nn import layers

PICTURE = (1, 28, 28, 1)


@pytest.mark.parametrize(
    ("model", "shape", "params"),
    [
        (lib.LinearRegression(), (1, 1), 2),
        (lib.celsius_net(), (1, 1), 8 + 20 + 5),
        (lib.fashion_dense(), PICTURE, 101_770),
        (lib.mnist_dense(), PICTURE, 407_050),
        (lib.fashion_cnn(), PICTURE, 243_786),
        (lib.same_cnn(), PICTURE, 421_642),
        (lib.one_conv_cnn(), PICTURE, 693_962),
    ],
)
def test_parameter_counts_are_those_of_the_course(model, shape, params):
    assert lib.count_params(model, shape) == params
    real = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros(shape))["params"]
    assert sum(leaf.size for leaf in jax.tree.leaves(real)) == params


PHOTOGRAPH = (1, 150, 150, 3)

# At full resolution these are only counted, not drawn: the first alone would take 160 MB.
ON_PICTURES = [
    (lib.horse_or_human(), (1, 300, 300, 3), 40_165_409),
    (lib.horse_or_human(), PHOTOGRAPH, 9_494_561),
    (lib.happy_or_sad(), PHOTOGRAPH, 4_750_337),
    (lib.cats_and_dogs(), PHOTOGRAPH, 3_453_634),
    (lib.cats_and_dogs(dropout=0.5), PHOTOGRAPH, 3_453_634),
    (lib.cats_and_dogs(outputs=1), PHOTOGRAPH, 3_453_121),
    (lib.rock_paper_scissors(), PHOTOGRAPH, 3_473_475),
    (lib.sign_letters(), PICTURE, 245_850),
    (lib.sign_letters(classes=24), PICTURE, 245_592),
    (lib.flowers_baseline(), PHOTOGRAPH, 9_496_613),
]


@pytest.mark.parametrize(("model", "shape", "params"), ON_PICTURES)
def test_parameter_counts_on_pictures_are_those_of_the_course(model, shape, params):
    assert lib.count_params(model, shape) == params
    summary = lib.summary(model, shape)
    assert summary.total == params == sum(row.params for row in summary.rows)
    # Neither the batch nor training mode changes anything.
    assert lib.count_params(model, (7, *shape[1:])) == params


@pytest.mark.parametrize(
    ("model", "shape", "layers"),
    [
        (
            lib.horse_or_human(),
            (1, 300, 300, 3),
            [(298, 298, 16), (149, 149, 16), (147, 147, 32), (73, 73, 32), (71, 71, 64)]
            + [(35, 35, 64), (78_400,), (512,), (1,)],
        ),
        (
            lib.happy_or_sad(),
            PHOTOGRAPH,
            [(148, 148, 16), (74, 74, 16), (72, 72, 32), (36, 36, 32), (34, 34, 32)]
            + [(17, 17, 32), (9_248,), (512,), (1,)],
        ),
        (
            lib.cats_and_dogs(),
            PHOTOGRAPH,
            [(148, 148, 32), (74, 74, 32), (72, 72, 64), (36, 36, 64), (34, 34, 128)]
            + [(17, 17, 128), (15, 15, 128), (7, 7, 128), (6_272,), (512,), (2,)],
        ),
        (
            lib.rock_paper_scissors(),
            PHOTOGRAPH,
            [(148, 148, 64), (74, 74, 64), (72, 72, 64), (36, 36, 64), (34, 34, 128)]
            + [(17, 17, 128), (15, 15, 128), (7, 7, 128), (7, 7, 128), (6_272,), (512,), (3,)],
        ),
        (
            lib.sign_letters(),
            PICTURE,
            [(26, 26, 64), (13, 13, 64), (11, 11, 64), (5, 5, 64), (1_600,), (128,), (26,)],
        ),
        (
            lib.flowers_baseline(),
            PHOTOGRAPH,
            [(148, 148, 16), (74, 74, 16), (72, 72, 32), (36, 36, 32), (34, 34, 64)]
            + [(17, 17, 64), (18_496,), (512,), (5,)],
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else None,
)
def test_layers_on_pictures_are_those_of_the_course(model, shape, layers):
    assert [row.output_shape[1:] for row in lib.summary(model, shape).rows] == layers


def test_dropout_stands_before_the_flattening_and_holds_no_parameters():
    names = [row.name for row in lib.summary(lib.cats_and_dogs(0.5), PHOTOGRAPH).rows]
    assert names[-5:] == ["pool4", "dropout", "flatten", "dense", "logits"]
    plain = [row.name for row in lib.summary(lib.cats_and_dogs(), PHOTOGRAPH).rows]
    assert plain == [name for name in names if name != "dropout"]


def test_dropout_is_off_until_the_model_is_told_that_it_learns():
    model = lib.ConvClassifier((4,), hidden=6, classes=2, dropout=0.5)
    images = jax.random.uniform(jax.random.key(0), (3, 12, 12, 1))
    params = jax.jit(model.init)(jax.random.key(1), images)
    still = jax.jit(lib.ConvClassifier((4,), hidden=6, classes=2).apply)(params, images)
    assert jnp.array_equal(jax.jit(model.apply)(params, images), still)
    learn = jax.jit(lambda key: model.apply(params, images, train=True, rngs={"dropout": key}))
    learning = [learn(jax.random.key(seed)) for seed in (2, 2, 3)]
    assert jnp.array_equal(learning[0], learning[1])
    assert not jnp.allclose(learning[0], still) and not jnp.allclose(learning[0], learning[2])


def test_the_fashion_cnn_has_the_layers_of_the_course():
    rows = [
        (row.name, row.output_shape[1:], row.params) for row in lib.summary(lib.fashion_cnn()).rows
    ]
    assert rows == [
        ("conv1", (26, 26, 64), 640),
        ("pool1", (13, 13, 64), 0),
        ("conv2", (11, 11, 64), 36_928),
        ("pool2", (5, 5, 64), 0),
        ("flatten", (1600,), 0),
        ("dense", (128,), 204_928),
        ("logits", (10,), 1_290),
    ]


def test_the_same_cnn_keeps_the_size_until_it_pools():
    shapes = [row.output_shape[1:] for row in lib.summary(lib.same_cnn()).rows]
    assert shapes[:5] == [(28, 28, 32), (14, 14, 32), (14, 14, 64), (7, 7, 64), (3136,)]


def test_the_summary_is_a_table_with_a_total():
    text = str(lib.summary(lib.fashion_cnn()))
    assert "conv2 (Conv)" in text and "(11, 11, 64)" in text and "36,928" in text
    assert text.splitlines()[-1].split() == ["Total", "243,786"]


def test_the_summary_needs_no_memory_for_parameters():
    rows = lib.summary(lib.DenseClassifier(hidden=10**9), (1, 10**5))
    assert rows.total == (10**5 + 1) * 10**9 + (10**9 + 1) * 10


def test_the_summary_reads_models_of_plain_flax_with_nested_modules():
    class Block(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.relu(nn.Dense(7, name="inner")(x))

    class Nested(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(2, name="out")(Block(name="block")(x))

    summary = lib.summary(Nested(), (1, 5))
    assert [(r.name, r.output_shape, r.params) for r in summary.rows] == [
        ("block/inner", (1, 7), 42),
        ("out", (1, 2), 16),
    ]
    assert summary.total == 58


def test_activations_are_what_each_layer_puts_out_after_relu():
    model = lib.ConvClassifier((4,), hidden=6)
    images = jax.random.uniform(jax.random.key(0), (3, 12, 12, 1))
    params = jax.jit(model.init)(jax.random.key(1), images)["params"]
    found = lib.activations(model, params, images)
    assert list(found) == ["conv1", "pool1", "flatten", "dense", "logits"]

    by_hand = {}
    x = jax.lax.conv_general_dilated(
        images,
        params["conv1"]["kernel"],
        (1, 1),
        "VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    by_hand["conv1"] = x = jnp.maximum(x + params["conv1"]["bias"], 0)
    by_hand["pool1"] = x = nn.max_pool(x, (2, 2), (2, 2))
    by_hand["flatten"] = x = x.reshape(3, -1)
    by_hand["dense"] = x = jnp.maximum(x @ params["dense"]["kernel"] + params["dense"]["bias"], 0)
    by_hand["logits"] = x @ params["logits"]["kernel"] + params["logits"]["bias"]
    for name, value in by_hand.items():
        assert jnp.allclose(found[name], value, atol=1e-5), name


@pytest.mark.slow
def test_the_order_that_training_computes_in_changes_neither_outputs_nor_gradients():
    model = lib.ConvClassifier((8, 16), hidden=6, padding="SAME")
    images = jax.random.normal(jax.random.key(0), (5, 13, 13, 2))
    initialise = jax.jit(model.init, static_argnames="train")
    params = initialise(jax.random.key(1), images)["params"]
    learning = initialise(jax.random.key(1), images, train=True)["params"]
    assert jax.tree.all(jax.tree.map(jnp.array_equal, params, learning))
    params = jax.tree.map(lambda p: p + 0.1 * jax.random.normal(jax.random.key(2), p.shape), params)

    @functools.partial(jax.jit, static_argnames="train")
    def outputs(params, images, train):
        return model.apply({"params": params}, images, train=train)

    def loss(params, images, train):
        return jnp.sin(outputs(params, images, train)).sum()

    assert jnp.array_equal(outputs(params, images, True), outputs(params, images, False))
    gradients = jax.jit(
        jax.grad(loss, (0, 1)),
        static_argnums=2,
        compiler_options={"xla_backend_optimization_level": 0},
    )
    ours, plain = (gradients(params, images, train) for train in (True, False))
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        assert jnp.linalg.norm(other) > 0.01
        assert jnp.linalg.norm(one - other) < 1e-5 * jnp.linalg.norm(other)


def test_uint8_pictures_are_scaled_and_floats_are_left_alone():
    pixels = jnp.array([0, 51, 255], jnp.uint8)
    assert jnp.allclose(lib.as_input(pixels), jnp.array([0, 0.2, 1]))
    floats = jnp.array([0.5, 300.0])
    assert jnp.array_equal(lib.as_input(floats), floats)
    assert lib.as_input(jnp.array([3, 4])).dtype == jnp.float32


def test_dropout_draws_the_bits_of_flax_for_any_shape():
    for shape in ((7,), (4, 50), (20, 2, 3, 16)):
        inputs, key = jnp.ones(shape), jax.random.key(3)
        ours = layers.Dropout(0.3, deterministic=False).apply({}, inputs, rngs={"dropout": key})
        theirs = nn.Dropout(0.3, deterministic=False).apply({}, inputs, rngs={"dropout": key})
        np.testing.assert_array_equal(ours, theirs)
        assert 0 < float((ours == 0).mean()) < 1
    shared = layers.Dropout(0.5, broadcast_dims=(1,), deterministic=False)
    dropped = np.asarray(shared.apply({}, jnp.ones((30, 9)), rngs={"dropout": jax.random.key(0)}))
    assert (dropped == dropped[:, :1]).all() and len(np.unique(dropped)) == 2
