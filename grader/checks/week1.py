"""The rubric of week 1: JAX itself, and a neuron that learns a line."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array, show
from grader.rubric import task
from grader.secret import TaskSecret

# With one of these nothing is learned step by step.
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
    """A copy with another last element"""
    rng = secret.numpy("values")
    for length in (6, 1):
        values = rng.normal(size=length).astype(np.float32)
        new = round(float(rng.uniform(5, 9)), 1)
        expected = np.concatenate([values[:-1], [new]]).astype(np.float32)
        first = np.concatenate([[new], values[1:]]).astype(np.float32)
        judge.same(
            student.set_last(values, new),
            expected,
            mistakes={
                "Nothing has changed: .at[].set() returns a new array, keep it.": values,
                "The first element was replaced, not the last.": first,
                "The new number was added to the old one: .set() instead of .add().": np.append(
                    values[:-1], values[-1] + new
                ),
            },
        )


def _two_arrays(judge: Judge, value: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    items = judge.unpack(
        value,
        2,
        "two_draws must return two arrays: `return first, second`.",
        expected=f"two arrays of shape ({n},)",
        stacked=(n,),
    )
    arrays = [as_array(item) for item in items]
    for array in arrays:
        if array is None or array.shape != (n,) or array.dtype.kind != "f":
            judge.fail(
                "Both arrays must hold n numbers.",
                "The shape is an argument of jax.random.normal: (n,).",
                got=value,
                expected=f"two float arrays of shape ({n},)",
            )
        if not np.isfinite(array).all():
            judge.fail("Some of the numbers are not finite.", got=array)
    return np.asarray(arrays[0]), np.asarray(arrays[1])


@task(
    points=2,
    functions=("two_draws",),
    hints=(
        "The same key gives the same numbers. How do you come by two different keys?",
        "jax.random.split(key) gives two keys: one for each array.",
        "jax.random.normal(first_key, (n,)) is the first array; the second is made likewise.",
    ),
)
def check_two_draws(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Two unrelated arrays of random numbers from one key"""
    n = 20_000
    key, other_key = secret.key("one key"), secret.key("another key")
    first, second = _two_arrays(judge, student.two_draws(key, n), n)
    _two_arrays(judge, student.two_draws(key, 3), 3)
    if np.mean(first == second) > 0.01:
        judge.fail(
            "Both arrays hold the same numbers: one key was used twice.",
            "A key is used up by one draw. Split it first, then give each draw its own.",
        )
    # Reversed, shifted or with other signs, they are still the same numbers.
    if np.mean(np.isin(np.abs(first), np.abs(second))) > 0.5:
        judge.fail(
            "Both arrays hold the same numbers, only at other places or with other signs.",
            "Split the key first, then draw each array with a key of its own.",
        )
    again, again_second = _two_arrays(judge, student.two_draws(key, n), n)
    if not (np.array_equal(first, again) and np.array_equal(second, again_second)):
        judge.fail(
            "Called twice with the same key, it gave different numbers.",
            "All randomness must come from the key: no NumPy generator, no clock.",
        )
    other, other_second = _two_arrays(judge, student.two_draws(other_key, n), n)
    if np.mean(first == other) > 0.01 or np.mean(second == other_second) > 0.01:
        judge.fail(
            "Called with another key, it gave the same numbers again.",
            "Use the key that is passed in, not one made inside the function.",
        )
    # Bounds at 6.6 and more standard deviations: all of them together raise a false alarm in
    # fewer than one right answer in 1e9.
    for name, array in (("first", first), ("second", second)):
        if array.min() >= 0 and array.max() <= 1:
            judge.fail(
                f"The {name} array lies between 0 and 1: these are uniform numbers.",
                "jax.random.normal draws standard normal numbers.",
            )
        if abs(array.mean()) > 6.7 / np.sqrt(n) or abs(array.std() - 1) > 0.04:
            judge.fail(
                f"The {name} array does not look like standard normal numbers.",
                "jax.random.normal, neither shifted nor scaled.",
                got=f"mean {array.mean():.3f}, deviation {array.std():.3f}",
                expected="mean about 0, deviation about 1",
            )
    if abs(np.mean(first.astype(np.float64) * second)) > 6.7 / np.sqrt(n):
        judge.fail(
            "The second array depends on the first.",
            "Draw the second one with a key of its own.",
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
    """The mean of the squared differences"""
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
        "This is the root of it. Leave the root out.": np.sqrt(np.mean(error**2)),
        "First the squares, then the mean: here it was the other way round.": np.mean(error) ** 2,
        "The differences were not squared.": np.mean(error),
    }
    with judge.part(1, "predictions (n,), targets (n,)"):
        got = student.mean_squared_error(predictions, targets)
        judge.same(got, expected, mistakes=mistakes)
    with judge.part(1, "predictions (n, 1) as a layer gives them, targets (n,)"):
        for one, other in ((predictions[:, None], targets), (predictions, targets[:, None])):
            judge.same(
                student.mean_squared_error(one, other),
                expected,
                mistakes={
                    "Every prediction met every target: (n, 1) and (n,) broadcast to (n, n). "
                    "Give both the same shape first.": np.mean(table**2),
                    **mistakes,
                },
            )


