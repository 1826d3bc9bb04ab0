"""The rubric of week 2: a dense network, and a callback that stops its training."""

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
    until="Train for at most ten epochs, with StopAtAccuracy(0.99).",
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
    """Scale grey values from 0…255 to 0…1"""
    rng = secret.numpy("images")
    images = rng.integers(4, 200, (3, 5, 4, 1)).astype(np.uint8)
    images[0, 0, 0, 0], images[0, 0, 1, 0] = 3, 200  # neither black nor white occurs
    values = images.astype(np.float64)
    smallest, largest = values.min(), values.max()
    mistakes = {
        "This divides by the largest value of these images; divide by 255.": values / largest,
        "This stretches the values between the smallest value of these images and the largest; "
        "divide by 255.": ((values - smallest) / (largest - smallest)),
        "This divides by 256, and white is not 1; divide by 255.": values / 256,
        "This divides by 255 twice; once is enough.": values / 255 / 255,
        "This divides by 100; white is 255.": values / 100,
        "You scaled the values to −1…1; scale them to 0…1, just by dividing by 255.": values / 127.5
        - 1,
        "This brings the mean to 0 and the standard deviation to 1; scale the values to 0…1.": (
            (values - values.mean()) / values.std()
        ),
        "Black and white are swapped: 0 must stay 0.": 1 - values / 255,
        "This subtracts 255; divide by it.": values - 255,
        "This multiplies by 255; divide by it.": values * 255,
        "The values have not changed. Divide them by 255.": values,
    }
    got = student.normalise(student.numpy(images))
    if isinstance(got, np.ndarray) and got.shape == images.shape and got.dtype.itemsize == 2:
        judge.fail(
            f"{got.dtype.name} keeps at most three digits; use float32.",
            "Call jnp.asarray(images, jnp.float32) before you divide.",
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
    """Write integer labels as rows with a single 1"""
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
        "Apply softmax along the last axis, and take minus the logarithm of each true class's "
        "probability, then the mean.",
        "log(exp(a) / sum) is a - log(sum): no division, and no logarithm of 0.",
        "Subtract logits.max(axis=-1, keepdims=True) first; pick the true class with your one_hot, "
        "or with jnp.take_along_axis.",
    ),
)
def check_cross_entropy(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Compute softmax cross-entropy from scratch"""
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
                _not_finite(student, logits, large, labels),
                got=got,
                expected="one finite float",
            )
        judge.same(
            got, np.float32(expected), mistakes=_kept_away_from_zero(large, labels), atol=1e-2
        )


def _not_finite(student: Student, logits: np.ndarray, large: np.ndarray, labels: np.ndarray) -> str:
    """Says why the loss of large logits is not finite: exp overflows, a probability is 0, or both.

    Args:
      student: the fixture.
      logits: small ones.
      large: large ones.
      labels: theirs.
    """

    def finite(those: np.ndarray) -> bool:
        try:
            array = as_array(student.cross_entropy(those, labels))
        except (StudentRaised, Refused):
            return False
        return array is not None and array.shape == () and bool(np.isfinite(array))

    # exp of these is infinite unless something is subtracted; no probability is 0.
    overflows = not finite(logits + np.float32(200))
    # No exp of these is infinite, but probabilities are 0.
    rounds = not finite(large - large.max(axis=-1, keepdims=True))
    if rounds and not overflows:
        return (
            "A probability became 0, and log(0) is infinite. Write log(exp(a) / sum) as "
            "a - log(sum)."
        )
    if overflows and not rounds:
        return "In float32 exp(1000) is infinite. Subtract each row's largest logit before exp."
    return (
        "In float32 exp(1000) is infinite, exp(-1000) is 0, and log(0) is infinite too. "
        "Subtract each row's largest logit before exp, and write log(exp(a) / sum) as "
        "a - log(sum)."
    )


def _loss_mistakes(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Returns the losses that known mistakes give for ordinary logits, float64."""
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
        "These are the losses of the individual examples; take their mean.": each,
        "This is the sum over the examples. Take the mean.": each.sum(),
        "This divides by the number of examples twice; the mean divides once.": each.mean() / n,
        "You applied softmax twice; apply it once.": -_log_softmax(probabilities)[
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
        "This takes the mean first: take the logarithm of each probability, then the mean.": (
            -np.log(true.mean())
        ),
        "Softmax is missing: these are the logits of the true classes.": (
            -logits[rows, labels].mean()
        ),
        "The mean runs over the classes too: sum over the classes, mean over the examples.": (
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
        "This is the entropy of the probabilities; use the labels.": -(
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
        "This is exp of the loss; return the loss itself.": np.exp(each.mean()),
        "This is the logarithm to base 2; take the natural one, jnp.log.": each.mean() / np.log(2),
        "This is the logarithm to base 10; take the natural one, jnp.log.": (
            each.mean() / np.log(10)
        ),
        "This is the right number with the wrong sign.": -each.mean(),
    }


def _kept_away_from_zero(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Returns the losses of workarounds that are finite for large logits, but wrong."""
    rows = np.arange(len(logits))
    wide = logits.astype(np.float64)
    true = np.exp(_log_softmax(wide))[rows, labels]
    mistakes: dict[str, Any] = {}
    for small in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
        sentence = (
            f"The probabilities are kept at {small:g} or more, so that no loss is above "
            f"{-np.log(small):.1f}: write the logarithm of exp(a) / sum as a - log(sum)."
        )
        mistakes[sentence] = -np.log(true + small).mean()
    for most in (10, 20, 50, 80, 88, 100):
        clipped = -_log_softmax(wide.clip(-most, most))[rows, labels].mean()
        mistakes[f"You clipped the logits to ±{most}: subtract each row's largest instead."] = (
            clipped
        )
    return mistakes


DENSE = ConvNet(edge=28, channels=1, filters=(), hidden=512, outputs=10)


@task(
    points=2,
    functions=("dense_model",),
    forbids=("lib.DenseClassifier", "lib.ConvClassifier", "lib.mnist_dense", "lib.fashion_dense"),
    hints=(
        "You need three layers: one to flatten the image, a wide one, one output per class.",
        "The wide layer has an activation, nn.relu; the last one has none.",
        "nn.Sequential([lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10)])",
    ),
)
def check_dense_model(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Build a dense network: Flatten, Dense 512, Dense 10"""
    import lib

    model = student.dense_model()
    judge_total(judge, model, DENSE, _wrong_totals())
    try:
        judge.architecture(
            model,
            lib.mnist_dense(),
            (3, 28, 28, 1),  # full size: the model may contain the size after flattening
            DENSE.input_shape,
            mistakes=_wrong_models(),
        )
    except (Failure, StudentRaised):
        _judge_flattening(judge, model)
        raise


def _wrong_totals() -> dict[int, str]:
    """Returns the number of parameters when one thing is wrong, and the sentence for it."""
    inputs, hidden, outputs = DENSE.edge**2, DENSE.hidden, DENSE.outputs
    known = {
        dataclasses.replace(DENSE, hidden=units).total(): (
            f"The hidden layer has {units:,} units; it must have {hidden}."
        )
        for units in (10, 32, 64, 100, 128, 256, 500, 784, 1000, 1024)
    }
    return known | {
        DENSE.total(bias=0): "The biases are missing.",
        (inputs + 1) * outputs: "The hidden layer is missing.",
        DENSE.total() + (hidden + 1) * hidden: "There is one hidden layer too many.",
        DENSE.total() + (outputs + 1) * outputs: "There is one output layer too many.",
        dataclasses.replace(DENSE, outputs=1).total(): "The last layer has one output; ten classes "
        "need ten.",
        (1 + 1) * hidden + (hidden + 1) * outputs: (
            "The dense layers run on every pixel separately: lib.Flatten() is missing."
        ),
        (28 + 1) * hidden + (hidden + 1) * outputs: (
            "The dense layers run on every row of pixels separately: flatten the entire image."
        ),
    }


def _wrong_models() -> dict[str, Any]:
    """Returns models with one thing wrong, by the sentence that says what."""
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
        "The hidden layer has no activation: two layers can then do only what one can.": (
            Variant(activation=None)
        ),
        "Rows and columns of the picture are swapped before it is flattened.": Variant(turned=True),
        **{
            f"The activation of the hidden layer is {other.__name__}; use nn.relu.": (
                Variant(activation=other)
            )
            for other in others
        },
    }


def _judge_flattening(judge: Judge, model: Any) -> None:
    """Fails if the pixels of all images of a batch are flattened into one row."""
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
            f"You flattened the batch with the pixels: two pictures give the first layer "
            f"{inputs:,} inputs, not {DENSE.edge**2}.",
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
        "What is in logs, and what if it has no accuracy?",
        "logs.get('accuracy') is None if there is no accuracy; compare only if there is one.",
        "logs.get('accuracy', 0.0) is always a number; return whether it is above your threshold.",
    ),
)
def check_stop_at_accuracy(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Write a callback that stops at an accuracy"""
    with judge.part(1.5, "asked epoch by epoch"):
        _judge_stops(student, secret.numpy("accuracies"), judge)
    with judge.part(0.5, "inside lib.fit"):
        _stop_inside_fit(student, secret, judge)


# What known mistakes return for (epoch, logs, threshold).
STOPS: dict[str, Callable[[int, dict[str, float], float], bool]] = {
    "It returns False in every case.": lambda epoch, logs, threshold: False,
    "It returns True in every case.": lambda epoch, logs, threshold: True,
    "Should < be >? It stops below the threshold, and continues above it.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 1.0) < threshold
    ),
    "Should < be >? It stops below the threshold and without an accuracy.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) < threshold
    ),
    "An accuracy equal to the threshold is not above it: use >, not >=.": (
        lambda epoch, logs, threshold: logs.get("accuracy", 0.0) >= threshold
    ),
    'Without "accuracy" in logs return False, whatever "val_accuracy" is.': (
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
    "A missing accuracy counts as 1 here; it must not stop training.": (
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
    "It stops at a small loss; compare the accuracy.": (
        lambda epoch, logs, threshold: logs.get("loss", 1.0) < 1 - threshold
    ),
    "It returns True if logs has an accuracy; compare it with the threshold.": (
        lambda epoch, logs, threshold: "accuracy" in logs
    ),
}


def _judge_stops(student: Student, rng: np.random.Generator, judge: Judge) -> None:
    cases, asked, answers = [], [], []
    for threshold in (0.99, round(float(rng.uniform(0.6, 0.85)), 3)):
        callback = student.StopAtAccuracy(threshold)
        if not isinstance(callback, Handle):
            judge.fail("StopAtAccuracy(threshold) must create an object.", got=callback)
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
        # In random order: a callback that counts epochs stops at the wrong one.
        for epoch, number in enumerate(rng.permutation(len(all_logs))):
            logs = all_logs[number]
            right = logs.get("accuracy", 0.0) > threshold
            answer = callback.method("on_epoch_end", epoch, logs, None)
            array = as_array(False if answer is None else answer)
            if array is None or array.size != 1 or array.dtype.kind not in "biu":
                judge.fail(
                    "on_epoch_end must return True or False.", got=answer, expected=repr(right)
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
        mistakes = {
            "It returns None in every case: on_epoch_end has no return.": [False] * len(cases)
        }
    epochs = {epoch: case.got for case, (epoch, _, _) in zip(cases, asked, strict=True)}
    counted = "The answer depends on the number of the epoch; it must depend on the accuracy."
    mistakes[counted] = [epochs[epoch] for epoch, _, _ in asked]
    hint = 'Return True if logs has "accuracy" and it is greater than the threshold, else False.'
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
            f"lib.fit continued after an epoch with an accuracy above {threshold}.",
            got=f"accuracies {', '.join(f'{value:.3f}' for value in accuracies)}",
        )
    if accuracies[-1] <= threshold and len(accuracies) < most:
        judge.fail(
            f"lib.fit stopped before the accuracy was above {threshold}.",
            got=f"accuracies {', '.join(f'{value:.3f}' for value in accuracies)}",
        )


@functools.cache
def _loss_and_slope() -> Any:
    """Returns loss and gradients of a batch, compiled once for right and wrong losses."""
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
    """Takes our own training steps, or those of a known mistake.

    Args:
      optimizer: an Optax optimizer.
      update: its update function, compiled.
      params: the initial parameters.
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
    "raw": "You did not normalise the images: divide the grey values by 255.",
    "again": "You divided the images by 255 twice; once is enough.",
    "twice": "You applied softmax twice: cross_entropy expects logits.",
    "sum": "You summed the loss over the batch; take the mean.",
    "ascent": "This goes uphill: the loss grows. Is there one minus sign too many?",
    "stays": "The parameters have not changed: return the state that apply_gradients returns.",
    "late": "This is the loss after the update; return the one before it.",
    "forgets": "The optimizer starts again at each step: keep its state, state.opt_state.",
    "first": "Only the first layer has learned: take the gradient with respect to all of "
    "state.params.",
    "last": "Only the last layer has learned: take the gradient with respect to all of "
    "state.params.",
    "double": "You made the update twice: call apply_gradients once.",
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
    """Update the parameters once"""
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
            hint="Compute the gradients with respect to state.params, then call "
            "state.apply_gradients(gradients).",
        )

    def zero_gradients() -> bool:
        """Whether an optimizer that also shrinks the parameters does nothing else."""
        rate, decay = 0.125, 0.5
        optimizer = student.piece("optax.adamw", rate, weight_decay=decay)
        try:
            got = student.train_step(student.make_state(model, optimizer, params), *batches[0])
            after = _flat(got[0].params())
        except (StudentRaised, Refused, TypeError, AttributeError, LookupError):
            return False
        shrunk = _flat(params) * np.float32(1 - rate * decay)
        return after.shape == shrunk.shape and bool(np.allclose(after, shrunk, atol=1e-6))

    def run(kind: str, rate: float, batches: list, changes: tuple[str, ...], title: str) -> None:
        # With its default eps of 1e-8, Adam turns rounding errors in gradients into full steps.
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
                    "train_step must return the next state first.",
                    "state.apply_gradients(gradients) returns it.",
                    got=state,
                    expected="a lib.TrainState",
                )
            losses.append(loss)
        update = jax.jit(ours.update)
        right_params, right_losses = _steps(ours, update, params, batches)
        got = state.params()
        if type(got) is not dict or sorted(got) != sorted(params):
            judge.fail("The state's params no longer fit its model.", got=got)
        compared = losses[0], right_losses[0], got, right_params, title
        try:
            compare(*compared, {}, {})
        except Failure:
            # Known mistakes are slow to compute: do it only for a wrong answer.
            wrong = {
                STEP_MISTAKES[name]: _steps(ours, update, params, batches, name) for name in changes
            }
            mistakes = {sentence: _flat(values) for sentence, (values, _) in wrong.items()}
            if kind == "sgd":
                mistakes |= _plain_descent(_flat(params), _flat(got), _flat(right_params), rate)
            try:
                compare(
                    *compared, {name: np.float32(w[1][0]) for name, w in wrong.items()}, mistakes
                )
            except Failure as failure:
                if ("", STEP_MISTAKES["stays"]) in failure.rows and zero_gradients():
                    _name_zero_gradients(failure, judge)
                raise
        step = as_array(state.get("step"))
        judge.check(
            step is not None and int(step) == len(batches),
            f"state.step is {step} after {len(batches)} steps.",
            "state.apply_gradients(gradients) counts; with state.replace, add step=state.step + 1.",
        )

    # Random, so that only the optimizer of the state has this rate.
    rate = round(float(rng.uniform(0.25, 0.45)), 3)
    changes = ("raw", "again", "twice", "sum", "ascent", "stays", "late", "first", "last", "double")
    with judge.part(2, "one step of SGD"):
        run("sgd", rate, batches[:1], changes, "one step")
    with judge.part(1, "three steps of Adam"):
        run("adam", 0.01, batches, ("forgets", "stays", "ascent", "first", "last"), "three steps")


