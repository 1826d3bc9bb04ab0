"""The course's networks and trainings against Keras: same weights, same batches, same numbers.

Keras runs on its JAX backend, so TensorFlow is not needed. The layers, losses, metrics, optimizers
and the training loop on the other side are Keras's own.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"  # read once, when keras is imported

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lib

keras = pytest.importorskip("keras", reason="keras is the oracle here: pip install -e '.[dev]'")

if keras.backend.backend() != "jax":
    pytest.skip("keras was imported before with another backend", allow_module_level=True)


def keras_classifier(
    channels: tuple[int, ...],
    hidden: int,
    padding: str,
    edge: int = 28,
    input_channels: int = 1,
    outputs: int = 10,
    dropout: float = 0.0,
):
    layers = [keras.Input((edge, edge, input_channels))]
    for count in channels:
        layers += [
            keras.layers.Conv2D(count, 3, padding=padding, activation="relu"),
            keras.layers.MaxPooling2D(2),
        ]
    if dropout:
        layers.append(keras.layers.Dropout(dropout))
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dense(hidden, activation="relu"),
        keras.layers.Dense(outputs),
    ]
    return keras.Sequential(layers)


CLASSIFIERS = {
    "mnist_dense": (lib.mnist_dense, (), 512, "valid"),
    "fashion_dense": (lib.fashion_dense, (), 128, "valid"),
    "fashion_cnn": (lib.fashion_cnn, (64, 64), 128, "valid"),
    "same_cnn": (lib.same_cnn, (32, 64), 128, "same"),
    "one_conv_cnn": (lib.one_conv_cnn, (32,), 128, "valid"),
}


def random_params(model, inputs, seed: int = 0):
    """Parameters as `init` draws them, but no bias is zero: a forgotten bias must show."""
    params = jax.jit(model.init)(jax.random.key(seed), inputs)["params"]
    rng = np.random.default_rng(seed)
    return jax.tree.map(
        lambda leaf: leaf + rng.normal(0, 0.05, leaf.shape).astype(np.float32), params
    )


def start(model, optimizer, params, loss=lib.softmax_cross_entropy):
    """A state with these parameters; none are drawn, so neither sample nor key matters."""
    nothing, key = np.zeros((1, 1)), jax.random.key(0)
    return lib.create_state(model, optimizer, nothing, key, loss, variables={"params": params})


def give_weights(net, params) -> None:
    """Puts our parameters into a Keras net: both keep kernel and bias layer by layer, in order."""
    layers = [layer for layer in net.layers if layer.weights]
    assert len(layers) == len(params)
    for layer, name in zip(layers, params, strict=True):
        layer.set_weights([np.asarray(params[name]["kernel"]), np.asarray(params[name]["bias"])])


def weights_of(net) -> list[np.ndarray]:
    # Not `get_weights()`: that asks NumPy in a way it warns about.
    return [np.asarray(weight.value) for layer in net.layers for weight in layer.weights]


def flat(params) -> list[np.ndarray]:
    return [np.asarray(params[name][part]) for name in params for part in ("kernel", "bias")]


@pytest.fixture
def pictures():
    return np.random.default_rng(1).integers(0, 256, (5, 28, 28, 1), np.uint8)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("fashion_dense", "same_cnn") else pytest.mark.slow)
        for name in CLASSIFIERS
    ],
)
def test_logits_and_summary_equal_those_of_keras_with_the_same_weights(name, pictures):
    make, channels, hidden, padding = CLASSIFIERS[name]
    net = keras_classifier(channels, hidden, padding)
    params = random_params(make(), lib.as_input(pictures))
    give_weights(net, params)
    state = start(make(), optax.sgd(0.1), params)
    expected = net.predict(pictures.astype(np.float32) / 255, verbose=0)
    got = lib.predict(state, pictures)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(got, expected, atol=2e-5, rtol=1e-5)
    rows = lib.summary(make(), (1, 28, 28, 1)).rows
    assert [tuple(row.output_shape[1:]) for row in rows] == [
        tuple(layer.output.shape[1:]) for layer in net.layers
    ]
    assert [row.params for row in rows] == [layer.count_params() for layer in net.layers]
    assert lib.count_params(make(), (1, 28, 28, 1)) == net.count_params()


# Three poolings need 22 pixels at least, four need 46.
ON_PICTURES = {
    "horse_or_human": (lib.horse_or_human(), (16, 32, 64), 24, 1, 0.0),
    "happy_or_sad": (lib.happy_or_sad(), (16, 32, 32), 25, 1, 0.0),
    "cats_and_dogs": (lib.cats_and_dogs(), (32, 64, 128, 128), 47, 2, 0.0),
    "cats_and_dogs_one_output": (
        lib.cats_and_dogs(dropout=0.5, outputs=1), (32, 64, 128, 128), 46, 1, 0.5,
    ),
    "rock_paper_scissors": (lib.rock_paper_scissors(), (64, 64, 128, 128), 48, 3, 0.5),
    "flowers": (lib.flowers_baseline(), (16, 32, 64), 26, 5, 0.0),
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "cats_and_dogs_one_output" else pytest.mark.slow)
        for name in ON_PICTURES
    ],
)
def test_nets_on_pictures_are_those_of_keras_and_dropout_is_off_at_test_time(name):
    model, channels, edge, outputs, dropout = ON_PICTURES[name]
    net = keras_classifier(channels, 512, "valid", edge, 3, outputs, dropout)
    pictures = np.random.default_rng(1).integers(0, 256, (5, edge, edge, 3), np.uint8)
    params = random_params(model, lib.as_input(pictures))
    give_weights(net, params)
    state = start(model, optax.sgd(0.1), params)
    expected = net.predict(pictures.astype(np.float32) / 255, verbose=0)
    assert np.abs(expected).max() > 0.1
    got = lib.predict(state, pictures)
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=1e-4)
    rows = lib.summary(model, (1, edge, edge, 3)).rows
    assert [tuple(row.output_shape[1:]) for row in rows] == [
        tuple(layer.output.shape[1:]) for layer in net.layers
    ]
    assert [row.params for row in rows] == [layer.count_params() for layer in net.layers]


@pytest.mark.slow
def test_sign_letters_are_classified_as_keras_classifies_them(pictures):
    net = keras_classifier((64, 64), 128, "valid", outputs=26)
    params = random_params(lib.sign_letters(), lib.as_input(pictures))
    give_weights(net, params)
    np.testing.assert_allclose(
        jax.jit(lib.sign_letters().apply)({"params": params}, lib.as_input(pictures)),
        net.predict(pictures.astype(np.float32) / 255, verbose=0),
        atol=1e-4,
    )
    assert net.count_params() == 245_850


@pytest.mark.parametrize("features", [(1,), (4, 4, 1)])
def test_regression_nets_predict_as_keras_does(features):
    model = lib.LinearRegression() if features == (1,) else lib.celsius_net()
    net = keras.Sequential([keras.Input((1,)), *(keras.layers.Dense(n) for n in features)])
    celsius = np.linspace(-1, 1, 7, dtype=np.float32)[:, None]
    params = random_params(model, celsius)
    give_weights(net, params)
    np.testing.assert_allclose(
        model.apply({"params": params}, celsius), net.predict(celsius, verbose=0), atol=1e-5
    )


def test_losses_equal_those_of_keras():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 5, (6, 10)).astype(np.float32)
    labels = rng.integers(0, 10, 6).astype(np.int32)
    np.testing.assert_allclose(
        lib.softmax_cross_entropy(jnp.asarray(logits), jnp.asarray(labels)),
        keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True),
        rtol=1e-5,
        atol=1e-6,
    )
    targets = rng.normal(0, 5, (6, 3)).astype(np.float32)
    np.testing.assert_allclose(
        lib.squared_error(jnp.asarray(logits[:, :3]), jnp.asarray(targets)),
        keras.losses.mean_squared_error(targets, logits[:, :3]),
        rtol=1e-5,
    )
    np.testing.assert_array_equal(
        lib.accuracy(jnp.asarray(logits), jnp.asarray(labels)),
        keras.metrics.sparse_categorical_accuracy(labels, logits),
    )


def test_losses_and_accuracies_with_one_output_equal_those_of_keras():
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 4, (40, 1)).astype(np.float32)
    labels = rng.integers(0, 2, 40).astype(np.int32)
    np.testing.assert_allclose(
        lib.sigmoid_cross_entropy(jnp.asarray(logits), jnp.asarray(labels)),
        keras.losses.binary_crossentropy(labels[:, None], logits, from_logits=True),
        rtol=1e-5,
        atol=1e-6,
    )
    probabilities = 1 / (1 + np.exp(-logits))
    np.testing.assert_array_equal(
        lib.binary_accuracy(jnp.asarray(logits), jnp.asarray(labels)),
        np.asarray(keras.metrics.binary_accuracy(labels[:, None], probabilities))[:, 0],
    )


def test_losses_and_accuracies_with_one_hot_labels_equal_those_of_keras():
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 4, (40, 3)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 40)]
    np.testing.assert_allclose(
        lib.categorical_cross_entropy(jnp.asarray(logits), jnp.asarray(targets)),
        keras.losses.categorical_crossentropy(targets, logits, from_logits=True),
        rtol=1e-5,
        atol=1e-6,
    )
    np.testing.assert_array_equal(
        lib.categorical_accuracy(jnp.asarray(logits), jnp.asarray(targets)),
        keras.metrics.categorical_accuracy(targets, logits),
    )


# Keras and Optax differ in two things. Optax's epsilon is 1e-8 by default, Keras's 1e-7. And Adam
# adds it to the root of the uncorrected second moment in Keras, of the corrected one in Optax. With
# an epsilon far below every gradient nothing of that shows, and the rest must agree.
OPTIMIZERS = {
    "sgd": (lambda: optax.sgd(0.1), lambda: keras.optimizers.SGD(0.1), 1e-6),
    "momentum": (
        lambda: optax.sgd(0.05, momentum=0.9),
        lambda: keras.optimizers.SGD(0.05, momentum=0.9),
        1e-6,
    ),
    "nesterov": (
        lambda: optax.sgd(0.05, momentum=0.9, nesterov=True),
        lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        1e-6,
    ),
    "adam": (
        lambda: optax.adam(0.001, eps=1e-12),
        lambda: keras.optimizers.Adam(0.001, epsilon=1e-12),
        2e-5,
    ),
    "rmsprop": (
        lambda: optax.rmsprop(0.001, decay=0.9, eps=1e-7),
        lambda: keras.optimizers.RMSprop(0.001),
        2e-5,
    ),
}


def small_problem(examples: int = 70):
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (examples, 8, 8, 1), np.uint8)
    return pictures, rng.integers(0, 10, examples).astype(np.int32)


def compiled_net(optimizer):
    net = keras_classifier((), 16, "valid", edge=8)
    net.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return net


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("adam", "rmsprop") else pytest.mark.slow)
        for name in OPTIMIZERS
    ],
)
def test_ten_steps_move_the_parameters_as_keras_moves_them(name):
    ours, theirs, tolerance = OPTIMIZERS[name]
    pictures, labels = small_problem(320)
    model = lib.DenseClassifier(16)
    params = random_params(model, lib.as_input(pictures))
    net = compiled_net(theirs())
    give_weights(net, params)
    state = start(model, ours(), params)
    for batch in np.split(np.arange(320), 10):
        net.train_on_batch(pictures[batch].astype(np.float32) / 255, labels[batch])
        state, _ = lib.train_step(state, (pictures[batch], labels[batch]), jax.random.key(1))
    moved = max(
        np.abs(new - old).max() for new, old in zip(weights_of(net), flat(params), strict=True)
    )
    assert moved > 100 * tolerance, "nothing moved, so nothing was compared"
    for got, expected in zip(flat(state.params), weights_of(net), strict=True):
        np.testing.assert_allclose(got, expected, atol=tolerance)


def first_steps(ours, theirs, gradient: float) -> tuple[float, float]:
    """How far its first gradient moves one number, here and in Keras."""
    update, _ = ours.update(jnp.float32(gradient), ours.init(jnp.float32(0)))
    variable = keras.Variable(np.float32(0))
    theirs.apply([np.float32(gradient)], [variable])
    return float(update), float(variable.value)


def test_adam_as_both_libraries_ship_it_agrees_on_ordinary_gradients():
    ours, theirs = first_steps(optax.adam(0.001), keras.optimizers.Adam(0.001), 0.01)
    assert ours == pytest.approx(theirs, rel=1e-3)
    assert ours == pytest.approx(
        -0.001, rel=1e-3
    )  # the first step has the size of the learning rate


def test_adams_epsilon_stands_elsewhere_in_keras():
    gradient = 1e-5
    ours, theirs = first_steps(optax.adam(0.001, eps=1e-7), keras.optimizers.Adam(0.001), gradient)
    root = np.sqrt(1 - 0.999)
    assert ours == pytest.approx(-0.001 * gradient / (gradient + 1e-7), rel=1e-3)
    assert theirs == pytest.approx(-0.001 * root * gradient / (root * gradient + 1e-7), rel=1e-3)
    assert abs(ours) > 1.2 * abs(theirs)


def test_rmsprop_needs_the_epsilon_of_keras_to_agree_on_small_gradients():
    """Both add epsilon under the root, so its size matters: the course's RMSprop sets it."""
    gradient = 1e-4
    ours, theirs = first_steps(
        optax.rmsprop(0.001, decay=0.9, eps=1e-7), keras.optimizers.RMSprop(0.001), gradient
    )
    by_hand = -0.001 * gradient / np.sqrt(0.1 * gradient**2 + 1e-7)
    assert ours == pytest.approx(by_hand, rel=1e-3)
    assert theirs == pytest.approx(by_hand, rel=1e-3)
    default, _ = first_steps(
        optax.rmsprop(0.001, decay=0.9), keras.optimizers.RMSprop(0.001), gradient
    )
    assert abs(default) > 2 * abs(by_hand)