def _numbers(judge: Judge, value: Any, names: tuple[str, ...], function: str) -> np.ndarray:
    """Returns several returned numbers as one array, or says what else came."""
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
        "New weight: weight - learning_rate * its slope. The bias likewise, with its own slope.",
    ),
)
def check_gradient_step(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """One step of gradient descent"""
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
        got = student.gradient_step(np.float32(weight), np.float32(bias), x, y, rate)
        judge.same(
            _numbers(judge, got, ("weight", "bias"), "gradient_step"),
            start - rate * slopes,
            "gradient_step's weight and bias",
            mistakes={
                "This goes uphill: the gradient points to where the loss grows. Subtract it.": start
                + rate * slopes,
                "The learning rate is missing.": start - slopes,
                "This is the step alone, not the new weight and bias.": rate * slopes,
                "This is the gradient alone; go a step against it.": slopes,
                "The step is n times too large: the loss was summed, not averaged.": start
                - rate * n * slopes,
                "The bias's slope was taken at the new weight. Take both at the old values.": [
                    weight - rate * slope_w,
                    bias - rate * late_b,
                ],
                "Weight and bias are in the wrong order.": (start - rate * slopes)[::-1],
                "Nothing has moved.": start,
            },
        )


def _train(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> tuple[Any, Any, list]:
    """Our own training loop in float32, so that it overflows where the student's does."""
    x, y = x.astype(np.float32), y.astype(np.float32)
    weight, bias, losses = np.float32(0), np.float32(0), []
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
    """Points on a line whose slope is not small, x spread between −2 and 5."""
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
        "A loop over the epochs; in each, note the loss, then make one gradient_step.",
        "The loss is noted before the step: losses[0] belongs to weight 0 and bias 0.",
        "weight, bias = gradient_step(weight, bias, x, y, learning_rate) inside the loop, and "
        "losses.append(float(mean_squared_error(weight * x + bias, y))) above it.",
    ),
)
def check_train_line(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Gradient descent, epoch after epoch"""
    rng = secret.numpy("line")
    x, y, _, _ = _line(rng, int(rng.integers(6, 9)))
    rate, epochs = float(rng.uniform(0.01, 0.02)), int(rng.integers(30, 50))
    weight, bias, losses = _train(x, y, rate, epochs)
    more = _train(x, y, rate, epochs + 1)
    *line, got = judge.unpack(
        student.train_line(x, y, rate, epochs),
        3,
        "train_line must return the weight, the bias and the list of losses.",
        expected="weight, bias, losses",
    )
    with judge.part(1.5, "weight and bias after training"):
        judge.same(
            _numbers(judge, line, ("weight", "bias"), "train_line"),
            np.array([weight, bias]),
            "train_line's weight and bias",
            atol=1e-3,
            rtol=1e-3,
            mistakes={
                "That is one step more than the epochs asked for.": [more[0], more[1]],
                "That is one step fewer than the epochs asked for.": _train(x, y, rate, epochs - 1)[
                    :2
                ],
                "Nothing was learned: is the result of gradient_step kept?": [0.0, 0.0],
                "That is one single step: does the return stand inside the loop?": _train(
                    x, y, rate, 1
                )[:2],
            },
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
                "These are the losses after each step; note each loss before its step.": more[2][
                    1:
                ],
                "There is one loss too many: one per epoch, each before its step.": more[2],
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
        "Which shapes meet in your loss? The model gives (n, 1), y has (n,).",
        "x.reshape(-1, 1) goes into the model; your mean_squared_error copes with the rest.",
        "model.init(key, inputs)['params'], then in a loop: gradients by jax.grad, updates by "
        "optimizer.update, new params by optax.apply_updates. Adam at 0.1 needs a few 100 steps.",
    ),
)
def check_fit_line(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The same with Flax and Optax"""
    rng = secret.numpy("line")
    for turn in range(2):
        x, y, slope, offset = _line(rng, int(rng.integers(6, 12)))
        params = student.fit_line(x, y, secret.key(f"params {turn}"))
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
                "The params have not the shapes of nn.Dense(1) with one input.",
                "The model's input is (n, 1): n examples with one feature each.",
                got=f"kernel {show(params['kernel'])}; bias {show(params['bias'])}",
                expected="kernel (1, 1), bias (1,)",
            )
        found = np.array([float(kernel[0, 0]), float(bias[0])])
        said = f"kernel {found[0]:.3f}, bias {found[1]:.3f}"
        wanted = f"kernel {slope:.3f}, bias {offset:.3f}, both within 0.1"
        if not np.isfinite(found).all():
            judge.fail(
                "Training diverged: the parameters are not finite.",
                "The learning rate is too large; optax.sgd(0.01) or optax.adam(0.1) would do.",
                got=said,
            )
        if abs(found[0]) < 0.3 and abs(found[1] - y.mean()) < 0.5:
            judge.fail(
                "The line is flat, at the mean of the targets.",
                "Predictions (n, 1) minus targets (n,) is a table (n, n): give both one shape.",
                got=said,
                expected=wanted,
            )
        if np.abs(found - [slope, offset]).max() > 0.1:
            loss = float(np.mean((found[0] * x + found[1] - y) ** 2))
            nothing = float(np.mean(y.astype(np.float64) ** 2))
            hint = "More steps, or a larger learning rate."
            if loss > 2 * nothing:
                hint = "It goes away from the line: are the updates added with apply_updates?"
            judge.fail("The line is not found yet.", hint, got=said, expected=wanted)


