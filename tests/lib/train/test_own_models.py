"""Users' models: how they learn that they are training, their inputs and outputs, and refusals."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn
from flax import nnx

import lib
from lib.train.steps import apply_model

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(24, 6)).astype(np.float32)
LABELS = RNG.integers(0, 3, 24).astype(np.int32)


def start(model, inputs=INPUTS):
    return lib.create_state(model, optax.adam(0.01), inputs, jax.random.key(0))


def named(name, default=inspect.Parameter.empty):
    """A model with an argument of that name, which decides whether its dropout runs."""
    off = name in ("deterministic", "inference", "eval", "use_running_average")

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x, **mode):
            learns = mode[name] != off
            return nn.Dropout(0.5, deterministic=not learns)(nn.Dense(50)(x))

    kind = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.signature(lambda self, x: None)
    parameters = [*signature.parameters.values(), inspect.Parameter(name, kind, default=default)]
    Net.__call__.__signature__ = signature.replace(parameters=parameters)
    return Net()


@pytest.mark.parametrize(
    "name",
    [
        *("training", "is_training", "deterministic"),
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("train", "inference", "eval", "train_mode", "use_running_average")
        ),
    ],
)
def test_dropout_runs_while_learning_whatever_its_argument_is_called(name):
    state = start(named(name))
    learning = apply_model(state.model, state.params, INPUTS, key=jax.random.key(0))
    assert 0.3 < np.mean(np.asarray(learning) == 0) < 0.7
    assert not (lib.predict(state, INPUTS) == 0).any()


class Hidden(nn.Module):
    """A dropout that never learns when to run."""

    said: str = "argument"

    @nn.compact
    def __call__(self, x, dropping=False):
        x = nn.Dense(3)(x)
        if self.said == "argument":
            return nn.Dropout(0.5)(x, deterministic=not dropping)
        if self.said == "position":
            return nn.Dropout(0.5)(x, True)
        if self.said == "attention":
            x = nn.MultiHeadDotProductAttention(1, dropout_rate=0.5, deterministic=True)(x[:, None])
            return x[:, 0]
        return nn.Dropout(0.5, deterministic=True)(x)


@pytest.mark.parametrize(
    "model",
    [
        Hidden("argument"),
        Hidden("position"),
        Hidden("attention"),
        pytest.param(Hidden("field"), marks=pytest.mark.slow),
        nn.Sequential([nn.Dense(3), nn.Dropout(0.5, deterministic=True)]),
        pytest.param(
            nn.Sequential([nn.Dense(3), lib.nn.layers.Dropout(0.5, deterministic=True)]),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_dropout_that_never_runs_is_refused(model):
    with pytest.raises(ValueError, match="dropout layer in .* never runs.*train=False"):
        lib.fit(start(model), INPUTS, LABELS, verbose=0)


class Block(nn.Module):
    @nn.compact
    def __call__(self, x, deterministic=True):
        return nn.Dropout(0.5)(nn.Dense(3)(x), deterministic=deterministic)


class Outer(nn.Module):
    """A model that may not pass the argument on to its inner block."""

    said: str = "nothing"

    @nn.compact
    def __call__(self, x, Training=False):
        if self.said == "nothing":
            return Block(name="block")(x)
        if self.said == "constant":
            return nn.Sequential([nn.Dense(3), nn.Dropout(0.5, deterministic=True)], name="s")(x)
        return Block()(x, not Training)


@pytest.mark.parametrize(
    ("said", "where"), [("nothing", "block/Dropout_0"), ("constant", "Dropout_0")]
)
def test_a_dropout_that_is_not_told_by_the_model_around_it_is_named(said, where):
    with pytest.warns(UserWarning, match=f"dropout layer {where} does not run.*pass Training on"):
        apply_model(Outer(said), start(Outer(said)).params, INPUTS, key=jax.random.key(0))


def test_one_that_is_told_runs():
    model = Outer("argument")
    assert (apply_model(model, start(model).params, INPUTS, key=jax.random.key(0)) == 0).any()


class ByHand(nn.Module):
    called: str = "dropout"

    @nn.compact
    def __call__(self, x, learning=False):
        if learning or self.called != "dropout":
            x = x * jax.random.bernoulli(self.make_rng(self.called), 0.5, x.shape)
        return nn.Dense(3)(x)


def test_an_argument_that_may_say_so_under_another_name_is_named():
    model = ByHand()
    with pytest.warns(UserWarning, match="keeps learning at its default.*train"):
        apply_model(model, start(model).params, INPUTS, key=jax.random.key(0))


def test_random_numbers_of_another_name_are_named():
    model = ByHand("noise")
    for key, words in (
        (jax.random.key(0), "but training provides only"),
        (None, "only if"),
    ):
        with pytest.raises(
            ValueError, match=f'called "noise".*{words}.*make_rng|make_rng.*{words}'
        ):
            apply_model(model, start(model).params, INPUTS, key=key)


def test_a_dropout_that_would_drop_nothing_is_not():
    model = nn.Sequential([nn.Dense(3), nn.Dropout(0.0, deterministic=True)])
    lib.fit(start(model), INPUTS, LABELS, verbose=0)


def test_a_dropout_that_is_always_on_is_named_in_evaluation():
    state = start(nn.Sequential([nn.Dense(3), nn.Dropout(0.5, deterministic=False)]))
    for call in (
        lambda: lib.fit(state, INPUTS, LABELS, verbose=0, validation=(INPUTS, LABELS)),
        lambda: lib.predict(state, INPUTS),
        lambda: lib.evaluate(state, INPUTS, LABELS),
    ):
        with pytest.raises(
            ValueError, match="asks for random numbers.*but evaluation provides none"
        ):
            call()


class Attention(nn.Module):
    """A model made in `setup`, with parameter names in PyTorch's style."""

    heads: int
    dropout: float

    def setup(self):
        self.attn = nn.MultiHeadDotProductAttention(self.heads, dropout_rate=self.dropout)
        self.norm1, self.norm2 = nn.LayerNorm(), nn.LayerNorm()
        self.mlp = [nn.Dense(32), nn.Dense(16)]
        self.drop = nn.Dropout(self.dropout)

    def __call__(self, x, is_training):
        y = self.norm1(x)
        x = x + self.attn(y, y, deterministic=not is_training)
        y = self.mlp[1](nn.gelu(self.mlp[0](self.norm2(x))))
        return x + self.drop(y, deterministic=not is_training)


