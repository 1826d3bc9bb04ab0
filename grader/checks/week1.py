"""The rubric of week 1: JAX itself, and a neuron that learns a line."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.answers import Case, judge_answers
from grader.judge.judge import Judge
from grader.judge.student import Handle, Refused, Student, StudentRaised
from grader.judge.values import as_array, show
from grader.rubric import task
from grader.secret import TaskSecret
from grader.worker.supervisor import WorkerGone

# These find a line without learning it step by step.
SOLVERS = (
    "numpy.polyfit",
    "numpy.polynomial.*",
    "numpy.linalg.lstsq",
    "numpy.linalg.solve",
    "numpy.linalg.inv",
    "numpy.linalg.pinv",
    "jax.numpy.polyfit",
    "jax.numpy.linalg.lstsq",
    "jax.numpy.linalg.solve",
    "jax.numpy.linalg.inv",
    "jax.numpy.linalg.pinv",
    "jax.scipy.linalg.*",
    "scipy.*",
)


@task(
    points=1,
    functions=("set_last",),
    hints=(
        "JAX arrays do not change. Which line in cell 1 makes a changed copy?",
        "The last element has the index -1.",
        "values.at[...].set(...) gives the new array; return it.",
    ),
)
def check_set_last(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Replace the last element of an array"""
    rng = secret.numpy("values")
    for length in (6, 1):
        values = rng.normal(size=length).astype(np.float32)
        new = round(float(rng.uniform(5, 9)), 1)
        expected = np.concatenate([values[:-1], [new]]).astype(np.float32)
        got = student.set_last(values, new)
        if isinstance(got, Handle) and "IndexUpdate" in got.kind:
            judge.fail(
                "values.at[...] alone is not an array yet.",
                "Call .set on it: values.at[...].set(new) returns the new array.",
            )
        judge.same(got, expected, mistakes=_set_last_mistakes(values, new))


def _set_last_mistakes(values: np.ndarray, new: float) -> dict[str, Any]:
    def with_new(place: int) -> np.ndarray:
        return np.concatenate([values[:place], [new], values[place + 1 :]])

    last_added, last_scaled = values.copy(), values.copy()
    last_added[-1] += new
    last_scaled[-1] *= new
    mistakes = {
        "Nothing has changed: .at[].set() returns a new array (keep it) and drops a write beyond "
        "the end without an error.": values,
        "You replaced the first element, not the last.": with_new(0),
        "You added the new number to the old one: use .set() instead of .add().": last_added,
        "You multiplied the old number by the new one: use .set() instead of .multiply().": (
            last_scaled
        ),
        "You appended the new number; it should replace the last one.": np.append(values, new),
        "You left out the last element; the new number should replace it.": values[:-1],
        "You replaced every element, not only the last.": np.full_like(values, new),
        "This is the new number alone; return the whole array.": new,
        "You replaced all but the last element; .at[-1] is the last one.": np.append(
            np.full_like(values[:-1], new), values[-1:]
        ),
        "Every element has moved up by one place; only the last one should change.": np.append(
            values[1:], new
        )[: len(values)],
    }
    if len(values) > 1:
        mistakes |= {
            "You replaced the second element: .at[1] counts from 0, .at[-1] is the last.": with_new(
                1
            ),
            "You replaced the last but one: the last element has the index -1.": with_new(
                len(values) - 2
            ),
        }
    return mistakes


