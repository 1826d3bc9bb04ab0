"""The rubric of week 2: a dense network that sees, and a callback that stops it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.checks.answers import Case, judge_answers
from grader.checks.figures import axes_of
from grader.checks.networks import ConvNet, judge_total
from grader.checks.one_hot import judge_one_hot
from grader.checks.training import (
    Stop,
    Training,
    epoch_accuracies,
    fit_digits,
    judge_claim,
    params_and_accuracies,
)
from grader.judge.failure import Failure
from grader.judge.judge import Judge
from grader.judge.student import Handle, Refused, Student, StudentRaised
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret

STOP = Stop(
    above=0.99,
    epochs=10,
    spelt="ten",
    callback="Is your callback in the list callbacks=[...]?",
    until="Up to ten epochs, with StopAtAccuracy(0.99).",
)


@task(
    points=1,
    functions=("normalise",),
    forbids=("lib.as_input",),
    hints=(
        "Which number must 255 become, and which operation does that?",
        "Divide by 255. The result has fractions: float32.",
        "jnp.asarray(images, jnp.float32) / 255",
    ),
)
def check_normalise(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Grey values from 0…255 to 0…1"""
    rng = secret.numpy("images")
    images = rng.integers(4, 200, (3, 5, 4, 1)).astype(np.uint8)
    images[0, 0, 0, 0], images[0, 0, 1, 0] = 3, 200  # neither black nor white occurs
    values = images.astype(np.float64)
    smallest, largest = values.min(), values.max()
    mistakes = {
        "Divided by the largest value of these images; the largest possible one is 255.": values
        / largest,
        "Stretched from the smallest value of these images to the largest; divide by 255.": (
            (values - smallest) / (largest - smallest)
        ),
        "Divided by 256: then white would not be 1.": values / 256,
        "Divided by 255 twice; once is enough.": values / 255 / 255,
        "Divided by 100; white is 255.": values / 100,
        "This runs from −1 to 1; asked for is 0…1, a division by 255 alone.": values / 127.5 - 1,
        "This brings the mean to 0 and the spread to 1; asked for is 0…1.": (
            (values - values.mean()) / values.std()
        ),
        "Black and white are swapped: 0 must stay 0.": 1 - values / 255,
        "255 was subtracted; divide by it.": values - 255,
        "The values are multiplied by 255; divide.": values * 255,
        "The values are as before. Divide them.": values,
    }
    got = student.normalise(student.numpy(images))
    if isinstance(got, np.ndarray) and got.shape == images.shape and got.dtype.itemsize == 2:
        judge.fail(
            f"{got.dtype.name} keeps no more than three digits; use float32.",
            "jnp.asarray(images, jnp.float32) before dividing.",
            got=got,
            expected=f"shape {images.shape}, float32",
        )
    judge.same(got, (values / 255).astype(np.float32), mistakes=mistakes, atol=1e-6)