class Transformer(nn.Module):
    """A vision transformer: patches, a class token, positions, blocks; not the course's style."""

    depth: int = 1
    classes: int = 3

    def setup(self):
        self.patches = nn.Conv(16, (4, 4), strides=4, padding="VALID")
        self.blocks = [Attention(2, 0.1) for _ in range(self.depth)]
        self.cls = self.param("cls", nn.initializers.zeros, (1, 1, 16))
        self.places = self.param("places", nn.initializers.normal(0.02), (1, 5, 16))
        self.head = nn.Dense(self.classes)

    def __call__(self, images, is_training: bool):
        x = self.patches(images).reshape(images.shape[0], -1, 16)
        x = jnp.concatenate([jnp.tile(self.cls, (len(x), 1, 1)), x], axis=1) + self.places
        for block in self.blocks:
            x = block(x, is_training)
        return self.head(x[:, 0])


@pytest.mark.slow
def test_a_transformer_in_another_style_is_listed_trained_saved_loaded_and_used(tmp_path):
    images = RNG.integers(0, 256, (40, 8, 8, 3)).astype(np.uint8)
    labels = (images[..., 0].mean((1, 2)) > images[..., 1].mean((1, 2))).astype(np.int32)
    model = Transformer(classes=2)
    summary = lib.summary(model, (1, 8, 8, 3))
    assert summary.loose == {"cls": (1, 1, 16), "places": (1, 5, 16)}
    assert summary.total == sum(row.params for row in summary.rows) + 96
    assert "places (parameter)" in str(summary)
    state = start(model, images)
    assert lib.count_params(model, (1, 8, 8, 3)) == sum(
        leaf.size for leaf in jax.tree.leaves(state.params)
    )
    trained, history = lib.fit(
        state, images, labels, epochs=40, batch_size=8, validation=(images, labels), verbose=0
    )
    assert history["val_loss"][-1] < 0.6 * history["val_loss"][0]
    path = tmp_path / "transformer.safetensors"
    lib.save_model(path, model, trained.params, ("green", "red"), (8, 8, 3))
    kept = lib.load_model(path, model=Transformer(classes=2))
    np.testing.assert_array_equal(lib.predict(kept, images), lib.predict(trained, images))
    lib.save_params(tmp_path / "weights.npz", trained.params)
    again = lib.load_params(tmp_path / "weights.npz", like=state.params)
    np.testing.assert_array_equal(
        lib.predict(state.replace(params=again), images), lib.predict(trained, images)
    )
    seen = lib.activations(model, trained.params, images[:2])
    assert seen["head"].shape == (2, 2) and seen["blocks_0/mlp_0"].shape == (2, 5, 32)