def test_rmsprop_of_the_course_is_that_of_keras_over_many_gradients_of_every_size():
    """The mean of squares starts at 0 and both divide alike, on the first step and later."""
    rng = np.random.default_rng(7)
    sizes = 10.0 ** rng.uniform(-9, 1, 200)
    ours = optax.rmsprop(0.0001, decay=0.9, eps=1e-7)
    theirs = keras.optimizers.RMSprop(0.0001)
    start = np.zeros(200, np.float32)
    params, variable = jnp.asarray(start), keras.Variable(start)
    memory = ours.init(params)
    for step in range(1, 31):
        gradients = (sizes * rng.normal(size=200)).astype(np.float32)
        updates, memory = ours.update(jnp.asarray(gradients), memory, params)
        params = optax.apply_updates(params, updates)
        theirs.apply([gradients], [variable])
        if step in (1, 2, 30):
            np.testing.assert_allclose(params, np.asarray(variable.value), rtol=1e-4, atol=1e-11)
    assert np.abs(params).max() > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["sigmoid", "one-hot"])
def test_binary_and_one_hot_trainings_with_rmsprop_learn_what_keras_does(loss):
    rng = np.random.default_rng(8)
    outputs = 1 if loss == "sigmoid" else 3
    pictures = rng.integers(0, 256, (26, 11, 11, 3), np.uint8)  # batches of 10, 10 and 6
    labels = rng.integers(0, max(outputs, 2), 26).astype(np.int32)
    targets = labels if outputs == 1 else np.eye(3, dtype=np.float32)[labels]
    net = keras_classifier((3, 5), 8, "valid", 11, 3, outputs)
    net.compile(
        optimizer=keras.optimizers.RMSprop(0.001),
        loss={
            "sigmoid": keras.losses.BinaryCrossentropy(from_logits=True),
            "one-hot": keras.losses.CategoricalCrossentropy(from_logits=True),
        }[loss],
        metrics=[
            keras.metrics.BinaryAccuracy("accuracy", threshold=0.0) if outputs == 1 else "accuracy"
        ],
    )
    model = lib.ConvClassifier((3, 5), 8, outputs)
    params = random_params(model, lib.as_input(pictures))
    give_weights(net, params)
    expected = net.fit(
        pictures.astype(np.float32) / 255, targets, batch_size=10, epochs=3, shuffle=False,
        verbose=0,
    ).history  # fmt: skip
    ours = {"sigmoid": lib.sigmoid_cross_entropy, "one-hot": lib.categorical_cross_entropy}[loss]
    optimizer = optax.rmsprop(0.001, decay=0.9, eps=1e-7)
    state = start(model, optimizer, params, ours)
    state, history = lib.fit(
        state, pictures, targets, batch_size=10, epochs=3, shuffle=False,
        verbose=0,
    )  # fmt: skip
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-3, err_msg=name)
    for got, want in zip(flat(state.params), weights_of(net), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-4)


