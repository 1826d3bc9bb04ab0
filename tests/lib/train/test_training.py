"""Training against a plain Python loop, and the promises of `fit`."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib
from lib.train import batches

# One object for all tests: compiled functions are kept per optimizer object.
ADAM = optax.adam(0.01)


@pytest.fixture(scope="module")
def blobs():
    """Three overlapping clouds of points, 100 examples: not a multiple of 32."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 100)
    points = rng.normal(size=(100, 5)) + 1.5 * np.eye(3, 5)[labels]
    return points.astype(np.float32), labels.astype(np.int32)


def classifier(optimizer=None, model=None, seed=0):
    model = model or lib.DenseClassifier(hidden=8, classes=3)
    optimizer = optimizer or ADAM
    return lib.create_state(model, optimizer, np.zeros((1, 5), np.float32), jax.random.key(seed))


def equal(a, b):
    return all(
        np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def by_hand(state, inputs, labels, batches):
    """The same descent in eager optax over the given batches; returns params and mean losses."""
    params, memory, losses = state.params, state.optimizer.init(state.params), []
    for rows in batches:

        def loss(params, rows=rows):
            logits = state.model.apply({"params": params}, inputs[rows])
            return -jnp.mean(jax.nn.log_softmax(logits)[jnp.arange(len(rows)), labels[rows]])

        value, gradients = jax.value_and_grad(loss)(params)
        updates, memory = state.optimizer.update(gradients, memory, params)
        params = optax.apply_updates(params, updates)
        losses.append(float(value))
    return params, losses


def test_fit_equals_a_plain_loop_with_a_short_last_batch(blobs):
    inputs, labels = blobs
    state = classifier()
    batches = [np.arange(start, min(start + 32, 100)) for start in range(0, 100, 32)]
    expected, losses = by_hand(state, inputs, labels, batches)
    trained, history = lib.fit(state, inputs, labels, shuffle=False, verbose=0)
    for a, b in zip(jax.tree.leaves(trained.params), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    # As in Keras, the epoch's loss is the mean over examples: the short batch weighs 4, not 32.
    mean = np.average(losses, weights=[32, 32, 32, 4])
    assert history["loss"] == [pytest.approx(mean, rel=1e-5)]
    assert int(trained.step) == 4


def test_train_step_equals_one_step_of_the_plain_loop(blobs):
    inputs, labels = blobs
    state = classifier(optax.sgd(0.1))
    expected, losses = by_hand(state, inputs, labels, [np.arange(100)])
    after, metrics = lib.train_step(state, (inputs, labels), jax.random.key(0))
    for a, b in zip(jax.tree.leaves(after.params), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert float(metrics["loss"]) == pytest.approx(losses[0], rel=1e-5)
    again, _ = lib.train_step(state, (inputs, labels), jax.random.key(0))
    assert equal(after.params, again.params)  # the state is still valid


def test_eval_step_and_evaluate_and_predict_agree(blobs):
    inputs, labels = blobs
    state = classifier()
    logits = lib.predict(state, inputs, batch_size=7)
    np.testing.assert_allclose(
        logits, state.model.apply({"params": state.params}, inputs), atol=1e-5
    )
    step = lib.eval_step(state.params, (inputs, labels), model=state.model)
    whole = lib.evaluate(state, inputs, labels, batch_size=7)
    assert whole["accuracy"] == pytest.approx(np.mean(logits.argmax(1) == labels))
    assert whole["accuracy"] == pytest.approx(float(step["accuracy"]))
    assert whole["loss"] == pytest.approx(float(step["loss"]), rel=1e-5)


def test_the_same_key_gives_the_same_bits_and_another_key_does_not(blobs):
    first, log1 = lib.fit(classifier(), *blobs, epochs=3, key=jax.random.key(5), verbose=0)
    second, log2 = lib.fit(classifier(), *blobs, epochs=3, key=jax.random.key(5), verbose=0)
    other, _ = lib.fit(classifier(), *blobs, epochs=3, key=jax.random.key(6), verbose=0)
    assert equal(first.params, second.params) and log1.logs == log2.logs
    assert not equal(first.params, other.params)


def test_chunks_of_steps_change_no_bit(blobs, monkeypatch):
    whole, _ = lib.fit(classifier(), *blobs, epochs=2, batch_size=4, verbose=0)
    monkeypatch.setattr(batches, "CHUNK_SECONDS", 1e-9)  # one step per dispatch
    monkeypatch.setattr(batches, "CHUNK_STEPS", 1)
    single, _ = lib.fit(classifier(), *blobs, epochs=2, batch_size=4, verbose=0)
    assert equal(whole.params, single.params)


def test_the_caller_keeps_the_state_it_gave(blobs):
    state = classifier()
    before = jax.tree.map(np.array, state.params)
    lib.fit(state, *blobs, verbose=0)
    assert equal(state.params, before)


def test_everything_compiles_exactly_once(blobs):
    # A model that no other test uses, so that its compilations can be counted.
    model = lib.DenseClassifier(hidden=11, classes=3)
    counts = lambda: [
        f._cache_size()
        for f in (
            batches.train_on_arrays,
            batches.measure_arrays,
            batches.epoch_order,
            lib.train_step,
        )
    ]
    before = counts()
    state = classifier(model=model)
    state, _ = lib.fit(state, *blobs, epochs=4, batch_size=33, validation=blobs, verbose=0)
    state, _ = lib.fit(state, *blobs, epochs=1, batch_size=33, validation=blobs, verbose=0)
    for _ in range(3):
        state, _ = lib.train_step(state, blobs, jax.random.key(0))
    after = counts()
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1, 1]


def test_shuffling_visits_every_example_once_and_anew_each_epoch():
    key = jax.random.key(0)
    orders = [
        np.asarray(batches.epoch_order(key, epoch, count=10, padded=12)) for epoch in range(3)
    ]
    for order in orders:
        assert sorted(order[:10]) == list(range(10))
    assert not np.array_equal(orders[0], orders[1])


def test_steps_per_epoch_shortens_the_epoch(blobs):
    state, history = lib.fit(
        classifier(), *blobs, epochs=3, batch_size=10, steps_per_epoch=4, verbose=0
    )
    assert int(state.step) == 12 and history.epochs == 3
    with pytest.raises(ValueError, match="10 steps"):
        lib.fit(classifier(), *blobs, batch_size=10, steps_per_epoch=11, verbose=0)


def test_uint8_pictures_train_as_their_scaled_floats():
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (40, 6, 6, 1), dtype=np.uint8)
    labels = rng.integers(0, 3, 40)
    model = lib.DenseClassifier(hidden=4, classes=3)

    def run(inputs):
        state = lib.create_state(model, optax.sgd(0.1), inputs, jax.random.key(0))
        return lib.fit(state, inputs, labels, epochs=2, verbose=0)[0].params

    for a, b in zip(
        jax.tree.leaves(run(pictures)),
        jax.tree.leaves(run(pictures.astype(np.float32) / 255)),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_regression_learns_the_line_of_the_first_lesson():
    x = np.arange(-1, 5, dtype=np.float32).reshape(-1, 1)
    y = 2 * x - 1
    state = lib.create_state(
        lib.LinearRegression(), optax.sgd(0.01), x, jax.random.key(0), loss=lib.squared_error
    )
    state, history = lib.fit(state, x, y, epochs=500, verbose=0)
    assert lib.predict(state, np.array([[10.0]]))[0, 0] == pytest.approx(19, abs=0.1)
    assert history.names == ("loss",) and history["loss"][-1] < 1e-3


class Dropped(nn.Module):
    """A dense net with dropout in training."""

    @nn.compact
    def __call__(self, x, train: bool = False):
        x = nn.Dropout(0.5, deterministic=not train)(nn.relu(nn.Dense(64)(x)))
        return nn.Dense(3)(x)


def test_dropout_is_drawn_anew_each_step_and_off_in_evaluation(blobs):
    state = classifier(optax.sgd(0.0), Dropped())
    first, m1 = lib.train_step(state, blobs, jax.random.key(1))
    _, m2 = lib.train_step(first, blobs, jax.random.key(1))  # same params, next step number
    _, m3 = lib.train_step(state, blobs, jax.random.key(1))
    assert float(m1["loss"]) != float(m2["loss"])
    assert float(m1["loss"]) == float(m3["loss"])
    np.testing.assert_array_equal(lib.predict(state, blobs[0]), lib.predict(state, blobs[0]))


def test_a_loss_that_is_no_number_stops_with_a_sentence(blobs):
    inputs, labels = blobs
    with pytest.raises(lib.TrainingDiverged, match="learning rate is too large") as caught:
        lib.fit(
            classifier(optax.sgd(1e30)), inputs * 1e10, labels, epochs=9, batch_size=10, verbose=0
        )
    assert caught.value.history.epochs < 9


def test_inputs_that_cannot_be_learnt_from_are_named(blobs):
    inputs = np.full((100, 5), np.nan, np.float32)
    with pytest.raises(lib.TrainingDiverged, match="infinite or not a number"):
        lib.fit(classifier(), inputs, blobs[1], verbose=0)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.full(100, 9), "range from 9 to 9.* 0 to 2, as the model has 3 outputs"),
        (np.full(100, 3), "range from 3 to 3"),
        (np.full(100, -1), "range from -1 to -1"),
        (np.array(["cat"] * 100), "not numbers but text, such as 'cat'.*return_inverse"),
        (["cat", "dog"] * 50, "such as 'cat'"),
        (np.array(["cat"] * 100, object), "such as 'cat'"),
        (np.array([b"cat"] * 100), "not numbers"),
    ],
)
def test_labels_that_cannot_be_right_are_refused_before_training(blobs, labels, sentence):
    inputs, right = blobs
    for call in (
        lambda: lib.fit(classifier(), inputs, labels, verbose=0),
        lambda: lib.fit(classifier(), inputs, right, validation=(inputs, labels), verbose=0),
        lambda: lib.evaluate(classifier(), inputs, labels),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()


def test_true_and_false_are_labels_as_good_as_1_and_0(blobs):
    inputs, labels = blobs
    of_bools, of_integers = (
        lib.fit(classifier(), inputs, (labels > 0).astype(kind), verbose=0)[1]["loss"]
        for kind in (bool, np.int64)
    )
    assert of_bools == of_integers


@pytest.mark.parametrize("size", [0, -1])
def test_evaluation_too_needs_a_batch(blobs, size):
    for use in (lib.evaluate, lambda state, x, _, size: lib.predict(state, x, size)):
        with pytest.raises(ValueError, match="batch_size must be 1 or more"):
            use(classifier(), *blobs, size)


def test_a_model_that_changes_its_own_variables_is_refused(blobs):
    class Normed(nn.Module):
        @nn.compact
        def __call__(self, x, *, train=False):
            return nn.Dense(3)(nn.BatchNorm(use_running_average=not train)(x))

    with pytest.raises(ValueError, match="BatchNorm"):
        lib.fit(classifier(model=Normed()), *blobs, verbose=0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": np.zeros(99, np.int32)}, "100 inputs but 99 labels"),
        ({"epochs": 0}, "1 or more"),
        ({"batch_size": 0}, "1 or more"),
        ({"verbose": 7}, "verbose"),
        ({"labels": np.zeros((100, 3), np.float32)}, "argmax"),
        ({"labels": np.zeros(100)}, "integer labels, but these are float32"),
        ({"labels": np.full(100, -1)}, "from -1 to -1, but softmax_cross_entropy takes 0 to"),
        ({"labels": None}, "no labels"),
        ({"validation": (np.zeros((9, 5), np.float32), np.zeros(8, int))}, "9 inputs but 8 labels"),
        (
            {"validation": (np.zeros((0, 5), np.float32), np.zeros(0, int))},
            "validation set is empty",
        ),
        ({"devices": []}, "devices is empty"),
    ],
)
def test_wrong_arguments_get_a_sentence(blobs, change, sentence):
    arguments = {"inputs": blobs[0], "labels": blobs[1], "verbose": 0} | change
    with pytest.raises(ValueError, match=sentence):
        lib.fit(classifier(), **arguments)


def test_a_metric_that_is_not_there_is_named(blobs):
    _, history = lib.fit(classifier(), *blobs, verbose=0)
    with pytest.raises(KeyError, match="accuracy"):
        history["val_loss"]
    assert "val_loss" not in history and "loss" in history


def test_lines_in_a_pipe_a_bar_on_demand_nothing_when_quiet(blobs, capsys):
    lib.fit(classifier(), *blobs, epochs=2, validation=blobs, verbose="auto")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("Epoch 2/2")
    assert "loss" in lines[0] and "val accuracy" in lines[0]
    lib.fit(classifier(), *blobs, epochs=2, verbose=0)
    assert capsys.readouterr().out == ""
    lib.fit(classifier(), *blobs, epochs=2, verbose=1)
    assert "Epoch 2/2" in capsys.readouterr().out


def test_many_epochs_are_told_in_few_lines(blobs, capsys):
    lib.fit(classifier(), *blobs, epochs=500, batch_size=100, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 60 and lines[-1].startswith("Epoch 500/500")