class TwoIn(nn.Module):
    @nn.compact
    def __call__(self, image, numbers, training):
        x = nn.Conv(4, (3, 3), name="conv")(image).mean((1, 2))
        x = jnp.concatenate([x, nn.Dense(2, name="dense")(numbers)], axis=-1)
        x = nn.Dropout(0.5)(x, deterministic=not training)
        return {"what": nn.Dense(10, name="what")(x), "where": nn.Dense(4, name="where")(x)}


def test_the_summary_of_a_net_of_two_inputs_and_two_outputs():
    summary = lib.summary(TwoIn(), [(1, 8, 8, 1), (1, 5)])
    assert [(row.name, row.output_shape, row.params) for row in summary.rows if row.params] == [
        ("conv", (1, 8, 8, 4), 40),
        ("dense", (1, 2), 12),
        ("what", (1, 10), 70),
        ("where", (1, 4), 28),
    ]
    assert summary.outputs == {"what": (1, 10), "where": (1, 4)} and summary.total == 150
    assert "output where" in str(summary)
    init = jax.jit(TwoIn().init, static_argnums=3)
    params = init(jax.random.key(0), jnp.ones((1, 8, 8, 1)), jnp.ones((1, 5)), False)
    seen = lib.activations(TwoIn(), params["params"], (np.ones((3, 8, 8, 1)), np.ones((3, 5))))
    assert seen["conv"].shape == (3, 8, 8, 4)


class Words(nn.Module):
    @nn.compact
    def __call__(self, tokens, image):
        recurrent = nn.RNN(nn.LSTMCell(4), return_carry=True)
        carry, _ = recurrent(nn.Embed(9, 3)(tokens))
        return nn.Dense(2)(carry[1]), image.mean()


@pytest.mark.parametrize("dtype", [(jnp.int32, jnp.float32), [jnp.int32, jnp.uint8]])
def test_inputs_may_be_of_several_types(dtype):
    summary = lib.summary(Words(), ((1, 7), (1, 4, 4, 1)), dtype)
    assert summary.outputs == {"0": (1, 2), "1": ()}
    assert summary.total == 27 + 3 * 16 + 4 * 16 + 16 + 10
    assert lib.count_params(Words(), ((1, 7), (1, 4, 4, 1)), dtype) == summary.total


def test_as_many_types_as_inputs():
    with pytest.raises(ValueError, match="2 inputs but 3 dtypes"):
        lib.summary(Words(), ((1, 7), (1, 4, 4, 1)), [jnp.int32] * 3)


def test_a_model_of_several_outputs_predicts_them_and_is_refused_by_fit_and_evaluate():
    class Two(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(3)(x), nn.Dense(1)(x)

    many = np.concatenate([INPUTS] * 8)
    classes, numbers = lib.predict(start(Two()), many)
    assert classes.shape == (192, 3) and numbers.shape == (192, 1)
    np.testing.assert_array_equal(classes[:24], classes[-24:])
    for call in (lib.fit, lib.evaluate):
        with pytest.raises(ValueError, match="Two returns tuple, but a loss takes one array"):
            call(start(Two()), INPUTS, LABELS)


class OfNnx(nnx.Module):
    def __init__(self, rngs):
        self.linear = nnx.Linear(6, 3, rngs=rngs)

    def __call__(self, x):
        return self.linear(x)


@pytest.mark.parametrize(
    "call",
    [
        lambda model: start(model),
        lambda model: lib.summary(model, (1, 6)),
        lambda model: lib.activations(model, {}, INPUTS),
        lambda model: lib.save_model("never.npz", model, {}, list("abc"), (1, 1, 6)),
    ],
)
@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (OfNnx(nnx.Rngs(0)), "OfNnx is a module of Flax NNX.*ToLinen"),
        (OfNnx, "OfNnx is a module of Flax NNX"),
        (nnx.Sequential(nnx.Linear(6, 3, rngs=nnx.Rngs(0))), "Sequential is a module of Flax NNX"),
        (Transformer, r"Transformer is a class, not yet a model: write Transformer\(…\)"),
        (lambda x: x, "this is a function"),
    ],
)
def test_what_is_no_linen_model_gets_a_sentence(call, model, sentence):
    with pytest.raises(TypeError, match=sentence):
        call(model)


@pytest.mark.slow
def test_the_wrapper_that_the_sentence_names_makes_a_model_of_it():
    state = start(nnx.bridge.ToLinen(OfNnx))
    _, history = lib.fit(state, INPUTS, LABELS, epochs=9, verbose=0)
    assert history["loss"][-1] < history["loss"][0]
