"""The rubric of week 2: a dense network that sees, and a callback that stops it."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.figures import axes_of
from grader.checks.networks import ConvNet
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
from grader.judge.student import Handle, Student
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
    images = rng.integers(0, 201, (3, 5, 4, 1)).astype(np.uint8)
    images[0, 0, 0, 0], images[0, 0, 1, 0] = 0, 200  # the largest value is not 255
    values = images.astype(np.float64)
    mistakes = {
        "Divided by the largest value of these images; the largest possible one is 255.": values
        / values.max(),
        "Divided by 256: then white would not be 1.": values / 256,
        "This brings the mean to 0 and the spread to 1; asked for is 0…1.": (
            (values - values.mean()) / values.std()
        ),
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
    forbids=("jax.nn.one_hot",),
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
        "optax.losses.*softmax_cross_entropy*",
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
    logits = (3 * rng.normal(size=(n, classes))).astype(np.float32)
    labels = rng.integers(0, classes, n).astype(np.int32)
    wide, rows = logits.astype(np.float64), np.arange(n)
    each = -_log_softmax(wide)[rows, labels]
    probabilities = np.exp(_log_softmax(wide))
    mistakes = {
        "This is the sum over the examples. Take the mean.": each.sum(),
        "Softmax was taken twice. The logits go through it once.": -_log_softmax(probabilities)[
            rows, labels
        ].mean(),
        "Softmax runs along the wrong axis: each row of logits is one example.": -_log_softmax(
            wide, axis=0
        )[rows, labels].mean(),
        "The logarithm is missing: this is the mean probability.": probabilities[
            rows, labels
        ].mean(),
        "The logarithm is missing: this is minus the mean probability.": -probabilities[
            rows, labels
        ].mean(),
        "Softmax is missing: these are the logits of the true classes.": -wide[rows, labels].mean(),
        "The mean runs over classes as well: sum over the classes, mean over the examples.": (
            each.mean() / classes
        ),
        "Softmax is missing before the logarithm.": np.log(np.exp(wide).sum(-1)).mean(),
        "This is the logarithm to base 2; take the natural one, jnp.log.": each.mean() / np.log(2),
        "This is the logarithm to base 10; take the natural one, jnp.log.": (
            each.mean() / np.log(10)
        ),
        "It is the right number with the wrong sign.": -each.mean(),
    }
    with judge.part(2, "ordinary logits"):
        got = student.cross_entropy(logits, labels)
        array = as_array(got)
        if array is not None and array.shape == (n,):
            judge.fail(
                "There is one loss per example; the mean over them is missing.",
                got=got,
                expected="one float",
            )
        judge.same(got, np.float32(each.mean()), mistakes=mistakes, atol=1e-4)
    with judge.part(1, "large logits"):
        large = (logits * 400).round().astype(np.float32)
        expected = -_log_softmax(large.astype(np.float64))[rows, labels].mean()
        judge.same(
            student.cross_entropy(large, labels),
            np.float32(expected),
            atol=1e-2,
            hint="exp(1000) is infinite, log(0) too: subtract each row's largest logit first, and "
            "never take the logarithm of a probability that may be 0.",
        )


DENSE = ConvNet(edge=28, channels=1, filters=(), hidden=512, outputs=10)


@task(
    points=2,
    functions=("dense_model",),
    forbids=("lib.DenseClassifier", "lib.mnist_dense", "lib.fashion_dense"),
    hints=(
        "Three layers: lay the picture flat, a wide layer, one output per class.",
        "The wide layer has an activation, nn.relu; the last one has none.",
        "nn.Sequential([lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10)])",
    ),
)
def check_dense_model(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Flatten, Dense 512, Dense 10"""
    import lib

    judge.architecture(
        student.dense_model(),
        lib.mnist_dense(),
        (3, 28, 28, 1),  # no smaller: the size after flattening may be written out
        DENSE.input_shape,
        mistakes={
            "The hidden layer has no activation: two layers in a row are then no more than one.": (
                DENSE.variant(dense="none")
            ),
            "The hidden layer has another activation than ReLU.": DENSE.variant(dense="tanh"),
        },
    )


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
    rng = secret.numpy("accuracies")
    with judge.part(1.5, "asked epoch by epoch"):
        for threshold in (round(float(rng.uniform(0.6, 0.9)), 3), 0.99):
            callback = student.StopAtAccuracy(threshold)
            if not isinstance(callback, Handle):
                judge.fail("StopAtAccuracy(threshold) must make an object.", got=callback)
            gap = 1 - threshold
            cases = [
                ({"loss": 0.9, "accuracy": threshold - 0.3 + gap / 3}, False),
                ({"loss": 0.001}, False),
                ({"loss": 0.5, "accuracy": threshold - gap / 50}, False),
                ({"loss": 0.4, "accuracy": threshold - gap / 50, "val_accuracy": 1.0}, False),
                ({"loss": 2.0, "accuracy": threshold + gap / 50, "val_accuracy": 0.1}, True),
            ]
            # The other way round as well: whoever counts epochs stops at the wrong one.
            for epoch, (logs, stop) in enumerate(cases[::-1] if threshold == 0.99 else cases):
                answer = callback.method("on_epoch_end", epoch, logs, None)
                if isinstance(answer, Handle) or as_array(answer if answer is not None else 0) is (
                    None
                ):
                    judge.fail(
                        "on_epoch_end must answer True or False.", got=answer, expected=repr(stop)
                    )
                if bool(np.all(answer if answer is not None else False)) != stop:
                    _wrong_stop(judge, threshold, logs, answer, stop)
        callback = student.StopAtAccuracy(0.75)
        answer = callback.method("on_epoch_end", 0, {"accuracy": 0.75}, None)
        judge.check(
            not answer,
            "An accuracy equal to the threshold is not above it.",
            "Greater than: >, not >=.",
        )
    with judge.part(0.5, "inside lib.fit"):
        _stop_inside_fit(student, secret, judge)