@task(
    points=2,
    functions=("house_price",),
    forbids=SOLVERS,
    seconds=30,
    training=True,
    hints=(
        "Which of the arguments are the features, which the labels?",
        "Learn a line from `bedrooms` and `prices`; the rule is another for other houses.",
        "weight, bias, _ = train_line(bedrooms, prices, ...) and then the line at `new_bedrooms`.",
    ),
)
def check_house_price(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The price of a house, learned from examples"""
    rng = secret.numpy("houses")
    rules = [(0.5, 0.5, 7)]  # the docstring's own; then two that are nobody's
    for low, high in rng.permutation([(0.25, 0.4), (0.65, 0.8)]):
        start, more = round(rng.uniform(0.3, 0.7), 2), round(rng.uniform(low, high), 2)
        rules.append((start, more, int(rng.integers(8, 11))))
    for start, more, new in rules:
        bedrooms = rng.permutation(np.arange(1, 7)).astype(np.float32)
        prices = (start + more * bedrooms).astype(np.float32)
        price = start + more * new
        value = student.house_price(bedrooms, prices, float(new))
        got = as_array(value)
        if got is None or got.shape != () or got.dtype.kind not in "fiu":
            judge.fail(
                "house_price must return one number.",
                "float(...) turns an array with a single element into a number.",
                got=value,
                expected="one float",
            )
        if not np.isfinite(got):
            judge.fail("Training diverged.", "A smaller learning rate.", got=value)
        if abs(float(got) - price) <= 0.1:
            continue
        what = f"The price for {new} bedrooms is off."
        hint = "Train for more epochs, or at a larger learning rate."
        if float(got) > 1000:
            what = "The price is in single units of money."
            hint = "Count in hundreds of thousands, as `prices` does: 150,000 is 1.5."
        elif abs(float(got) - (0.5 + 0.5 * new)) < 0.1:
            what = "That is the price by the rule of the docstring's example."
            hint = "These houses follow another rule: learn it from `bedrooms` and `prices`."
        judge.fail(
            f"{what} The houses given cost {start:g} + {more:g} per bedroom.",
            hint,
            got=f"{float(got):,.3f}",
            expected=f"{price:.2f}, within 0.1",
        )


def _loss_ratios(x: np.ndarray, y: np.ndarray, rates: np.ndarray, epochs: int) -> np.ndarray:
    """The last loss over the first one of `_train`, for many learning rates at once."""
    x, y, steps = x[:, None], y[:, None], (2 * rates).astype(np.float32)
    weights, biases = np.zeros_like(steps), np.zeros_like(steps)
    losses = []
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            error = weights * x + biases - y
            losses.append(np.mean(error**2, axis=0))
            weights = weights - steps * np.mean(error * x, axis=0)
            biases = biases - steps * np.mean(error, axis=0)
        return losses[-1] / losses[0]


@task(
    points=2,
    functions=("judge_learning_rate",),
    needs=("train_line",),
    seconds=30,
    training=True,
    hints=(
        "train_line gives the losses; only the first and the last matter here.",
        "Ask first whether it diverges: np.isfinite(last) is False for inf and for nan.",
        "diverges: not finite or last > first; too small: last > first / 10; else good.",
    ),
)
def check_judge_learning_rate(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Too small, good, or so large that it diverges"""
    rng = secret.numpy("rates")
    x, y, _, _ = _line(rng, 8)
    rates = {"too small": [], "good": [], "diverges": [], "nan": []}
    # Just above two over the steepest curvature it diverges slowly, and stays finite.
    curvature = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
    slow = 2 / np.linalg.eigvalsh(curvature)[-1] * rng.uniform(1.05, 1.15, 2)
    tried = np.array([*slow, *10 ** rng.uniform(-5, 1.3, 400)])
    for rate, ratio in zip(tried, _loss_ratios(x, y, tried, 100), strict=True):
        # Only clear cases: rounding cannot move them over a threshold.
        if np.isnan(ratio):  # inf is larger than any first loss, as a finite one may be
            rates["nan"].append(float(rate))
        elif ratio > 10:
            rates["diverges"].append(float(rate))
        elif ratio < 0.05:
            rates["good"].append(float(rate))
        elif 0.2 < ratio < 0.99:
            rates["too small"].append(float(rate))
    rates["diverges"].extend([0.5] if not rates["diverges"] else [])
    cases = [(kind, rate) for kind, found in rates.items() for rate in found[:2]]
    rng.shuffle(cases)
    for kind, rate in cases:
        right = "diverges" if kind == "nan" else kind
        losses = _train(x, y, rate, 100)[2]
        got = student.judge_learning_rate(x, y, rate)
        if type(got) is not str or got != right:
            judge.fail(
                f"At a learning rate of {rate:.2g} the loss goes from {losses[0]:.3g} to "
                f"{losses[-1]:.3g}.",
                "nan compares False with everything: ask np.isfinite first."
                if kind == "nan"
                else "Compare the last of the 100 losses with the first.",
                got=got,
                expected=repr(right),
            )