def _name_zero_gradients(failure: Failure, judge: Judge) -> None:
    """Rewrites a failure that says that the parameters stay the same: their gradients are all 0."""
    said = "All gradients are 0."
    failure.hint = "Does the loss pass its own argument to state.model.apply?"
    line = judge.line_with(r"""(?:["']params["']\s*:|\bdict\(params=)\s*\w+\.params\b""")
    if line:
        said = "All gradients are 0: the loss does not depend on its argument."
        failure.hint = 'Inside it, write {"params": params}, not state.params.'
    failure.rows = [
        (label, line or text) if label == "your line" else (label, text)
        for label, text in failure.rows
        if (label, text) != ("", STEP_MISTAKES["stays"])
    ]
    failure.rows.insert(-1, ("", said))


def _plain_descent(
    start: np.ndarray, got: np.ndarray, right: np.ndarray, rate: float
) -> dict[str, np.ndarray]:
    """Returns the sentence for gradient descent at a rate other than the optimizer's, if any."""
    if got.shape != start.shape:
        return {}
    gradient = (start - right) / rate
    found = float(np.dot(start - got, gradient) / np.dot(gradient, gradient))
    if not found > 0:
        return {}
    return {
        f"This is gradient descent at a learning rate of {found:.4g}; state.optimizer has "
        f"{rate:g}: let state.apply_gradients(gradients) take the step.": start - found * gradient
    }