def _wrong_stop(judge: Judge, threshold: float, logs: dict, answer: Any, stop: bool) -> None:
    said = {name: round(value, 4) for name, value in logs.items()}
    if stop:
        message, hint = "It did not stop at an accuracy above the threshold.", "Is there a return?"
        if answer is not None:
            hint = "Compare logs['accuracy'] with self.threshold."
    elif "accuracy" not in logs:
        message, hint = "It stopped although logs hold no accuracy.", "logs.get('accuracy', 0.0)"
    else:
        message, hint = "It stopped at an accuracy below the threshold.", "Which way round is >?"
    judge.fail(
        f"{message} The threshold is {threshold:g}, the logs are {said}.",
        hint,
        got=answer,
        expected=repr(stop),
    )


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


def _steps(optimizer: Any, params: Any, batches: list, change: str = "") -> tuple[Any, list[float]]:
    """Our own training steps, or those of a known mistake."""
    import jax
    import jax.numpy as jnp
    import optax

    import lib

    model = lib.DenseClassifier(hidden=16)

    def loss(params: Any, images: Any, labels: Any) -> Any:
        scale = 1 if change == "raw" else 255
        logits: Any = model.apply({"params": params}, jnp.asarray(images, jnp.float32) / scale)
        if change == "twice":
            logits = jax.nn.softmax(logits)
        each = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return each.sum() if change == "sum" else each.mean()

    slope, update = jax.jit(jax.value_and_grad(loss)), jax.jit(optimizer.update)
    opt_state, losses = optimizer.init(params), []
    for images, labels in batches:
        value, gradients = slope(params, images, labels)
        if change == "ascent":
            gradients = jax.tree.map(jnp.negative, gradients)
        if change == "forgets":
            opt_state = optimizer.init(params)
        updates, opt_state = update(gradients, opt_state, params)
        if change == "late":
            value = loss(optax.apply_updates(params, updates), images, labels)
        if change != "stays":
            params = optax.apply_updates(params, updates)
        losses.append(float(value))
    return jax.tree.map(np.asarray, params), losses


def _flat(params: Any) -> np.ndarray:
    import jax

    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in jax.tree.leaves(params)])


STEP_MISTAKES = {
    "raw": "The images were not normalised: divide the grey values by 255.",
    "twice": "Softmax was taken twice: cross_entropy wants logits.",
    "sum": "The loss is summed over the batch; take the mean.",
    "ascent": "This goes uphill: the loss grows. Is there a minus sign too many?",
    "stays": "The parameters have not changed: return the state that apply_gradients gives back.",
    "late": "The loss is that after the update; return the one before it.",
    "forgets": "The optimizer starts afresh at each step: keep its state, state.opt_state.",
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
        loss: Any, right_loss: float, got: Any, right: Any, wrong: dict[str, Any], title: str
    ) -> None:
        judge.same(
            loss,
            np.float32(right_loss),
            f"the loss of {title}",
            mistakes={STEP_MISTAKES[name]: np.float32(w[1][0]) for name, w in wrong.items()},
            rtol=1e-3,
        )
        judge.same(
            _flat(got),
            _flat(right),
            f"the parameters after {title}",
            mistakes={STEP_MISTAKES[name]: _flat(w[0]) for name, w in wrong.items()},
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
        right_params, right_losses = _steps(ours, params, batches)
        got = state.params()
        if type(got) is not dict or sorted(got) != sorted(params):
            judge.fail("The state's params are no longer those of its model.", got=got)
        try:
            compare(losses[0], right_losses[0], got, right_params, {}, title)
        except Failure:
            # Only now is it worth computing what known mistakes give.
            wrong = {name: _steps(ours, params, batches, name) for name in changes}
            compare(losses[0], right_losses[0], got, right_params, wrong, title)
        step = as_array(state.get("step"))
        judge.check(
            step is not None and int(step) == len(batches),
            f"state.step is {step} after {len(batches)} steps.",
            "state.apply_gradients(gradients) counts; with state.replace add step=state.step + 1.",
        )

    with judge.part(2, "one step of SGD"):
        run("sgd", 0.5, batches[:1], ("raw", "twice", "sum", "ascent", "stays", "late"), "one step")
    with judge.part(1, "three steps of Adam"):
        run("adam", 0.01, batches, ("forgets", "stays", "ascent"), "three steps")


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
    got = student.train_mnist(*training.examples(student), secret.key("training"))
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
    rng, n = secret.numpy("endless"), 1_500
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
    best = int(rng.integers(1, len(names) - 1))
    probabilities[best] = probabilities.max() + 0.3
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
        judge.same(heights[np.argsort(places)], probabilities, "the heights of the bars")
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
        judge.check(
            named == [names[best]],
            f"The title is {title!r:.80}; the most likely class is {names[best]!r}.",
            "That is the first class: was argmax taken along another axis, of length 1?"
            if named == names[:1]
            else "np.argmax(probabilities) is its index.",
        )