@task(
    points=1,
    functions=("one_hot",),
    forbids=("jax.nn.one_hot", "flax.linen.one_hot", "flax.training.common_utils.onehot"),
    hints=(
        "Compare each label with each class number: equal is 1, different is 0.",
        "Broadcasting helps: labels[:, None] has shape (n, 1), jnp.arange(classes) has (classes,).",
        "(labels[:, None] == jnp.arange(classes)) is a table of True and False; make it float32.",
    ),
)
def check_one_hot(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Integer labels as rows with a single 1"""
    judge_one_hot(student, secret, judge, (7, 10))


def _log_softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@task(
    points=3,
    functions=("cross_entropy",),
    forbids=(
        "lib.softmax_cross_entropy",
        "optax.softmax_cross_entropy*",
        "optax.safe_softmax_cross_entropy",
        "optax.losses.*",
        "optax.kl_divergence*",
        "optax.convex_kl_divergence",
        "optax.poly_loss_cross_entropy",
    ),
    hints=(
        "Softmax along the last axis; the true class's probability, its logarithm, minus, mean.",
        "log(exp(a) / sum) is a - log(sum): no division, and no logarithm of 0.",
        "Subtract logits.max(axis=-1, keepdims=True) first; pick the true class with your one_hot, "
        "or with jnp.take_along_axis.",
    ),
)
def check_cross_entropy(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Softmax cross-entropy by hand"""
    rng = secret.numpy("logits")
    n, classes = 9, 6
    logits = (2 * rng.normal(size=(n, classes))).astype(np.float32)
    labels = rng.integers(0, classes, n).astype(np.int32)
    with judge.part(2, "ordinary logits"):
        wide, rows = logits.astype(np.float64), np.arange(n)
        each = -_log_softmax(wide)[rows, labels]
        judge.same(
            student.cross_entropy(logits, labels),
            np.float32(each.mean()),
            mistakes=_loss_mistakes(wide, labels) | _kept_away_from_zero(logits, labels),
            atol=1e-4,
        )
    with judge.part(1, "large logits"):
        large = (logits * 600).round().astype(np.float32)
        expected = -_log_softmax(large.astype(np.float64))[rows, labels].mean()
        got = student.cross_entropy(large, labels)
        array = as_array(got)
        if array is not None and array.shape == () and not np.isfinite(array):
            judge.fail(
                "The loss of large logits is not finite.",
                "In float32 exp(1000) is infinite and exp(-1000) is 0, and log(0) is infinite as "
                "well: subtract each row's largest logit before exp, and write log(exp(a) / sum) "
                "as a - log(sum).",
                got=got,
                expected="one finite float",
            )
        judge.same(
            got, np.float32(expected), mistakes=_kept_away_from_zero(large, labels), atol=1e-2
        )


def _loss_mistakes(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """What known mistakes make of ordinary logits, float64."""
    n, classes = logits.shape
    rows = np.arange(n)
    each = -_log_softmax(logits)[rows, labels]
    probabilities = np.exp(_log_softmax(logits))
    true = probabilities[rows, labels]
    right = np.eye(classes)[labels]
    sigmoid = 1 / (1 + np.exp(-logits))
    binary = -np.log(np.where(right == 1, sigmoid, 1 - sigmoid))
    one_softmax = np.exp(_log_softmax(logits.reshape(1, -1))).reshape(n, classes)
    return {
        "These are the losses of the single examples; the mean over them is missing.": each,
        "This is the sum over the examples. Take the mean.": each.sum(),
        "Divided by the number of examples twice; the mean divides once.": each.mean() / n,
        "Softmax was taken twice. The logits go through it once.": -_log_softmax(probabilities)[
            rows, labels
        ].mean(),
        "Softmax runs along the wrong axis: each row of logits is one example.": -_log_softmax(
            logits, axis=0
        )[rows, labels].mean(),
        "Softmax runs over all logits at once: each row of logits is one example.": -np.log(
            one_softmax[rows, labels]
        ).mean(),
        "The logarithm is missing: this is the mean probability.": true.mean(),
        "The logarithm is missing: this is minus the mean probability.": -true.mean(),
        "The mean comes before the logarithm: take the logarithm of each probability first.": (
            -np.log(true.mean())
        ),
        "Softmax is missing: these are the logits of the true classes.": (
            -logits[rows, labels].mean()
        ),
        "The mean runs over classes as well: sum over the classes, mean over the examples.": (
            each.mean() / classes
        ),
        "Softmax is missing before the logarithm.": np.log(np.exp(logits).sum(-1)).mean(),
        "This is the loss of the most likely class; take that of the true one, the label.": -np.log(
            probabilities.max(axis=-1)
        ).mean(),
        "This sums the logarithms of all classes; only the true class counts.": -np.log(
            probabilities
        )
        .sum(-1)
        .mean(),
        "This is the mean over all classes; only the true class counts.": -np.log(
            probabilities
        ).mean(),
        "This is the entropy of the probabilities; the labels do not enter it.": -(
            (probabilities * np.log(probabilities)).sum(-1).mean()
        ),
        "These are sigmoids, one for each class. Softmax divides by the sum over the classes.": (
            binary.sum(-1).mean()
        ),
        "These are sigmoids, one for each class, and the mean of all their losses. Softmax divides "
        "by the sum over the classes.": binary.mean(),
        "This is the mean squared error of the probabilities.": np.mean(
            (probabilities - right) ** 2
        ),
        "This is exp of the loss; leave the loss as it is.": np.exp(each.mean()),
        "This is the logarithm to base 2; take the natural one, jnp.log.": each.mean() / np.log(2),
        "This is the logarithm to base 10; take the natural one, jnp.log.": (
            each.mean() / np.log(10)
        ),
        "It is the right number with the wrong sign.": -each.mean(),
    }


def _kept_away_from_zero(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """What keeps the loss of large logits finite, and makes it wrong."""
    rows = np.arange(len(logits))
    wide = logits.astype(np.float64)
    true = np.exp(_log_softmax(wide))[rows, labels]
    mistakes: dict[str, Any] = {}
    for small in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
        sentence = (
            f"The probabilities are kept at {small:g} or more, so no loss is above "
            f"{-np.log(small):.1f}: write the logarithm of exp(a) / sum as a - log(sum)."
        )
        mistakes[sentence] = -np.log(true + small).mean()
    for most in (10, 20, 50, 80, 88, 100):
        clipped = -_log_softmax(wide.clip(-most, most))[rows, labels].mean()
        mistakes[f"The logits were clipped to ±{most}: subtract each row's largest instead."] = (
            clipped
        )
    return mistakes


DENSE = ConvNet(edge=28, channels=1, filters=(), hidden=512, outputs=10)


@task(
    points=2,
    functions=("dense_model",),
    forbids=("lib.DenseClassifier", "lib.ConvClassifier", "lib.mnist_dense", "lib.fashion_dense"),
    hints=(
        "Three layers: lay the picture flat, a wide layer, one output per class.",
        "The wide layer has an activation, nn.relu; the last one has none.",
        "nn.Sequential([lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10)])",
    ),
)
def check_dense_model(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Flatten, Dense 512, Dense 10"""
    import lib

    model = student.dense_model()
    judge_total(judge, model, DENSE, _wrong_totals())
    try:
        judge.architecture(
            model,
            lib.mnist_dense(),
            (3, 28, 28, 1),  # no smaller: the size after flattening may be written out
            DENSE.input_shape,
            mistakes=_wrong_models(),
        )
    except (Failure, StudentRaised):
        _judge_flattening(judge, model)
        raise


def _wrong_totals() -> dict[int, str]:
    """What the parameters come to when one thing is wrong, with the sentence for it."""
    inputs, hidden, outputs = DENSE.edge**2, DENSE.hidden, DENSE.outputs
    known = {
        dataclasses.replace(DENSE, hidden=units).total(): (
            f"The hidden layer has {units:,} units; {hidden} are asked for."
        )
        for units in (10, 32, 64, 100, 128, 256, 500, 784, 1000, 1024)
    }
    return known | {
        DENSE.total(bias=0): "The biases are missing.",
        (inputs + 1) * outputs: "The hidden layer is missing.",
        DENSE.total() + (hidden + 1) * hidden: "There is a hidden layer too many.",
        DENSE.total() + (outputs + 1) * outputs: "There is an output layer too many.",
        dataclasses.replace(DENSE, outputs=1).total(): "The last layer has one output; ten classes "
        "need ten.",
        (1 + 1) * hidden + (hidden + 1) * outputs: (
            "The dense layers run on every pixel by itself: lib.Flatten() is missing."
        ),
        (28 + 1) * hidden + (hidden + 1) * outputs: (
            "The dense layers run on every row of pixels by itself: flatten the whole picture."
        ),
    }


def _wrong_models() -> dict[str, Any]:
    """Models with one thing wrong, by the sentence that says what."""
    from flax import linen as nn

    import lib

    class Variant(nn.Module):
        activation: Any = nn.relu
        turned: bool = False

        @nn.compact
        def __call__(self, images: Any) -> Any:
            x = images.swapaxes(1, 2) if self.turned else images
            x = x.reshape(len(images), -1)
            x = lib.Dense(DENSE.hidden, activation=self.activation, name="dense")(x)
            return lib.Dense(DENSE.outputs, name="logits")(x)

    others = (nn.tanh, nn.sigmoid, nn.gelu, nn.leaky_relu, nn.elu, nn.silu, nn.softplus, nn.softmax)
    return {
        "The hidden layer has no activation: two layers in a row are then no more than one.": (
            Variant(activation=None)
        ),
        "Rows and columns of the picture are swapped before it is laid flat.": Variant(turned=True),
        **{
            f"The activation of the hidden layer is {other.__name__}; nn.relu is asked for.": (
                Variant(activation=other)
            )
            for other in others
        },
    }


def _judge_flattening(judge: Judge, model: Any) -> None:
    """Fails if the first layer takes the pixels of all pictures of a batch for one row."""
    if not isinstance(model, Handle):
        return
    two = (2, *DENSE.input_shape[1:])
    try:
        shapes = model.param_shapes(two)
    except (StudentRaised, Refused):
        return
    inputs = 2 * DENSE.edge**2
    if any(isinstance(shape, tuple) and inputs in shape for shape in _leaves(shapes)):
        judge.fail(
            f"The batch is flattened with the pixels: two pictures give the first layer {inputs:,} "
            f"inputs, not {DENSE.edge**2}.",
            "Keep the first axis: x.reshape((len(x), -1)), or lib.Flatten().",
        )


def _leaves(tree: Any) -> Iterator[Any]:
    if not isinstance(tree, dict):
        yield tree
        return
    for value in tree.values():
        yield from _leaves(value)


@task(
    points=2,
    functions=("StopAtAccuracy",),
    forbids=("lib.StopWhen",),
    seconds=30,
    training=True,
    hints=(
        "What is in logs, and what if it holds no accuracy?",
        "logs.get('accuracy') is None where there is none; compare only if there is one.",
        "logs.get('accuracy', 0.0) is a number in any case; return whether it is above yours.",
    ),
)
def check_stop_at_accuracy(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """A callback that stops at an accuracy"""
    with judge.part(1.5, "asked epoch by epoch"):
        _judge_stops(student, secret.numpy("accuracies"), judge)
    with judge.part(0.5, "inside lib.fit"):
        _stop_inside_fit(student, secret, judge)


# What known mistakes answer to (epoch, logs, threshold).
STOPS: dict[str, Callable[[int, dict[str, float], float], bool]] = {
    "It says False in every case.": lambda epoch, logs, threshold: False,
    "It says True in every case.": lambda epoch, logs, threshold: True,
    "Which way round is >? It stops below the threshold, and goes on above it.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 1.0) < threshold
    ),
    "Which way round is >? It stops below the threshold and without an accuracy.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) < threshold
    ),
    "An accuracy equal to the threshold is not above it: >, not >=.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) >= threshold
    ),
    'Without "accuracy" in logs the answer is False, whatever "val_accuracy" says.': (
        lambda epoch, logs, threshold: (
            logs.get("accuracy", logs.get("val_accuracy", 0.0)) > threshold
        )
    ),
    'It looks at "val_accuracy" first; the training accuracy is "accuracy".': (
        lambda epoch, logs, threshold: (
            logs.get("val_accuracy", logs.get("accuracy", 0.0)) > threshold
        )
    ),
    'It looks at "val_accuracy"; the training accuracy is "accuracy".': (
        lambda epoch, logs, threshold: logs.get("val_accuracy", 0.0) > threshold
    ),
    "A missing accuracy counts as 1 here; it must not stop the training.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 1.0) > threshold
    ),
    "The threshold is always 0.99 here; use the one given to __init__.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) > 0.99
    ),
    "The threshold is always 0.9 here; use the one given to __init__.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) > 0.9
    ),
    "It compares the loss with the threshold; compare the accuracy.": (
        lambda epoch, logs, threshold: logs.get("loss", 0.0) > threshold
    ),
    "It stops at a small loss; ask for the accuracy.": (
        lambda epoch, logs, threshold: logs.get("loss", 1.0) < 1 - threshold
    ),
    "It says True where logs hold an accuracy; compare it with the threshold.": (
        lambda epoch, logs, threshold: "accuracy" in logs
    ),
}


def _judge_stops(student: Student, rng: np.random.Generator, judge: Judge) -> None:
    cases, asked, answers = [], [], []
    for threshold in (0.99, round(float(rng.uniform(0.6, 0.85)), 3)):
        callback = student.StopAtAccuracy(threshold)
        if not isinstance(callback, Handle):
            judge.fail("StopAtAccuracy(threshold) must make an object.", got=callback)
        near = (1 - threshold) / 50
        all_logs = [
            {"loss": 0.9, "accuracy": threshold - 0.3},
            {"loss": 0.001},
            {"loss": 0.2, "val_accuracy": 1.0},
            {"loss": 0.5, "accuracy": threshold - near},
            {"loss": 0.4, "accuracy": threshold - near, "val_accuracy": 1.0},
            {"loss": 0.3, "accuracy": threshold},
            {"loss": 2.0, "accuracy": threshold + near, "val_accuracy": 0.1},
            {"loss": 0.6, "accuracy": threshold + near},
            {"loss": 0.005, "accuracy": 1.0},
        ]
        # In drawn order: whoever counts epochs stops at the wrong one.
        for epoch, number in enumerate(rng.permutation(len(all_logs))):
            logs = all_logs[number]
            right = logs.get("accuracy", 0.0) > threshold
            answer = callback.method("on_epoch_end", epoch, logs, None)
            array = as_array(False if answer is None else answer)
            if array is None or array.size != 1 or array.dtype.kind not in "biu":
                judge.fail(
                    "on_epoch_end must answer True or False.", got=answer, expected=repr(right)
                )
            answers.append(answer)
            said = {name: round(value, 4) for name, value in logs.items()}
            cases.append(
                Case(
                    f"It {'did not stop' if right else 'stopped'} after an epoch with the logs "
                    f"{said}; the threshold is {threshold:g}.",
                    right,
                    bool(np.all(array)),
                )
            )
            asked.append((epoch, logs, threshold))
    mistakes = {sentence: [rule(*each) for each in asked] for sentence, rule in STOPS.items()}
    if answers == [None] * len(answers):
        mistakes = {"It says None in every case: on_epoch_end has no return.": [False] * len(cases)}
    epochs = {epoch: case.got for case, (epoch, _, _) in zip(cases, asked, strict=True)}
    counted = "The answer goes with the number of the epoch; it must go with the accuracy."
    mistakes[counted] = [epochs[epoch] for epoch, _, _ in asked]
    hint = 'True if logs hold "accuracy" and it is greater than the threshold, else False.'
    judge_answers(judge, cases, mistakes, hint)


def _stop_inside_fit(student: Student, secret: TaskSecret, judge: Judge) -> None:
    import lib

    threshold, most = 0.6, 12
    digits = lib.draw("mnist", 600, secret.seed("digits"))
    _, history = fit_digits(
        student,
        secret,
        judge,
        *digits,
        hidden=32,
        rate=0.003,
        epochs=most,
        callbacks=[student.StopAtAccuracy(threshold)],
    )
    accuracies = epoch_accuracies(judge, history.item("accuracy"))
    if any(value > threshold for value in accuracies[:-1]):
        judge.fail(
            f"lib.fit went on after an epoch with an accuracy above {threshold}.",
            got=f"accuracies {', '.join(f'{value:.3f}' for value in accuracies)}",
        )
    if accuracies[-1] <= threshold and len(accuracies) < most:
        judge.fail(
            f"lib.fit stopped before the accuracy was above {threshold}.",
            got=f"accuracies {', '.join(f'{value:.3f}' for value in accuracies)}",
        )


@functools.cache
def _loss_and_slope() -> Any:
    """Loss and gradients of a batch, compiled once for the right loss and the wrong ones."""
    import jax
    import jax.numpy as jnp
    import optax

    import lib

    model = lib.DenseClassifier(hidden=16)

    def loss(params: Any, images: Any, labels: Any, scale: Any, twice: Any, summed: Any) -> Any:
        logits: Any = model.apply({"params": params}, jnp.asarray(images, jnp.float32) / scale)
        logits = jnp.where(twice, jax.nn.softmax(logits), logits)
        each = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return jnp.where(summed, each.sum(), each.mean())

    return jax.jit(jax.value_and_grad(loss))


def _steps(
    optimizer: Any, update: Any, params: Any, batches: list, change: str = ""
) -> tuple[Any, list[float]]:
    """Our own training steps, or those of a known mistake.

    Args:
      optimizer: of Optax.
      update: its update, compiled.
      params: the first ones.
      batches: (images, labels) of each step.
      change: the mistake's name in `STEP_MISTAKES`.

    Returns:
      The parameters, and the loss of each step.
    """
    import jax
    import jax.numpy as jnp
    import optax

    scale = np.float32({"raw": 1, "again": 255**2}.get(change, 255))

    def slope(params: Any, images: Any, labels: Any) -> Any:
        flags = change == "twice", change == "sum"
        return _loss_and_slope()(params, images, labels, scale, *flags)

    opt_state, losses = optimizer.init(params), []
    for images, labels in batches:
        value, gradients = slope(params, images, labels)
        if change == "ascent":
            gradients = jax.tree.map(jnp.negative, gradients)
        if change in ("first", "last"):
            still = {"first": "logits", "last": "dense"}[change]
            gradients = {**gradients, still: jax.tree.map(jnp.zeros_like, gradients[still])}
        if change == "forgets":
            opt_state = optimizer.init(params)
        updates, opt_state = update(gradients, opt_state, params)
        if change == "late":
            value, _ = slope(optax.apply_updates(params, updates), images, labels)
        if change == "double":
            params = optax.apply_updates(params, updates)
            updates, opt_state = update(gradients, opt_state, params)
        if change != "stays":
            params = optax.apply_updates(params, updates)
        losses.append(float(value))
    return jax.tree.map(np.asarray, params), losses


def _flat(params: Any) -> np.ndarray:
    import jax

    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in jax.tree.leaves(params)])


STEP_MISTAKES = {
    "raw": "The images were not normalised: divide the grey values by 255.",
    "again": "The images were divided by 255 twice; once is enough.",
    "twice": "Softmax was taken twice: cross_entropy wants logits.",
    "sum": "The loss is summed over the batch; take the mean.",
    "ascent": "This goes uphill: the loss grows. Is there a minus sign too many?",
    "stays": "The parameters have not changed: return the state that apply_gradients gives back.",
    "late": "The loss is that after the update; return the one before it.",
    "forgets": "The optimizer starts afresh at each step: keep its state, state.opt_state.",
    "first": "Only the first layer has learned: take the gradient of all of state.params.",
    "last": "Only the last layer has learned: take the gradient of all of state.params.",
    "double": "The update was made twice: call apply_gradients once.",
}


@task(
    points=3,
    functions=("train_step",),
    needs=("normalise", "cross_entropy"),
    forbids=("lib.train_step", "lib.fit"),
    seconds=30,
    training=True,
    hints=(
        "Write a function of params alone that returns the loss of this batch.",
        "jax.value_and_grad(loss)(state.params) gives the loss and the gradients.",
        "logits = state.model.apply({'params': params}, normalise(images)); the next state is "
        "state.apply_gradients(gradients).",
    ),
)
def check_train_step(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """One update of the parameters"""
    import jax
    import optax

    import lib

    rng = secret.numpy("batches")
    batches = []
    for turn in range(3):
        split = lib.draw("fashion_mnist", 24, secret.seed(f"batch {turn}"))
        batches.append((split.images, split.labels))
    model = student.piece("lib.DenseClassifier", hidden=16)
    params = {
        name: {
            "kernel": (rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32),
            "bias": (rng.normal(size=shape[1:]) / 10).astype(np.float32),
        }
        for name, shape in (("dense", (784, 16)), ("logits", (16, 10)))
    }

    def compare(
        loss: Any,
        right_loss: float,
        got: Any,
        right: Any,
        title: str,
        loss_mistakes: dict[str, Any],
        mistakes: dict[str, Any],
    ) -> None:
        judge.same(
            loss,
            np.float32(right_loss),
            f"the loss of {title}",
            mistakes=loss_mistakes,
            rtol=1e-3,
        )
        judge.same(
            _flat(got),
            _flat(right),
            f"the parameters after {title}",
            mistakes=mistakes,
            atol=2e-5,
            rtol=1e-3,
            hint="Gradients with respect to state.params, then state.apply_gradients(gradients).",
        )

    def run(kind: str, rate: float, batches: list, changes: tuple[str, ...], title: str) -> None:
        # By its own eps of 1e-8, Adam makes whole steps of gradients that are only rounding.
        more = {"eps": 1e-3} if kind == "adam" else {}
        ours = {"sgd": optax.sgd, "adam": optax.adam}[kind](rate, **more)
        state = student.make_state(model, student.piece(f"optax.{kind}", rate, **more), params)
        losses = []
        for images, labels in batches:
            state, loss = judge.unpack(
                student.train_step(state, images, labels),
                2,
                "train_step must return the next state and the loss: `return state, loss`.",
                expected="a state and one float",
            )
            if not isinstance(state, Handle):
                judge.fail(
                    "The first thing returned must be the next state.",
                    "state.apply_gradients(gradients) gives it.",
                    got=state,
                    expected="a lib.TrainState",
                )
            losses.append(loss)
        update = jax.jit(ours.update)
        right_params, right_losses = _steps(ours, update, params, batches)
        got = state.params()
        if type(got) is not dict or sorted(got) != sorted(params):
            judge.fail("The state's params are no longer those of its model.", got=got)
        compared = losses[0], right_losses[0], got, right_params, title
        try:
            compare(*compared, {}, {})
        except Failure:
            # Only now is it worth computing what known mistakes give.
            wrong = {
                STEP_MISTAKES[name]: _steps(ours, update, params, batches, name) for name in changes
            }
            mistakes = {sentence: _flat(values) for sentence, (values, _) in wrong.items()}
            if kind == "sgd":
                mistakes |= _plain_descent(_flat(params), _flat(got), _flat(right_params), rate)
            compare(*compared, {name: np.float32(w[1][0]) for name, w in wrong.items()}, mistakes)
        step = as_array(state.get("step"))
        judge.check(
            step is not None and int(step) == len(batches),
            f"state.step is {step} after {len(batches)} steps.",
            "state.apply_gradients(gradients) counts; with state.replace add step=state.step + 1.",
        )

    # Drawn, so that nobody can do without the optimizer of the state.
    rate = round(float(rng.uniform(0.25, 0.45)), 3)
    changes = ("raw", "again", "twice", "sum", "ascent", "stays", "late", "first", "last", "double")
    with judge.part(2, "one step of SGD"):
        run("sgd", rate, batches[:1], changes, "one step")
    with judge.part(1, "three steps of Adam"):
        run("adam", 0.01, batches, ("forgets", "stays", "ascent", "first", "last"), "three steps")


def _plain_descent(
    start: np.ndarray, got: np.ndarray, right: np.ndarray, rate: float
) -> dict[str, np.ndarray]:
    """The sentence for a step of gradient descent at a rate other than the optimizer's, if any."""
    if got.shape != start.shape:
        return {}
    gradient = (start - right) / rate
    found = float(np.dot(start - got, gradient) / np.dot(gradient, gradient))
    if not found > 0:
        return {}
    return {
        f"This is gradient descent at a learning rate of {found:.4g}; state.optimizer has "
        f"{rate:g}: let state.apply_gradients(gradients) make the step.": start - found * gradient
    }


@task(
    points=4,
    functions=("train_mnist",),
    needs=("dense_model", "stop_at_accuracy"),
    forbids=("lib.StopWhen", "lib.load", "lib.draw", "lib.data.*"),
    seconds=120,
    training=True,
    hints=(
        "A model, an optimizer, a state, then lib.fit with your callback.",
        "lib.create_state(dense_model(), optax.adam(0.001), images, key) makes the state.",
        "lib.fit(state, images, labels, epochs=10, callbacks=[StopAtAccuracy(0.99)]) returns the "
        "trained state and the history.",
    ),
)
def check_train_mnist(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Train until 0.99, then stop"""
    import lib

    training = Training(judge, "train_mnist")
    got = student.train_mnist(
        *training.examples(student, lib.mnist_dense()), secret.key("training")
    )
    params, accuracies = params_and_accuracies(judge, got, "train_mnist")
    trained = training.trained(params, lib.mnist_dense())
    images, labels = training.data.train
    with judge.part(2, "what it has learned"):
        training.judge_test(trained, "Adam at 0.001, until 0.99 or for ten epochs.")
    with judge.part(2, "when it stopped"):
        STOP.judge_end(judge, accuracies)
        # A running mean over the epoch lags behind what the final parameters reach.
        reached = trained.accuracy(images[:4000], labels[:4000])
        judge_claim(judge, accuracies[-1], reached, 0.02, "on 4,000 training images")
        _judge_endless(student, secret, judge, images, labels)


def _judge_endless(
    student: Student, secret: TaskSecret, judge: Judge, images: np.ndarray, labels: np.ndarray
) -> None:
    """Every picture twice, with two labels: no more than half can be right, so no early stop."""
    rng, n = secret.numpy("endless"), min(1_500, len(labels))
    labels = np.concatenate([labels[:n], (labels[:n] + rng.integers(1, 10, n)) % 10])
    order = rng.permutation(2 * n)
    got = student.train_mnist(
        student.numpy(np.concatenate([images[:n], images[:n]])[order]),
        student.numpy(labels.astype(np.int32)[order]),
        secret.key("endless"),
    )
    _, accuracies = params_and_accuracies(judge, got, "train_mnist")
    STOP.judge_endless(
        judge,
        accuracies,
        "Every picture was in the data twice, with two different labels:",
        "lib.fit(..., epochs=10, callbacks=[StopAtAccuracy(0.99)])",
    )
    # A running mean over an epoch may lie a little above a half: the parameters change meanwhile.
    if max(accuracies) > 0.65:
        judge.fail(
            "Every picture was in the data twice, with two different labels: an accuracy of "
            f"{max(accuracies):.3f} cannot be.",
            'Return the history\'s own accuracies, history["accuracy"].',
        )


ANIMALS = ("ant", "bee", "cow", "dog", "eel", "fox", "gnu", "hen")


@task(
    points=2,
    functions=("plot_probabilities",),
    seconds=20,
    hints=(
        "Make a figure, get its axes, draw the bars, label them, return the figure.",
        "axes.bar(class_names, probabilities) draws and names the bars at once.",
        "axes.set_ylabel('probability'); axes.set_title(class_names[int(np.argmax(...))])",
    ),
)
def check_plot_probabilities(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The probabilities as bars"""
    rng = secret.numpy("probabilities")
    names = [ANIMALS[i] for i in rng.permutation(len(ANIMALS))]
    probabilities = rng.dirichlet(np.full(len(names), 0.7))
    # Neither the most nor the least likely class is the first or the last one.
    best, worst = rng.permutation(np.arange(1, len(names) - 1))[:2]
    probabilities[best] = probabilities.max() + 0.3
    probabilities[worst] = probabilities.min() / 2
    probabilities = (probabilities / probabilities.sum()).astype(np.float32)
    figure = student.plot_probabilities(student.numpy(probabilities), names)
    (axes,) = axes_of(judge, figure, "plot_probabilities", 1)
    try:
        heights = np.concatenate([np.zeros(0), *(bars["heights"] for bars in axes["bars"])])
        places = np.concatenate([np.zeros(0), *(bars["positions"] for bars in axes["bars"])])
        lying = any(bars["horizontal"] for bars in axes["bars"])
        ticks, ylabel = list(axes["xticks"]), str(axes["ylabel"])
        title = f"{axes['title']} {figure['title']}".strip()
    except (TypeError, KeyError, ValueError):
        judge.fail("The figure's description makes no sense.")
    with judge.part(1, "the bars"):
        if lying:
            judge.fail("The bars lie on their side.", "axes.bar, not axes.barh.")
        if len(heights) != len(names):
            judge.fail(
                "There must be one bar per class.",
                "axes.bar(class_names, probabilities)",
                got=f"{len(heights)} bars",
                expected=f"{len(names)} bars",
            )
        judge.same(
            heights[np.argsort(places)],
            probabilities,
            "the heights of the bars",
            mistakes={
                "The bars are sorted by height, from small to large; keep the order of the "
                "classes.": np.sort(probabilities),
                "The bars are sorted by height, from large to small; keep the order of the "
                "classes.": np.sort(probabilities)[::-1],
                "The bars are in reverse order; keep the order of the classes.": probabilities[
                    ::-1
                ],
                "The heights are percentages; draw the probabilities themselves.": 100
                * probabilities,
                "Each bar is as high as the number of its class; its height is the probability.": (
                    np.arange(len(names))
                ),
                "The heights are scaled so that the largest is 1; draw the probabilities "
                "themselves.": probabilities / probabilities.max(),
                "Softmax was taken of the probabilities; draw them as they are.": np.exp(
                    probabilities
                )
                / np.exp(probabilities).sum(),
                "The heights are the logarithms of the probabilities; draw the probabilities "
                "themselves.": np.log(probabilities),
            },
        )
    with judge.part(1, "names, label and title"):
        judge.check(
            ticks == names,
            f"The tick labels are {ticks[:10]!s:.200}.",
            "The class names, in order: axes.bar(class_names, probabilities).",
        )
        judge.check(
            "probability" in ylabel.lower(),
            f"The y axis is labelled {ylabel!r:.80}.",
            "axes.set_ylabel('probability')",
        )
        named = [name for name in names if name in title]
        hints = {
            (names[worst],): ("That is the least likely class: np.argmax instead of np.argmin."),
            (names[0],): (
                "That is the first class, which argmax gives as well along an axis of length 1."
            ),
            (names[-1],): "That is the last class; np.argmax(probabilities) is the index.",
            tuple(names): "Only the most likely class belongs there.",
        }
        hint = "class_names[int(np.argmax(probabilities))] is its name."
        if title.strip() == str(best):
            hint = f"That is the index of the class: {hint}"
        judge.check(
            named == [names[best]],
            f"The title is {title!r:.80}; the most likely class is {names[best]!r}.",
            hints.get(tuple(named), hint),
        )