@task(
    points=4,
    functions=("train_mnist",),
    needs=("dense_model", "stop_at_accuracy"),
    forbids=("lib.StopWhen", "lib.load", "lib.draw", "lib.data.*"),
    seconds=120,
    training=True,
    hints=(
        "Make a model, an optimizer and a state, then call lib.fit with your callback.",
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
        training.judge_test(trained, "Use Adam at 0.001, until 0.99 or for ten epochs.")
    with judge.part(2, "when it stopped"):
        STOP.judge_end(judge, accuracies)
        # A running mean over the epoch lags behind what the final parameters reach.
        reached = trained.accuracy(images[:4000], labels[:4000])
        judge_claim(judge, accuracies[-1], reached, 0.02, "on 4,000 training images")
        _judge_endless(student, secret, judge, images, labels)


def _judge_endless(
    student: Student, secret: TaskSecret, judge: Judge, images: np.ndarray, labels: np.ndarray
) -> None:
    """Trains on every picture twice, with two labels: at most half can be right, no early stop."""
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
    # A running mean over an epoch may be a little above a half: the parameters change meanwhile.
    if max(accuracies) > 0.65:
        judge.fail(
            "Every picture was in the data twice, with two different labels: an accuracy of "
            f"{max(accuracies):.3f} is impossible.",
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
    """Draw the probabilities as bars"""
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
            judge.fail("The bars are horizontal.", "Use axes.bar, not axes.barh.")
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
                "Each bar is as high as the number of its class; draw the probability.": (
                    np.arange(len(names))
                ),
                "The heights are scaled so that the largest is 1; draw the probabilities "
                "themselves.": probabilities / probabilities.max(),
                "You applied softmax to the probabilities; draw them unchanged.": np.exp(
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
            (names[worst],): "That is the least likely class: use np.argmax instead of np.argmin.",
            (names[0],): (
                "That is the first class. Along an axis of length 1, argmax always gives it."
            ),
            (names[-1],): "That is the last class; np.argmax(probabilities) is the index.",
            tuple(names): "Write only the most likely class there.",
        }
        hint = "class_names[int(np.argmax(probabilities))] is its name."
        if title.strip() == str(best):
            hint = f"That is the index of the class: {hint}"
        judge.check(
            named == [names[best]],
            f"The title is {title!r:.80}; the most likely class is {names[best]!r}.",
            hints.get(tuple(named), hint),
        )