def _two_arrays(judge: Judge, value: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    items = judge.unpack(
        value,
        2,
        "two_draws must return two arrays: `return first, second`.",
        expected=f"two arrays of shape ({n},)",
        stacked=(n,),
    )
    arrays = [as_array(item) for item in items]
    for name, array in zip(("first", "second"), arrays, strict=True):
        if array is None or array.shape != (n,) or array.dtype.kind != "f":
            judge.fail(
                f"The {name} array must hold n numbers.",
                "Pass the shape (n,) to jax.random.normal.",
                got=value,
                expected=f"two float arrays of shape ({n},)",
            )
        if not np.isfinite(array).all():
            judge.fail(f"Some numbers in the {name} array are not finite.", got=array)
    return np.asarray(arrays[0]), np.asarray(arrays[1])


# Bounds of 6.6 and more standard deviations: all of them together raise a false alarm in fewer
# than one right answer in 1e9.
DRAWS = 20_000
FARTHEST = 0.0243
"""How far the share of numbers below any bound may differ from that of the distribution."""


def _is_distributed(array: np.ndarray, below: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Says whether numbers follow a distribution, given its share of numbers below a bound."""
    shares = (np.arange(len(array)) + 0.5) / len(array)
    return bool(np.abs(below(np.sort(array.astype(np.float64))) - shares).max() < FARTHEST)


def _below_if_normal(bounds: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(-bound / math.sqrt(2)) for bound in bounds])


def _judge_normal(judge: Judge, name: str, array: np.ndarray) -> None:
    if _is_distributed(array, lambda bounds: bounds.clip(0, 1)):
        judge.fail(
            f"The numbers in the {name} array are between 0 and 1: they are uniform.",
            "jax.random.normal draws standard normal numbers.",
        )
    mean, deviation = array.mean(), array.std()
    if abs(mean) > 6.7 / np.sqrt(DRAWS) or abs(deviation - 1) > 0.04:
        judge.fail(
            f"The {name} array does not look like standard normal numbers.",
            "Return what jax.random.normal draws, neither shifted nor scaled.",
            got=f"mean {mean:.3f}, standard deviation {deviation:.3f}",
            expected="mean about 0, standard deviation about 1",
        )
    if not _is_distributed(array, _below_if_normal):
        judge.fail(
            f"The {name} array has the mean and the standard deviation of standard normal numbers, "
            "but not their distribution.",
            "Return what jax.random.normal draws, unchanged.",
        )


def _judge_unrelated(judge: Judge, key: Any, first: np.ndarray, second: np.ndarray) -> None:
    """Fails if two arrays depend on each other, or if one key was used twice."""
    import jax

    def drawn(key: Any) -> jax.Array:
        return jax.random.normal(key, (DRAWS,))

    def alike(one: np.ndarray, other: np.ndarray) -> bool:
        return np.allclose(one, other, rtol=1e-4, atol=1e-5)

    from_key = [alike(array, np.asarray(drawn(key))) for array in (first, second)]
    if alike(first, second):
        judge.fail(
            "Both arrays hold the same numbers: you used one key twice."
            if all(from_key)
            else "Both arrays hold the same numbers.",
            "Use each key for one draw only. Split it first, then give each draw its own.",
        )
    if np.mean(np.isin(np.abs(second), np.abs(first))) > 0.5:
        judge.fail(
            "Most numbers in the second array are those of the first, in different places or "
            "with different signs.",
            "Split the key first, then draw each array with its own key.",
        )
    correlation = np.mean(first.astype(np.float64) * second)
    if abs(correlation) > 6.7 / np.sqrt(DRAWS):
        judge.fail(
            f"The second array depends on the first: their correlation is {correlation:.2f}.",
            "Draw the second one with its own key.",
        )
    if any(from_key):
        # A key from fold_in is one of these too.
        parts = np.asarray(jax.vmap(drawn)(jax.random.split(key, 64)))
        other = second if from_key[0] else first
        if any(alike(other, part) for part in parts):
            judge.fail(
                "You drew one array with `key`, and the other with a key split from it: you used "
                "`key` twice.",
                "Write first_key, second_key = jax.random.split(key) and draw one array from each.",
            )


@task(
    points=2,
    functions=("two_draws",),
    hints=(
        "The same key gives the same numbers. How do you get two different keys?",
        "jax.random.split(key) gives two keys: one for each array.",
        "jax.random.normal(first_key, (n,)) is the first array. Draw the second in the same way.",
    ),
)
def check_two_draws(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Draw two independent arrays from one key"""
    key, other_key = secret.key("one key"), secret.key("another key")
    first, second = _two_arrays(judge, student.two_draws(key, DRAWS), DRAWS)
    _two_arrays(judge, student.two_draws(key, 3), 3)
    for name, array in (("first", first), ("second", second)):
        _judge_normal(judge, name, array)
    _judge_unrelated(judge, key, first, second)
    again, again_second = _two_arrays(judge, student.two_draws(key, DRAWS), DRAWS)
    if not (np.array_equal(first, again) and np.array_equal(second, again_second)):
        judge.fail(
            "Called twice with the same key, it gave different numbers.",
            "All randomness must come from the key: no NumPy generator, no clock.",
        )
    other, other_second = _two_arrays(judge, student.two_draws(other_key, DRAWS), DRAWS)
    if np.mean(first == other) > 0.01 or np.mean(second == other_second) > 0.01:
        judge.fail(
            "Called with another key, it gave the same numbers again.",
            "Use the key that is passed in, not one made inside the function.",
        )


@task(
    points=2,
    functions=("mean_squared_error",),
    hints=(
        "Three steps: differences, squares, mean.",
        "Shapes (n, 1) and (n,) broadcast to (n, n). Bring both to (n,) first.",
        "jnp.mean of the squared difference, after .reshape(-1) on both arguments.",
    ),
)
def check_mean_squared_error(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Compute the mean squared error"""
    rng = secret.numpy("values")
    n = int(rng.integers(6, 12))
    predictions = rng.normal(size=n).astype(np.float32) * 3
    targets = rng.normal(size=n).astype(np.float32) * 3 + 1
    error = np.float64(predictions) - targets
    expected = np.float32(np.mean(error**2))
    table = predictions.astype(np.float64)[:, None] - targets[None, :]
    mistakes = {
        "This is the sum. The mean divides by the number of examples.": np.sum(error**2),
        "These are the absolute differences. Square them.": np.mean(np.abs(error)),
        "This is the square root of the mean squared error. Leave the root out.": np.sqrt(
            np.mean(error**2)
        ),
        "This is the square of the mean. Square the differences, then take the mean.": np.mean(
            error
        )
        ** 2,
        "You did not square the differences.": np.mean(error),
        "You did not square the differences, and they have the wrong sign.": -np.mean(error),
        "This is half of it, as in optax.l2_loss: the mean squared error has no 1/2.": np.mean(
            error**2
        )
        / 2,
        "This divides by n − 1; the mean divides by n.": np.sum(error**2) / (n - 1),
        "This is the largest of the squares. Take their mean.": np.max(error**2),
        "This is the median of the squares. Take their mean.": np.median(error**2),
        "You squared predictions and targets separately; square their difference.": np.mean(
            np.float64(predictions) ** 2 - np.float64(targets) ** 2
        ),
        "These are the squares, one for each example. Their mean is missing.": error**2,
    }
    broadcast = {
        "Every prediction was paired with every target: (n, 1) and (n,) broadcast to (n, n). "
        "Give both the same shape first.": np.mean(table**2),
        **mistakes,
        "These are the squares, one for each example. Their mean is missing.": error[:, None] ** 2,
    }
    slopes = 2 * error / n
    slope_mistakes = {
        "The slope is 0 everywhere: the result does not depend on the predictions, as after "
        "jax.lax.stop_gradient.": np.zeros(n),
        "This is the slope of the sum, not of the mean.": n * slopes,
        "Every prediction was paired with every target: this is the slope of the mean over "
        "(n, n).": (2 * np.mean(table, axis=1) / n),
    }
    with judge.part(0.5, "predictions (n,), targets (n,)"):
        got = student.mean_squared_error(predictions, targets)
        judge.same(got, expected, mistakes=mistakes)
    with judge.part(0.5, "under jax.jit and jax.grad"):
        got = student.transformed("jit", "mean_squared_error", predictions, targets)
        judge.same(got, expected, mistakes=mistakes)
        got = student.transformed("grad", "mean_squared_error", predictions, targets)
        judge.same(got, np.float32(slopes), mistakes=slope_mistakes)
    with judge.part(1, "predictions (n, 1) as a layer gives them, targets (n,)"):
        for one, other in ((predictions[:, None], targets), (predictions, targets[:, None])):
            judge.same(student.mean_squared_error(one, other), expected, mistakes=broadcast)
        got = student.transformed("grad", "mean_squared_error", predictions, targets[:, None])
        judge.same(got, np.float32(slopes), mistakes=slope_mistakes)


def _numbers(judge: Judge, value: Any, names: tuple[str, ...], function: str) -> np.ndarray:
    """Returns several returned numbers as one array, or fails and shows what came instead."""
    form = f"{len(names)} numbers: {', '.join(names)}"
    message = f"{function} must return {form}."
    items = judge.unpack(value, len(names), message, expected=form, stacked=())
    arrays = [as_array(item) for item in items]
    for name, item, array in zip(names, items, arrays, strict=True):
        if array is None or array.shape != () or array.dtype.kind not in "fiu":
            judge.fail(f"The {name} must be one number, shape ().", got=item, expected="one float")
    return np.array([float(array) for array in arrays])  # type: ignore[arg-type]


def _slopes(weight: float, bias: float, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    error = weight * x + bias - y
    return float(2 * np.mean(error * x)), float(2 * np.mean(error))


@task(
    points=2,
    functions=("gradient_step",),
    needs=("mean_squared_error",),
    forbids=("optax.sgd", "lib.train_step", "lib.fit"),
    hints=(
        "Write a small function of weight and bias that returns the loss; jax.grad does the rest.",
        "jax.grad(loss, argnums=(0, 1))(weight, bias) gives both slopes at once.",
        "New weight: weight - learning_rate * its slope. Do the same for the bias.",
    ),
)
def check_gradient_step(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Take one step of gradient descent"""
    rng = secret.numpy("points")
    for _ in range(2):
        n = int(rng.integers(5, 9))
        x = rng.uniform(-2, 4, n).astype(np.float32)
        y = rng.uniform(-5, 5, n).astype(np.float32)
        weight, bias = (float(np.float32(v)) for v in rng.uniform(1, 3, 2))
        rate = float(rng.uniform(0.02, 0.06))
        slope_w, slope_b = _slopes(weight, bias, x.astype(np.float64), y)
        late_b = _slopes(weight - rate * slope_w, bias, x.astype(np.float64), y)[1]
        start = np.array([weight, bias])
        slopes = np.array([slope_w, slope_b])
        step = rate * slopes
        error = weight * x.astype(np.float64) + bias - y
        signs = np.array([np.mean(np.sign(error) * x), np.mean(np.sign(error))])
        mistakes: dict[str, Any] = {
            "This goes uphill: the gradient points to where the loss grows. Subtract it.": start
            + step,
            "The learning rate is missing.": start - slopes,
            "This is the step alone, not the new weight and bias.": step,
            "This is the step alone, not the new weight and bias: add it to the old ones.": -step,
            "This is the gradient alone; take a step against it.": slopes,
            "The step is n times too large: you summed the loss instead of averaging it.": start
            - n * step,
            "The step is half of what it should be: the slope of error² is 2 · error · x, with the "
            "factor 2.": start - step / 2,
            "The slope of the weight lacks the factor x: it is the mean of 2 · error · x.": start
            - rate * slope_b,
            "You computed the bias's slope at the new weight. Compute both at the old values.": [
                weight - rate * slope_w,
                bias - rate * late_b,
            ],
            "Only the weight has moved; the bias has a slope too.": [start[0] - step[0], bias],
            "Only the bias has moved; the weight has a slope too.": [
                weight,
                start[1] - step[1],
            ],
            "This step follows the absolute error, not the squared one.": start - rate * signs,
            "The two slopes are swapped.": start - step[::-1],
            "Weight and bias are in the wrong order.": (start - step)[::-1],
            "Weight and bias have not moved.": start,
        }
        for other in (0.5, 0.1, 0.05, 0.01, 0.005, 0.001, 0.0001):
            sentence = f"This step has a learning rate of {other:g}; use learning_rate, {rate:.4f}."
            mistakes[sentence] = start - other * slopes
        got = student.gradient_step(np.float32(weight), np.float32(bias), x, y, rate)
        judge.same(
            _numbers(judge, got, ("weight", "bias"), "gradient_step"),
            start - step,
            "gradient_step's weight and bias",
            mistakes=mistakes,
        )


def _train(
    x: np.ndarray, y: np.ndarray, rate: float, epochs: int, weight: Any = 0, bias: Any = 0
) -> tuple[Any, Any, list]:
    """Trains in float32, like the student's code, so that both overflow at the same step."""
    x, y = x.astype(np.float32), y.astype(np.float32)
    weight, bias, losses = np.float32(weight), np.float32(bias), []
    step = np.float32(2 * rate)
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            error = weight * x + bias - y
            losses.append(float(np.mean(error**2)))
            weight, bias = (
                weight - step * np.mean(error * x),
                bias - step * np.mean(error),
            )
    return weight, bias, losses


def _line(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Draws points on a line whose slope is not small, with x spread between −2 and 5."""
    slope = float(rng.uniform(1, 3) * rng.choice([-1, 1]))
    offset = float(rng.uniform(1, 3) * rng.choice([-1, 1]))
    x = (np.linspace(-2, 5, n) + rng.uniform(-0.2, 0.2, n)).clip(-2, 5).astype(np.float32)
    return x, (slope * x + offset).astype(np.float32), slope, offset


@task(
    points=3,
    functions=("train_line",),
    needs=("gradient_step",),
    forbids=("lib.fit", "lib.train_step"),
    seconds=20,
    training=True,
    hints=(
        "Loop over the epochs: in each one, record the loss, then take one gradient_step.",
        "Record the loss before the step: losses[0] belongs to weight 0 and bias 0.",
        "weight, bias = gradient_step(weight, bias, x, y, learning_rate) inside the loop, and "
        "losses.append(float(mean_squared_error(weight * x + bias, y))) above it.",
    ),
)
def check_train_line(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Train a neuron, epoch after epoch"""
    rng = secret.numpy("line")
    x, y, slope, offset = _line(rng, int(rng.integers(6, 9)))
    rate, epochs = float(rng.uniform(0.012, 0.02)), int(rng.integers(30, 50))
    weight, bias, losses = _train(x, y, rate, epochs)
    more = _train(x, y, rate, epochs + 1)
    *line, got = judge.unpack(
        student.train_line(x, y, rate, epochs),
        3,
        "train_line must return the weight, the bias and the list of losses.",
        expected="weight, bias, losses",
    )
    one_step = (
        "That is the result of the first step, and there is one loss: the loop ended after it."
        if type(got) is list and len(got) == 1
        else "That is the result of the first step: start each step where the last one ended."
    )
    # More steps and larger ones lead to much the same line: the number of losses tells them apart.
    count = len(got) if type(got) in (list, tuple) else 0
    other_steps = {
        f"That is the result of {count} epochs; use epochs, here {epochs}.": _train(
            x, y, rate, min(count, 2000)
        )[:2]
    }
    if count == epochs:
        other_steps = {
            f"That is the result of a learning rate of {other:g}; use learning_rate, {rate:.4f}.": (
                _train(x, y, other, epochs)[:2]
            )
            for other in (0.1, 0.05, 0.01, 0.001)
        }
        # If a rate reaches the line itself, other mistakes end there too.
        other_steps = {
            sentence: found
            for sentence, found in other_steps.items()
            if not np.allclose(found, [slope, offset], atol=0.02)
        }
    with judge.part(1.5, "weight and bias after training"):
        judge.same(
            _numbers(judge, line, ("weight", "bias"), "train_line"),
            np.array([weight, bias]),
            "train_line's weight and bias",
            atol=1e-3,
            rtol=1e-3,
            mistakes={
                "That is one step too many: take one step per epoch.": more[:2],
                "That is one step too few: take one step per epoch.": _train(
                    x, y, rate, epochs - 1
                )[:2],
                "Weight and bias are still 0.": [0.0, 0.0],
                one_step: _train(x, y, rate, 1)[:2],
                "Training starts at weight 0 and bias 0, not at 1 and 0.": _train(
                    x, y, rate, epochs, weight=1
                )[:2],
                "Training starts at weight 0 and bias 0, not at 1 and 1.": _train(
                    x, y, rate, epochs, weight=1, bias=1
                )[:2],
                "Weight and bias are in the wrong order.": [bias, weight],
                **other_steps,
                "That is the line through all points. Gradient descent is not there yet after "
                f"{epochs} epochs.": [slope, offset],
            },
            hint="In each epoch: weight, bias = gradient_step(weight, bias, x, y, learning_rate).",
        )
    with judge.part(1.5, "the losses"):
        if type(got) in (list, tuple) and all(as_array(v) is not None for v in got):
            got = np.array([np.asarray(v).reshape(-1)[:1] for v in got], np.float64).reshape(-1)
        judge.same(
            got,
            np.array(losses),
            "train_line's losses",
            atol=1e-3,
            rtol=1e-3,
            mistakes={
                "These are the losses after each step; record each loss before its step.": more[2][
                    1:
                ],
                "There is one loss too many: one per epoch, each before its step.": more[2],
                "The first loss is missing: the one at weight 0 and bias 0.": losses[1:],
                "The last loss is missing: one per epoch, each before its step.": losses[:-1],
                "The losses are in reverse order; begin with the first.": losses[::-1],
                "This is the last loss alone; return a list with the loss of each epoch.": losses[
                    -1
                ],
                "Each loss is the sum over the examples; take the mean.": len(x) * np.array(losses),
                "Each loss is the root of the mean squared error; leave the root out.": np.sqrt(
                    losses
                ),
                "Every epoch has the loss of weight 0 and bias 0: compute the loss in the loop.": [
                    losses[0]
                ]
                * epochs,
            },
            hint=f"One loss per epoch, {epochs} in all, each measured before the step.",
        )


@task(
    points=3,
    functions=("fit_line",),
    forbids=(
        "lib.fit",
        "lib.train_step",
        *SOLVERS,
    ),
    seconds=30,
    training=True,
    hints=(
        "Which shapes does your loss combine? The model returns (n, 1), and y is (n,).",
        "Pass x.reshape(-1, 1) to the model; your mean_squared_error handles the rest.",
        "model.init(key, inputs)['params'], then a loop: gradients from jax.grad, updates from "
        "optimizer.update, new params from optax.apply_updates. Adam at 0.1 needs a few hundred "
        "steps.",
    ),
)
def check_fit_line(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Learn the line with Flax and Optax"""
    rng = secret.numpy("line")
    for turn in range(2):
        x, y, slope, offset = _line(rng, int(rng.integers(6, 12)))
        key = secret.key(f"params {turn}")
        found = _fitted(judge, student.fit_line(x, y, key))
        _judge_line(judge, found, x, y, key, np.array([slope, offset]))
    _judge_one_place(student, secret, judge)


def _fitted(judge: Judge, params: Any) -> np.ndarray:
    """Returns kernel and bias of the params of nn.Dense(1), or fails and shows what came."""
    if type(params) is dict and set(params) == {"params"}:
        params = params["params"]
    if type(params) is not dict or set(params) != {"kernel", "bias"}:
        judge.fail(
            "fit_line must return the params of nn.Dense(1).",
            got=params,
            expected='{"kernel": shape (1, 1), "bias": shape (1,)}',
        )
    kernel, bias = as_array(params["kernel"]), as_array(params["bias"])
    if kernel is None or bias is None or kernel.shape != (1, 1) or bias.shape != (1,):
        judge.fail(
            "The params do not have the shapes of nn.Dense(1) with one input.",
            "The model's input is (n, 1): n examples with one feature each.",
            got=f"kernel {show(params['kernel'])}; bias {show(params['bias'])}",
            expected="kernel (1, 1), bias (1,)",
        )
    return np.array([float(kernel[0, 0]), float(bias[0])])


def _first_params(key: Any) -> np.ndarray:
    """Returns the initial kernel and bias of nn.Dense(1)."""
    import jax.numpy as jnp
    from flax import linen as nn

    params: Any = nn.Dense(1).init(key, jnp.zeros((1, 1)))["params"]
    return np.array([float(params["kernel"][0, 0]), float(params["bias"][0])])


def _judge_line(
    judge: Judge, found: np.ndarray, x: np.ndarray, y: np.ndarray, key: Any, right: np.ndarray
) -> None:
    if not np.isfinite(found).all():
        judge.fail(
            "The parameters are not finite.",
            "Print the loss of each step. If it grows from step to step, training diverges: take a "
            "smaller learning rate, such as optax.sgd(0.01) or optax.adam(0.1).",
            got=_said(found),
        )
    if np.abs(found - right).max() <= 0.1:
        return
    slope, offset = right
    first, exactly = _first_params(key), 1e-6
    known = (
        (
            "These are still the initial parameters, those of model.init: optax.apply_updates "
            "returns the new ones; keep them.",
            first,
            exactly,
        ),
        (
            "The line is flat, at the mean of the targets. Predictions (n, 1) minus targets (n,) "
            "is a table (n, n): give both the same shape.",
            np.array([0, y.mean()]),
            0.02,
        ),
        (
            "This line predicts x from y: features and targets are swapped.",
            np.array([1, -offset]) / slope,
            0.02,
        ),
        (
            "This is the best line through the origin: training did not learn the bias.",
            np.array([np.sum(x * y) / np.sum(x * x), 0]),
            0.02,
        ),
        (
            "The kernel is still the initial one, and only the bias has learned: update both.",
            np.array([first[0], y.mean() - first[0] * x.mean()]),
            0.02,
        ),
        ("The bias is still 0, as model.init sets it.", found * [1, 0], 0.0),
    )
    hint = "Print the loss every 50 steps, and check whether it still falls at the end."
    for sentence, mistake, tolerance in known:
        if np.abs(found - mistake).max() <= tolerance:
            hint = sentence
            break
    loss, nothing = np.mean((found[0] * x + found[1] - y) ** 2), np.mean(y.astype(np.float64) ** 2)
    what = "Training has not found the line yet."
    if loss > 2 * nothing:
        what = "The line is farther from the points than the line y = 0."
    judge.fail(what, hint, got=_said(found), expected=f"{_said(right)}, both within 0.1")


def _said(line: np.ndarray) -> str:
    return f"kernel {line[0]:.4f}, bias {line[1]:.4f}"


def _judge_one_place(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Judges training on points with the same x: many lines fit, and the key decides which.

    A formula divides by zero here. Training that ignores the key finds one line for all keys.
    """
    rng = secret.numpy("one place")
    place, target = float(rng.uniform(1.5, 2)), float(rng.uniform(2, 4) * rng.choice([-1, 1]))
    x, y = np.full(8, place, np.float32), np.full(8, target, np.float32)
    lines = []
    for name in ("one key", "another key"):
        found = _fitted(judge, student.fit_line(x, y, secret.key(name)))
        reached = found[0] * place + found[1]
        if not abs(reached - target) <= 0.1:
            judge.fail(
                f"All points are at x = {place:.3f}, y = {target:.3f} here, and the line misses "
                "them.",
                "Many lines fit them, and training ends at one. A formula that divides by the "
                "spread of x fails.",
                got=f"{_said(found)}: at this x it is {reached:.4f}",
                expected=f"{target:.4f} at this x, within 0.1",
            )
        lines.append(found)
    if np.allclose(*lines, rtol=0, atol=1e-6):
        judge.fail(
            "All points have the same x here and many lines fit, but two keys gave the same line: "
            f"{_said(lines[0])}.",
            "Draw the initial parameters with key, model.init(key, ...), and train from there: the "
            "line that training finds depends on them.",
        )


@task(
    points=2,
    functions=("house_price",),
    forbids=SOLVERS,
    seconds=30,
    training=True,
    hints=(
        "Which arguments are the features, and which are the labels?",
        "Learn a line from `bedrooms` and `prices`; other houses follow another rule.",
        "weight, bias, _ = train_line(bedrooms, prices, ...), then the line at `new_bedrooms`.",
    ),
)
def check_house_price(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Predict the price of a house from examples"""
    rng = secret.numpy("houses")
    for town in _towns(rng):
        value = student.house_price(town.bedrooms, town.prices, float(town.new))
        got = as_array(value)
        if got is None or got.shape != () or got.dtype.kind not in "fiu":
            judge.fail(
                "house_price must return one number.",
                "float(...) turns an array with a single element into a number.",
                got=value,
                expected="one float",
            )
        price = town.first + town.more * town.new
        if abs(float(got) - price) <= 0.1:
            continue
        what = f"The price for {town.new} bedrooms is wrong."
        if not np.isfinite(got):
            what = f"The price for {town.new} bedrooms is not finite."
        judge.fail(
            f"{what} {town.told}",
            _diverged(student, town, float(got)) or _wrong_price(town, float(got)),
            got=f"{float(got):,.4f}",
            expected=f"{price:.4f}, within 0.1",
        )


@dataclass(frozen=True)
class _Town:
    """Houses that were sold, and a house to price.

    Attributes:
      bedrooms, prices: of the houses sold.
      first, more: the rule: a base price, and what each bedroom adds to it.
      new: bedrooms of the house to price.
      told: a sentence about the houses sold, for the message.
    """

    bedrooms: np.ndarray
    prices: np.ndarray
    first: float
    more: float
    new: int
    told: str


# How much houses of 1 to 6 bedrooms cost above the rule, as a share of the largest difference: the
# best line through all of them is the rule, and a line through any two misses it by far.
HAGGLED = np.array([0.02, 0.27, 0.45, -0.79, -0.95, 1.0])


def _towns(rng: np.random.Generator) -> list[_Town]:
    """Makes two towns, the town of the docstring, and one whose houses are all alike.

    In the first two, no two known mistakes give the same price: base price and price per bedroom
    differ, and the house to price has neither 7 bedrooms nor 8.
    """
    bedrooms = np.arange(1, 7).astype(np.float64)
    table = np.stack([bedrooms, np.ones(6)], axis=1)
    haggled = HAGGLED - table @ np.linalg.lstsq(table, HAGGLED, rcond=None)[0]

    def town(first: float, more: float, new: int, above: Any, told: str) -> _Town:
        order = rng.permutation(6)
        prices = (first + more * bedrooms + above)[order].astype(np.float32)
        return _Town(bedrooms[order].astype(np.float32), prices, first, more, new, told)

    def rule(first: float, more: float) -> str:
        return f"The example houses cost {first:g} + {more:g} per bedroom"

    # After 500 epochs at 0.01 the price in the first of these is still too high.
    slow = round(rng.uniform(0.8, 0.9), 2), round(rng.uniform(0.2, 0.25), 2)
    quick = round(rng.uniform(0.3, 0.6), 2), round(rng.uniform(0.65, 0.8), 2)
    most = float(rng.uniform(0.11, 0.15) * rng.choice([-1, 1]))
    others = [
        town(*slow, 10, 0.0, f"{rule(*slow)}."),
        town(*quick, int(rng.integers(9, 11)), most * haggled, f"{rule(*quick)}, with haggling."),
    ]
    alike, price = int(rng.integers(2, 4)), round(rng.uniform(1, 2.5), 2)
    rows = np.full(6, alike, np.float32), np.full(6, price, np.float32)
    told = f"All example houses have {alike} bedrooms and cost {price:g}."
    return [
        *(others[i] for i in rng.permutation(2)),
        town(0.5, 0.5, 7, 0.0, f"{rule(0.5, 0.5)}."),
        _Town(*rows, price, 0.0, alike, told),
    ]


def _diverged(student: Student, town: _Town, got: float) -> str:
    """Says so if training diverged, else returns "".

    With hundredths of the bedrooms, gradient descent needs no small learning rate: what now gives a
    price of normal size diverged only because the rate was too large.
    """
    most = 1e6 * float(np.abs(town.prices).max())
    if abs(got) <= most or np.ptp(town.bedrooms) == 0:  # False for nan
        return ""
    with contextlib.suppress(StudentRaised, Refused, WorkerGone):
        small = np.float32(0.01) * town.bedrooms
        price = as_array(student.house_price(small, town.prices, 0.01 * town.new))
        if price is not None and price.shape == () and abs(float(price)) <= most:
            return (
                "Training diverged: the learning rate is too large for these houses. Try a smaller "
                "one, with more epochs."
            )
    return ""


def _wrong_price(town: _Town, got: float) -> str:
    """Says what to try: the mistake that gives this price, or how to look for it."""
    if not np.isfinite(got) and np.ptp(town.bedrooms) == 0:
        return (
            "A formula that divides by the differences of the bedrooms fails here, where these are "
            "all 0. Train a line instead."
        )
    if not np.isfinite(got):
        return "Print the losses of your training: where do they stop being finite?"
    price = town.first + town.more * town.new
    x, y = town.bedrooms.astype(np.float64), town.prices.astype(np.float64)
    known = {
        "That price follows the rule of the docstring's example. These houses follow another "
        "rule: learn it from `bedrooms` and `prices`.": 0.5 + 0.5 * town.new,
        "The price is in single units of money. Count in hundreds of thousands, as `prices` does: "
        "150,000 is 1.5.": 100_000 * price,
    }
    if np.ptp(x) > 0:
        weight, bias, _ = _train(x, y, 0.01, 500)
        known |= {
            "That is the result of 500 epochs at a learning rate of 0.01; train for longer.": (
                weight * town.new + bias
            ),
            "The bias is missing: the price is weight * new_bedrooms + bias.": town.more * town.new,
            "You added the bias once for every bedroom; add it only once.": (
                (town.first + town.more) * town.new
            ),
            "That is the price for one bedroom more: use new_bedrooms itself.": (price + town.more),
            "That is the price for one bedroom fewer: use new_bedrooms itself.": (
                price - town.more
            ),
            "That is the price for 7 bedrooms; the house to price has new_bedrooms.": (
                town.first + 7 * town.more
            ),
            "That is the mean of the example prices, whatever the number of bedrooms: the line is "
            "flat. Do predictions and targets have the same shape in your loss?": y.mean(),
            "That is what one bedroom adds, the weight alone.": town.more,
            "That is the base price, the bias alone.": town.first,
            "Features and labels are swapped: pass the bedrooms first, then the prices.": float(
                np.polyval(np.polyfit(y, x, 1), town.new)
            ),
        }
    for sentence, mistake in known.items():
        if abs(got - mistake) <= 0.01 * max(1, abs(mistake) / 100):
            return sentence
    if np.abs(y - town.first - town.more * x).max() > 0.05:  # else all these lines are the rule
        for i, j in itertools.combinations(range(len(x)), 2):
            slope = (y[j] - y[i]) / (x[j] - x[i])
            if abs(got - y[i] - slope * (town.new - x[i])) <= 1e-3:
                return (
                    f"That is on the line through two houses, with {x[i]:g} and {x[j]:g} bedrooms: "
                    "learn from all of them."
                )
    return "Print the losses of your training, and check whether they still fall at the end."


def _loss_ratios(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    """Divides the last loss of `_train` by its first, for many sets of features at once.

    Args:
      x: (sets, n).
      y: (n,), the same for all sets.
      rate: learning rate.
      epochs: how many steps.
    """
    step = np.float32(2 * rate)
    weights, biases = np.zeros((2, len(x), 1), np.float32)
    losses = []
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            error = weights * x + biases - y
            losses.append(np.mean(error**2, axis=1))
            weights = weights - step * np.mean(error * x, axis=1, keepdims=True)
            biases = biases - step * np.mean(error, axis=1, keepdims=True)
        return losses[-1] / losses[0]


# Only clear cases: rounding cannot move them over a threshold. With inf as the last loss the ratio
# is inf, and with nan nan.
KINDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nan": np.isnan,
    "finite": lambda ratio: (ratio > 10) & (ratio < 1e25),
    "good": lambda ratio: ratio < 0.05,
    "nearly good": lambda ratio: (ratio > 0.2) & (ratio < 0.45),
    "too small": lambda ratio: (ratio > 0.55) & (ratio < 0.99),
}
# At each of two rates all three answers occur, because the features are in different units.
ASKED = (
    ("nan", "good", "nearly good", "too small"),
    ("finite", "good", "nearly good", "too small"),
)


RATE_ANSWERS = ("diverges", "too small", "good")
# What the rule and known mistakes answer for the first and the last loss.
RATE_RULES: dict[str, Callable[[float, float], str]] = {
    "": lambda first, last: (
        "diverges"
        if not np.isfinite(last) or last > first
        else "too small"
        if last > first / 10
        else "good"
    ),
    "nan compares False with everything, so last > first misses it: check np.isfinite first.": (
        lambda first, last: (
            "diverges" if last > first else "too small" if last > first / 10 else "good"
        )
    ),
    "A last loss that is finite, but larger than the first, is divergence too.": (
        lambda first, last: (
            "diverges" if not np.isfinite(last) else "too small" if last > first / 10 else "good"
        )
    ),
    "If the loss falls, but not to a tenth of the first, the rate is too small.": (
        lambda first, last: "diverges" if not np.isfinite(last) or last > first else "good"
    ),
    "A rate is too small if the last loss is above a tenth of the first, not above half of it.": (
        lambda first, last: (
            "diverges"
            if not np.isfinite(last) or last > first
            else "too small"
            if last > first / 2
            else "good"
        )
    ),
    "Compare the last loss with a tenth of the first, not with 0.1.": (
        lambda first, last: (
            "diverges"
            if not np.isfinite(last) or last > first
            else "too small"
            if last > 0.1
            else "good"
        )
    ),
    '"good" and "too small" are swapped.': lambda first, last: (
        "diverges"
        if not np.isfinite(last) or last > first
        else "good"
        if last > first / 10
        else "too small"
    ),
}


@dataclass(frozen=True)
class RateQuestion:
    """A training run with a learning rate to judge, and its first and last loss.

    Attributes:
      x: features, (n,) float32.
      y: labels, (n,) float32.
      rate: learning rate.
      first: loss before the first step.
      last: loss in the last epoch; inf or nan if training diverges.
    """

    x: np.ndarray
    y: np.ndarray
    rate: float
    first: float
    last: float

    @property
    def right(self) -> str:
        """The right answer of `judge_learning_rate`."""
        return RATE_RULES[""](self.first, self.last)


def _rate_questions(rng: np.random.Generator) -> list[RateQuestion]:
    """Draws questions in random order; each known mistake answers at least one of them wrong."""
    while True:
        questions = [question for kinds in ASKED for question in _rate_answers(rng, kinds)]
        if all(
            any(rule(question.first, question.last) != question.right for question in questions)
            for sentence, rule in RATE_RULES.items()
            if sentence
        ):
            return [questions[i] for i in rng.permutation(len(questions))]


def _rate_answers(rng: np.random.Generator, kinds: tuple[str, ...]) -> Iterator[RateQuestion]:
    """Draws features for one learning rate, one question of each kind."""
    found: dict[str, np.ndarray] = {}
    while len(found) < len(kinds):
        x, y, _, _ = _line(rng, 8)
        rate = float(10 ** rng.uniform(-2.2, -1))
        scaled = (10 ** rng.uniform(-2.5, 1.3, (2000, 1)) * x).astype(np.float32)
        ratios = _loss_ratios(scaled, y, rate, 100)
        places = {kind: np.flatnonzero(KINDS[kind](ratios)) for kind in kinds}
        found = {kind: scaled[place[0]] for kind, place in places.items() if len(place)}
    for x in found.values():
        losses = _train(x, y, rate, 100)[2]
        yield RateQuestion(x, y, rate, losses[0], losses[-1])


@task(
    points=2,
    functions=("judge_learning_rate",),
    needs=("train_line",),
    seconds=30,
    training=True,
    hints=(
        "train_line returns the losses; only the first and the last matter here.",
        "Check first whether training diverges: np.isfinite(last) is False for inf and for nan.",
        "diverges: not finite or last > first; too small: last > first / 10; else good.",
    ),
)
def check_judge_learning_rate(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Judge a learning rate: too small, good, or diverging"""
    questions = _rate_questions(secret.numpy("rates"))
    cases = [
        Case(
            f"At a learning rate of {question.rate:.3g} the loss goes from "
            f"{question.first:.4g} to {question.last:.4g}.",
            question.right,
            student.judge_learning_rate(question.x, question.y, question.rate),
        )
        for question in questions
    ]
    known = {
        "The answer is right except for its spelling: it must match to the letter.": [
            case.got if _spelt_otherwise(case.got, case.right) else case.right for case in cases
        ]
    }
    if all(type(case.got) is str and case.got in RATE_ANSWERS for case in cases):
        known = {
            sentence: [rule(question.first, question.last) for question in questions]
            for sentence, rule in RATE_RULES.items()
            if sentence
        }
        by_rate = {question.rate: case.got for case, question in zip(cases, questions, strict=True)}
        known[
            "Your answers depend on the rate alone. Which rate is good depends on x and y too: "
            "train on them and look at the losses."
        ] = [by_rate[question.rate] for question in questions]
    judge_answers(
        judge,
        cases,
        known,
        "Compare the last of the 100 losses with the first; the answer is one of "
        '"diverges", "too small" and "good".',
    )


def _spelt_otherwise(got: Any, right: str) -> bool:
    return type(got) is str and "".join(filter(str.isalpha, got.lower())) == right.replace(" ", "")