def test_fit_reports_and_learns_what_keras_does_with_an_incomplete_last_batch():
    pictures, labels = small_problem(70)  # batches of 32, 32 and 6
    model = lib.DenseClassifier(16)
    params = random_params(model, lib.as_input(pictures))
    net = compiled_net(keras.optimizers.SGD(0.1))
    give_weights(net, params)
    expected = net.fit(
        pictures.astype(np.float32) / 255,
        labels,
        batch_size=32,
        epochs=3,
        shuffle=False,
        validation_data=(pictures[:20].astype(np.float32) / 255, labels[:20]),
        verbose=0,
    ).history
    state = start(model, optax.sgd(0.1), params)
    state, history = lib.fit(
        state,
        pictures,
        labels,
        batch_size=32,
        epochs=3,
        shuffle=False,
        validation=(pictures[:20], labels[:20]),
        verbose=0,
    )
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-4, err_msg=name)
    for got, want in zip(flat(state.params), weights_of(net), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-5)
    evaluated = net.evaluate(pictures.astype(np.float32) / 255, labels, verbose=0)
    logs = lib.evaluate(state, pictures, labels, batch_size=32)
    np.testing.assert_allclose([logs["loss"], logs["accuracy"]], evaluated, rtol=1e-4)


def test_the_line_is_learnt_step_by_step_as_in_keras():
    x = np.arange(-1, 5, dtype=np.float32)[:, None]
    y = 2 * x - 1
    model = lib.LinearRegression()
    params = random_params(model, x)
    net = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    net.compile(optimizer=keras.optimizers.SGD(0.01), loss="mean_squared_error")
    give_weights(net, params)
    expected = net.fit(x, y, batch_size=6, epochs=50, shuffle=False, verbose=0).history["loss"]
    state = start(model, optax.sgd(0.01), params, lib.squared_error)
    _, history = lib.fit(state, x, y, batch_size=6, epochs=50, shuffle=False, verbose=0)
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-3)


@pytest.mark.slow
def test_a_convolutional_net_learns_as_keras_does():
    rng = np.random.default_rng(4)
    pictures = rng.integers(0, 256, (24, 11, 11, 1), np.uint8)
    labels = rng.integers(0, 10, 24).astype(np.int32)
    model = lib.ConvClassifier((3, 5), 8)
    params = random_params(model, lib.as_input(pictures))
    net = keras_classifier((3, 5), 8, "valid", edge=11)
    net.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    give_weights(net, params)
    net.fit(
        pictures.astype(np.float32) / 255, labels, batch_size=8, epochs=2, shuffle=False, verbose=0
    )
    state = start(model, optax.sgd(0.1), params)
    state, _ = lib.fit(
        state, pictures, labels, batch_size=8, epochs=2, shuffle=False,
        verbose=0,
    )  # fmt: skip
    for got, want in zip(flat(state.params), weights_of(net), strict=True):
        np.testing.assert_allclose(got, want, atol=2e-5)
