"""What happens only in training: dropout and augmentation; and constants that never change."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn
from jax.extend.core import jaxprs_in_params

import lib

# A learning rate of 0 keeps the parameters, so two steps differ only in what is random.
STILL = optax.sgd(0.0)
LEARNING = optax.sgd(0.1)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (20, 8, 8, 1), np.uint8), rng.integers(0, 3, 20).astype(np.int32)


class Small(nn.Module):
    """One layer, quickly compiled."""

    dropout: float

    @nn.compact
    def __call__(self, images, train: bool = False):
        x = images.reshape(images.shape[0], -1)
        x = nn.Dropout(self.dropout, deterministic=not train)(x)
        return nn.Dense(3)(x)


def state_of(pictures, optimizer=STILL, augment=None, dropout=0.0):
    model = Small(dropout)
    return lib.create_state(model, optimizer, pictures[0], jax.random.key(0), augment=augment)


def equal(a, b):
    return all(
        np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def negative(key, images):
    return 1 - images


def dimmed(key, images):
    """Multiplies each picture by its own factor."""
    return images * jax.random.uniform(key, (images.shape[0], 1, 1, 1))


def ruined(key, images):
    return images * jnp.nan


def test_a_training_step_learns_from_the_augmented_pictures(pictures):
    images, labels = pictures
    key = jax.random.key(1)
    after, logs = lib.train_step(state_of(pictures, LEARNING, negative), pictures, key)
    by_hand = (1 - images.astype(np.float32) / 255, labels)
    expected, expected_logs = lib.train_step(state_of(pictures, LEARNING), by_hand, key)
    assert float(logs["loss"]) == pytest.approx(float(expected_logs["loss"]), rel=1e-6)
    for got, want in zip(
        jax.tree.leaves(after.params), jax.tree.leaves(expected.params), strict=True
    ):
        np.testing.assert_allclose(got, want, atol=1e-6)
    plain, plain_logs = lib.train_step(state_of(pictures, LEARNING), pictures, key)
    assert float(plain_logs["loss"]) != pytest.approx(float(logs["loss"]), rel=1e-3)


def test_augmentation_is_given_a_key_and_pictures_from_0_to_1(pictures):
    seen = []

    def looking(key, images):
        seen.append((key.dtype, images.dtype, images.shape))
        jax.debug.callback(lambda most: seen.append(float(most)), images.max())
        return images

    lib.train_step(state_of(pictures, augment=looking), pictures, jax.random.key(1))
    jax.effects_barrier()
    assert seen[0] == (jax.random.key(0).dtype, jnp.float32, (20, 8, 8, 1))
    assert seen[-1] == 1.0


def test_pictures_are_augmented_anew_in_every_step_and_the_same_for_the_same_key(pictures):
    state = state_of(pictures, augment=dimmed)
    key = jax.random.key(1)
    next_state, first = lib.train_step(state, pictures, key)
    assert equal(next_state.params, state.params)
    _, second = lib.train_step(next_state, pictures, key)
    _, other = lib.train_step(state, pictures, jax.random.key(2))
    _, again = lib.train_step(state, pictures, key)
    assert float(first["loss"]) == float(again["loss"])
    assert len({float(each["loss"]) for each in (first, second, other)}) == 3


def test_each_epoch_of_fit_augments_anew(pictures):
    _, history = lib.fit(
        state_of(pictures, augment=dimmed), *pictures, epochs=3, batch_size=8, shuffle=False,
        verbose=0,
    )  # fmt: skip
    assert len(set(history["loss"])) == 3
    _, plain = lib.fit(
        state_of(pictures), *pictures, epochs=2, batch_size=8, shuffle=False, verbose=0
    )
    assert plain["loss"][0] == pytest.approx(plain["loss"][1], rel=1e-6)


def test_fit_can_leave_the_pictures_as_they_are(pictures):
    """With the code that is compiled for augmentation: nothing is traced again."""
    traced = []

    def counted(key, images):
        traced.append(images.shape)
        return dimmed(key, images)

    options: dict[str, Any] = {"epochs": 2, "batch_size": 8, "verbose": 0}
    state = state_of(pictures, LEARNING, counted)
    still, history = lib.fit(state, *pictures, augment=False, **options)
    plain, expected = lib.fit(state_of(pictures, LEARNING), *pictures, **options)
    assert history["loss"] == pytest.approx(expected["loss"], rel=1e-6)
    for got, want in zip(jax.tree.leaves(still.params), jax.tree.leaves(plain.params), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-6)
    before = len(traced)
    _, history = lib.fit(state, *pictures, **options)
    assert history["loss"] != pytest.approx(expected["loss"], rel=1e-3)
    assert len(traced) == before > 0


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda key, images: images[:, 1:], r"float32 \(20, 7, 8, 1\)"),
        (lambda key, images: images.astype(jnp.bfloat16), "bfloat16 "),
    ],
)
def test_an_augmentation_that_gives_something_else_cannot_be_left_out(pictures, change, got):
    with pytest.raises(ValueError, match=rf"float32 \(20, 8, 8, 1\); this one returned {got}"):
        lib.fit(state_of(pictures, augment=change), *pictures, augment=False, verbose=0)


def test_evaluation_and_prediction_see_the_pictures_as_they_are(pictures):
    plain, augmented = state_of(pictures), state_of(pictures, augment=ruined)
    assert lib.evaluate(augmented, *pictures) == lib.evaluate(plain, *pictures)
    np.testing.assert_array_equal(
        lib.predict(augmented, pictures[0]), lib.predict(plain, pictures[0])
    )
    _, history = lib.fit(
        state_of(pictures, augment=dimmed), *pictures, validation=pictures, epochs=2, verbose=0
    )
    expected = lib.evaluate(plain, *pictures)["loss"]
    assert history["val_loss"] == [expected, expected]


def test_ruined_pictures_are_noticed_in_training(pictures):
    """The test above does not pass with an augmentation that is never called."""
    with pytest.raises(lib.TrainingDiverged):
        lib.fit(state_of(pictures, LEARNING, ruined), *pictures, verbose=0)


def test_dropout_is_drawn_anew_in_every_step_of_training_alone(pictures):
    state = state_of(pictures, dropout=0.5)
    key = jax.random.key(1)
    next_state, first = lib.train_step(state, pictures, key)
    _, second = lib.train_step(next_state, pictures, key)
    _, again = lib.train_step(state, pictures, key)
    assert float(first["loss"]) == float(again["loss"]) != float(second["loss"])
    plain = state_of(pictures)
    assert lib.evaluate(state, *pictures) == lib.evaluate(
        plain.replace(params=state.params), *pictures
    )
    step = lib.eval_step(state.params, pictures, model=state.model)
    assert float(step["loss"]) == pytest.approx(lib.evaluate(state, *pictures)["loss"], rel=1e-6)
    np.testing.assert_array_equal(lib.predict(state, pictures[0]), lib.predict(state, pictures[0]))


class Doubled(nn.Module):
    """Returns its input; in training, after dropout."""

    @nn.compact
    def __call__(self, inputs, train: bool = False):
        scale = self.param("scale", nn.initializers.ones, ())
        return scale * nn.Dropout(0.5, deterministic=not train)(inputs)


def test_dropout_keeps_half_and_doubles_it():
    inputs = np.ones((50, 40), np.float32)
    labels = np.zeros((50, 40), np.float32)
    state = lib.create_state(
        Doubled(), STILL, inputs, jax.random.key(0), loss=lambda outputs, _: outputs.mean(1)
    )
    _, logs = lib.train_step(state, (inputs, labels), jax.random.key(1))
    # 2,000 coins: the mean of 0 and 2 is 1, and its standard deviation 1/√2000 = 0.022.
    assert float(logs["loss"]) == pytest.approx(1, abs=0.13)
    assert float(logs["loss"]) * 1000 == pytest.approx(round(float(logs["loss"]) * 1000), abs=0.01)
    assert lib.evaluate(state, inputs, labels)["loss"] == 1


def test_training_with_dropout_and_augmentation_gives_the_same_bits_for_the_same_key(pictures):
    state = state_of(pictures, LEARNING, dimmed, dropout=0.5)
    trained = [
        lib.fit(state, *pictures, epochs=2, batch_size=8, key=jax.random.key(seed), verbose=0)[0]
        for seed in (3, 3, 4)
    ]
    assert equal(trained[0].params, trained[1].params)
    assert not equal(trained[0].params, trained[2].params)


class Whitened(nn.Module):
    """Subtracts a mean that training never changes, then applies one neuron."""

    @nn.compact
    def __call__(self, inputs):
        mean = self.variable("statistics", "mean", lambda: jnp.full((2,), 3.0))
        return nn.Dense(1, name="dense")(inputs - mean.value)


def test_constants_are_used_and_never_trained():
    inputs = np.random.default_rng(0).normal(3, 1, (12, 2)).astype(np.float32)
    targets = (inputs[:, :1] - 3) * 2
    state = lib.create_state(
        Whitened(), LEARNING, inputs, jax.random.key(0), loss=lib.squared_error
    )
    np.testing.assert_array_equal(state.constants["statistics"]["mean"], [3, 3])
    trained, history = lib.fit(state, inputs, targets, epochs=30, batch_size=5, verbose=0)
    assert history["loss"][-1] < 0.1 * history["loss"][0]
    assert equal(trained.constants, state.constants)
    kernel, bias = (np.asarray(trained.params["dense"][name]) for name in ("kernel", "bias"))
    np.testing.assert_allclose(
        lib.predict(trained, inputs), (inputs - 3) @ kernel + bias, atol=1e-5
    )
    other = trained.replace(constants={"statistics": {"mean": jnp.zeros(2)}})
    np.testing.assert_allclose(lib.predict(other, inputs), inputs @ kernel + bias, atol=1e-5)
    found = lib.eval_step(
        trained.params, (inputs, targets), model=Whitened(), loss=lib.squared_error,
        constants=trained.constants,
    )  # fmt: skip
    assert float(found["loss"]) == pytest.approx(lib.evaluate(trained, inputs, targets)["loss"])


def test_a_training_goes_on_from_variables_that_are_given():
    inputs = np.zeros((1, 2), np.float32)
    variables = {
        "params": {"dense": {"kernel": jnp.array([[1.0], [2.0]]), "bias": jnp.array([5.0])}},
        "statistics": {"mean": jnp.array([-1.0, -10.0])},
    }
    state = lib.create_state(
        Whitened(), STILL, inputs, jax.random.key(0), lib.squared_error, variables=variables
    )
    np.testing.assert_allclose(lib.predict(state, inputs), [[1 + 20 + 5]])


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_training_computes_in_the_dtype_asked_for_and_keeps_float32(pictures, dtype):
    model = lib.ConvClassifier((4,), hidden=5, classes=3)
    state = lib.create_state(
        model, optax.adam(0.01), pictures[0], jax.random.key(0), compute_dtype=dtype
    )
    made = jax.make_jaxpr(lib.train_step)(state, pictures, jax.random.key(1))
    assert {v.aval.dtype.name for v in products(made.jaxpr)} == {dtype}

    before = lib.evaluate(state, *pictures)["loss"]
    trained, history = lib.fit(state, *pictures, epochs=30, verbose=0)
    kept = jax.tree.leaves((trained.params, trained.opt_state))
    assert {leaf.dtype.name for leaf in kept} == {"float32", "int32"}
    assert history["loss"][-1] < 0.9 * before
    assert lib.predict(trained, pictures[0]).dtype == np.float32


def products(jaxpr):
    """The results of all products of matrices and convolutions, also of inner functions."""
    for equation in jaxpr.eqns:
        if equation.primitive.name in ("dot_general", "conv_general_dilated"):
            yield from equation.outvars
        for inner in jaxprs_in_params(equation.params):
            yield from products(inner)


def test_bfloat16_takes_nearly_the_same_step_as_float32(pictures):
    gradients = []
    for dtype in (jnp.bfloat16, jnp.float32):
        state = lib.create_state(
            lib.ConvClassifier((4,), hidden=5, classes=3),
            optax.sgd(1.0),
            pictures[0],
            jax.random.key(0),
            compute_dtype=dtype,
        )
        after, _ = lib.train_step(state, pictures, jax.random.key(1))
        flat = [
            jnp.ravel(a - b)
            for a, b in zip(*map(jax.tree.leaves, (after.params, state.params)), strict=True)
        ]
        gradients.append(jnp.concatenate(flat))
    narrow, wide = gradients
    error = jnp.linalg.norm(narrow - wide) / jnp.linalg.norm(wide)
    assert 1e-5 < error < 0.05


def test_a_dtype_that_needs_a_scaled_loss_is_refused(pictures):
    with pytest.raises(ValueError, match="float32 or bfloat16; got float16"):
        lib.create_state(
            Small(0.0), STILL, pictures[0], jax.random.key(0), compute_dtype=jnp.float16
        )


def test_a_state_can_be_made_inside_a_compiled_function(pictures):
    images, _ = pictures

    def params(key):
        return lib.create_state(lib.mnist_dense(), optax.sgd(0.1), images, key).params

    outside = params(jax.random.key(3))
    for inside in (
        jax.jit(params)(jax.random.key(3)),
        jax.jit(lambda: params(jax.random.key(3)))(),
    ):
        jax.tree.map(np.testing.assert_array_equal, outside, inside)
    several = jax.vmap(params)(jax.random.split(jax.random.key(0), 2))
    assert several["logits"]["bias"].shape == (2, 10)
