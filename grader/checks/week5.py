"""The rubric of week 5: split pictures, and see, find and stop overfitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.checks import picture_files
from grader.checks.figures import axes_of
from grader.checks.networks import ConvNet, judge_conv_net
from grader.checks.split_folder import judge_split, photograph
from grader.checks.training import fit_digits
from grader.checks.validation_loss import (
    WRONG_EPOCHS,
    WRONG_STOPS,
    Logs,
    answers_of,
    draw_histories,
    draw_history,
    logs_of,
    lowest_epoch,
    right_stop,
    unless_last,
)
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student, StudentRaised
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret


def _fraction(rng: np.random.Generator, count: int, above: tuple[float, float]) -> float:
    """Returns a fraction; the decimal places of fraction · `count` are between the two `above`."""
    fractions = rng.permutation(np.arange(60, 86)) / 100
    return next(float(f) for f in fractions if above[0] < f * count % 1 < above[1])


@task(
    points=4,
    functions=("split_data",),
    forbids=("lib.split_data", "lib.load_folder", "lib.load", "lib.data.*"),
    seconds=20,
    hints=(
        "Take three steps: find the readable files, shuffle them, copy the first part and the "
        "rest.",
        "In a try: `with Image.open(path) as picture: picture.load()`. In `except OSError`, append "
        "path.name to the list of files left out.",
        "good = sorted(...); random.Random(seed).shuffle(good); count = int(fraction * len(good)); "
        "Path(train).mkdir(parents=True, exist_ok=True); shutil.copyfile(path, Path(train) / "
        "path.name) for each path in good[:count]; copy good[count:] to test in the same way.",
    ),
)
def check_split_data(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Split a folder of pictures at random"""
    rng = secret.numpy("files")

    def some(count: int) -> dict[str, bytes]:
        forms = (["PNG", "JPEG"] * count)[:count]
        return {
            f"cat.{n}.{'png' if form == 'PNG' else 'jpg'}": photograph(rng, form)
            for n, form in zip(rng.choice(900, count, replace=False).tolist(), forms, strict=True)
        }

    def put(files: dict[str, bytes]) -> str:
        folder = picture_files.new_folder(rng)
        student.put_files({f"{folder}/{name}": files[name] for name in files})
        return folder

    seed = int(rng.integers(1000))
    with judge.part(2, "a folder without broken files"):
        # Just above a whole number, only rounding up is wrong; just below, the nearest is too.
        for above in ((0.1, 0.45), (0.55, 0.9)):
            count = int(rng.integers(20, 35))
            fraction = _fraction(rng, count, above)
            files = some(count)
            folder = put(files)
            judge_split(student, judge, folder, files, [], fraction, seed, f"{folder}-a/parts")
        for fraction in (0.0, 1.0):
            files = some(5)
            folder = put(files)
            judge_split(student, judge, folder, files, [], fraction, seed, f"{folder}-a/parts")
    with judge.part(1, "a folder with broken files"):
        files = some(14)
        bad = {
            f"cat.{1000 + k} {what}.{'jpg' if 'jpeg' in what else 'png'}": content
            for k, (what, content) in enumerate(picture_files.broken(rng).items())
        }
        files = bad | files
        judge_split(student, judge, put(files), files, list(bad), 0.8, seed, f"split-{seed}/b")
    with judge.part(1, "randomness and the seed"):
        files = some(60)
        folder = put(files)

        def train(where: str, seed: int, source: str = folder) -> set[str]:
            return judge_split(student, judge, source, files, [], 0.755, seed, f"{folder}-{where}")

        first = train("first", seed)
        # There are 5e13 ways to choose 45 of 60 files: a random choice is none of these.
        rings = (sorted(files) * 2, list(files) * 2)
        if any(first == set(ring[start : start + 45]) for ring in rings for start in range(60)):
            judge.fail(
                "train has 45 files that follow each other in the folder. Folders are often "
                "sorted: choose a random part.",
                "random.Random(seed).shuffle(files)",
            )
        if train("again", seed) != first:
            judge.fail(
                "The same seed gave a different split.",
                "Take all random numbers from random.Random(seed).",
            )
        if train("other", seed + 1) == first:
            judge.fail(
                "Another seed gave the same split.",
                "Use the seed you are given: random.Random(seed).",
            )
        other = put({name: files[name] for name in reversed(files)})
        if train("reversed", seed, other) != first:
            judge.fail(
                "The same seed split the same files differently when they were written in another "
                "order.",
                "Computers list the files of a folder in different orders: sort the names before "
                "you shuffle them.",
            )


@task(
    points=2,
    functions=("cats_and_dogs_net",),
    forbids=(
        "lib.cats_and_dogs",
        "lib.ConvClassifier",
        "lib.horse_or_human",
        "lib.happy_or_sad",
        "lib.flowers_baseline",
        "lib.rock_paper_scissors",
    ),
    seconds=40,
    hints=(
        "It has eleven layers: four convolutions, each with pooling, then flatten and two dense "
        "layers.",
        "Use 32, 64, 128 and 128 filters, a dense layer of 512, and two outputs without an "
        "activation.",
        "lib.Conv(32, activation=nn.relu), lib.MaxPool(), … lib.Flatten(), "
        "lib.Dense(512, activation=nn.relu), lib.Dense(2)",
    ),
)
def check_cats_and_dogs_net(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Build a network with four convolutions and two outputs"""
    import lib

    net = ConvNet(edge=150, channels=3, filters=(32, 64, 128, 128), hidden=512, outputs=2)
    judge_conv_net(judge, student.cats_and_dogs_net(), lib.cats_and_dogs(), net, small=62)


LINES = {
    "loss": ("loss", "val_loss"),
    "accuracy": ("accuracy", "val_accuracy"),
}
WORDS = ("training", "validation")


def _has(values: np.ndarray, right: Any) -> bool:
    return values.shape == np.shape(right) and np.allclose(values, right, atol=1e-5)


def _judge_lines(judge: Judge, axes: dict[str, Any], name: str, history: dict[str, Any]) -> None:
    lines = [(np.asarray(line["x"], float), np.asarray(line["y"], float)) for line in axes["lines"]]
    epochs = np.arange(1, len(history[name]) + 1)
    for metric in LINES[name]:
        right = np.asarray(history[metric])
        xs = [x for x, y in lines if _has(y, right)]
        if not xs:
            judge.fail(
                f"The {name} axes have no line with the values of {metric!r}.",
                _other_line(lines, epochs, metric, history),
                got=f"{len(lines)} lines",
                expected=f"one line each for {' and '.join(LINES[name])}",
            )
        if not _has(xs[0], epochs):
            judge.fail(
                f"The epochs of {metric!r} are not 1, 2, 3 …."
                + (" They are counted from 0." if _has(xs[0], epochs - 1) else ""),
                "Write epochs = range(1, len(history['loss']) + 1) and axes.plot(epochs, values).",
                got=", ".join(f"{x:g}" for x in xs[0]),
                expected=", ".join(map(str, epochs)),
            )
    if len(lines) > 2:
        judge.fail(f"The {name} axes have {len(lines)} lines, not two.")


def _other_line(
    lines: list[tuple[np.ndarray, np.ndarray]],
    epochs: np.ndarray,
    metric: str,
    history: dict[str, Any],
) -> str:
    """Says what the axes show instead of a metric."""
    right = np.asarray(history[metric])
    if any(_has(x, right) and _has(y, epochs) for x, y in lines):
        return "x and y are swapped: axes.plot(epochs, values)."
    part = metric.removeprefix("val_")
    for other in history:
        if other.removeprefix("val_") != part and any(_has(y, history[other]) for _, y in lines):
            return f"There is a line of {other!r}, which belongs in the other axes."
    for sentence, wrong in {
        "The first epoch is missing: plot all epochs.": right[1:],
        "The last epoch is missing: plot all epochs.": right[:-1],
        "The epochs are in reverse order: plot the values unchanged.": right[::-1],
        "You multiplied the values by 100: plot them unchanged.": right * 100,
        "The line shows 1 minus the values: plot them unchanged.": 1 - right,
    }.items():
        if any(_has(y, wrong) for _, y in lines):
            return sentence
    known = [history[name] for name in LINES[part]]
    for _, y in lines:
        if y.shape == right.shape and not any(_has(y, values) for values in known):
            place = int(np.argmax(np.abs(y - right) > 1e-5))
            return (
                f"In epoch {place + 1} the line is at {y[place]:.6g}, but history[{metric!r}] is "
                f"{right[place]:.6g}."
            )
    return f"axes.plot(epochs, history[{metric!r}], label=...)"


def _called(axes: dict[str, Any], values: Any) -> str:
    """Returns what the legend calls the line with these values, in lower case."""
    legend = [str(text).lower() for text in axes["legend"]]
    for line, text in zip(axes["lines"], [*legend, *[""] * len(axes["lines"])], strict=False):
        if _has(np.asarray(line["y"], float), values):
            # Texts passed only to legend() are in the order of the lines.
            label = str(line["label"]).lower()
            return label if label in legend else text
    return ""


def _judge_words(judge: Judge, axes: dict[str, Any], name: str, history: dict[str, Any]) -> None:
    xlabel, ylabel = str(axes["xlabel"]), str(axes["ylabel"])
    judge.check(
        "epoch" in xlabel.lower(),
        f"The x axis of {name} is labelled {xlabel!r:.80}, not 'epoch'.",
        "axes.set_xlabel('epoch')",
    )
    judge.check(
        name in ylabel.lower(),
        f"The y axis of {name} is labelled {ylabel!r:.80}, not {name!r}.",
        f"axes.set_ylabel('{name}')",
    )
    judge.check(
        len(axes["legend"]) == 2,
        f"The legend of {name} has {len(axes['legend'])} entries; each of the two lines needs one.",
        "Use axes.plot(..., label='training'), and call axes.legend() after both lines.",
    )
    called = [_called(axes, history[metric]) for metric in LINES[name]]
    right = dict(zip(LINES[name], WORDS, strict=True))
    for text, (metric, word) in zip(called, right.items(), strict=True):
        if word in text:
            continue
        swapped = all(w in t for w, t in zip(reversed(WORDS), called, strict=True))
        judge.fail(
            f"The legend of {name} must call the line of {metric!r} {word!r}.",
            "The two names are swapped."
            if swapped
            else f"axes.plot(epochs, history[{metric!r}], label='{word}')",
            got=_names(dict(zip(right, called, strict=True))),
            expected=_names(right),
        )


def _names(called: Mapping[str, str]) -> str:
    return ", ".join(f"{metric} is called {text!r:.60}" for metric, text in called.items())


@task(
    points=3,
    functions=("plot_history",),
    forbids=("lib.plots.history_curves", "lib.plots.*"),
    seconds=30,
    hints=(
        "Draw two axes, and two lines in each.",
        "epochs = range(1, len(history['loss']) + 1); axes.plot(epochs, history['loss'], "
        "label='training').",
        "For each axes, call plot twice, set_xlabel('epoch'), set_ylabel('loss') and legend(). "
        "Return the figure.",
    ),
)
def check_plot_history(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Plot loss and accuracy, epoch by epoch"""
    rng = secret.numpy("history")
    epochs = int(rng.integers(9, 15))
    history = draw_history(rng, epochs, int(rng.integers(3, 7)))
    figure = student.plot_history(history)
    advice = "figure.subplots(1, 2) makes two axes, next to each other."
    pairs = list(zip(axes_of(judge, figure, "plot_history", 2, advice), LINES, strict=True))
    try:
        with judge.part(2, "the lines"):
            for axes, name in pairs:
                _judge_lines(judge, axes, name, history)
        with judge.part(1, "labels and legends"):
            for axes, name in pairs:
                _judge_words(judge, axes, name, history)
    except (TypeError, KeyError, ValueError, IndexError):
        judge.fail("The figure cannot be read.")


def _params(number: int) -> dict[str, Any]:
    """Parameters of a small dense network; every number is the number of the epoch."""
    return {
        "dense": {
            "kernel": np.full((4, 2), number, np.float32),
            "bias": np.full(2, number, np.float32),
        },
        "logits": {
            "kernel": np.full((2, 10), number, np.float32),
            "bias": np.full(10, number, np.float32),
        },
    }


def _sequences(rng: np.random.Generator) -> list[tuple[list[float], int, str]]:
    """Validation losses, the patience, and what is special about the case."""
    low = float(rng.uniform(0.3, 0.5))
    steps = [0.31, 0.22, 0.13, 0.06]  # above the lowest, on the way down
    down = [low + each + float(rng.uniform(0, 0.03)) for each in steps]
    ties = [*down, low, low, low + 0.02, low]
    return [
        ([*down, low, low + 0.1, low + 0.05, low + 0.2], 3, "rises after the lowest"),
        ([low + 0.4, low + 0.5, low + 0.3, low + 0.35, low, low + 0.1, low + 0.1], 2, "bumps"),
        ([*down, low, low + 0.04], 1, "no patience"),
        ([*down[::-1], low - 0.1], 2, "an improvement, but too late"),
        (ties, 3, "equally low, which is not lower"),
        ([*down, low], 1, "falls until the last epoch"),
        (
            [low + 0.1, low, low + 0.3, low + 0.2, low + 0.1],
            3,
            "falls again, but not below the lowest",
        ),
    ]


@task(
    points=4,
    functions=("EarlyStopping",),
    forbids=("lib.EarlyStopping", "lib.callbacks.EarlyStopping"),
    seconds=40,
    training=True,
    hints=(
        "Remember three things: the lowest loss so far, the parameters that gave it, and how many "
        "epochs have passed since.",
        "If the loss is lower than the lowest, remember it, copy the parameters, set the count to "
        "0 and return False. Otherwise add 1 to the count, and return whether it has reached "
        "patience.",
        "self.best_params = jax.tree.map(jnp.copy, state.params); in on_train_end, return "
        "state.replace(params=self.best_params).",
    ),
)
def check_early_stopping(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Stop in time and return the best parameters"""
    rng = secret.numpy("losses")
    model = student.piece("lib.DenseClassifier", hidden=2)
    optimizer = student.piece("optax.sgd", 0.1)
    states: list[Handle] = []

    def state(epoch: int) -> Handle:
        while len(states) <= epoch:
            states.append(student.make_state(model, optimizer, _params(len(states) + 1)))
        return states[epoch]

    def made(patience: int) -> Handle:
        callback = student.EarlyStopping(patience)
        if not isinstance(callback, Handle):
            judge.fail("EarlyStopping(patience) must return an object of your class.", got=callback)
        return callback

    def answer(callback: Handle, epoch: int, logs: dict[str, float]) -> bool:
        said = callback.method("on_epoch_end", epoch, logs, state(epoch))
        if isinstance(said, Handle) or as_array(False if said is None else said) is None:
            judge.fail("on_epoch_end must return True or False.", got=said)
        return bool(np.all(False if said is None else said))

    with judge.part(1.5, "when it stops"):
        asked: list[tuple[Logs, int, list[bool]]] = []
        for losses, patience, _ in _sequences(rng):
            callback = made(patience)
            last, _ = right_stop(losses, patience)
            # If it continues too long, some worse epochs show how long.
            logs = logs_of([*losses, *(max(losses) + n for n in range(1, 4))])
            answers: list[bool] = []
            asked.append((logs, patience, answers))
            for epoch in range(len(losses)):
                answers.append(answer(callback, epoch, logs[epoch]))
                if answers[epoch] != (epoch == last):
                    while not answers[-1] and len(answers) < len(logs):
                        answers.append(answer(callback, len(answers), logs[len(answers)]))
                    _wrong_stop(judge, losses[: epoch + 1], answers[epoch], asked)
                if answers[epoch]:
                    break
        callback = made(1)
        if any(answer(callback, epoch, {"loss": 0.5, "accuracy": 0.5}) for epoch in range(3)):
            judge.fail(
                "It stopped although the logs have no val_loss.",
                "If logs.get('val_loss') is None, return False.",
            )
    with judge.part(1.5, "which parameters it returns"):
        for losses, patience, what in _sequences(rng):
            callback = made(patience)
            last, best = right_stop(losses, patience)
            logs = logs_of(losses if last < 0 else losses[: last + 1])
            for epoch, log in enumerate(logs):
                answer(callback, epoch, log)
            given = callback.method("on_train_end", state(len(logs) - 1))
            _judge_given_back(judge, given, best, logs, what)
        callback = made(1)
        answer(callback, 0, {"loss": 0.5})
        given = callback.method("on_train_end", state(0))
        _judge_given_back(judge, given, 0, logs_of([0.5]), "no val_loss in the logs")
    with judge.part(1, "inside lib.fit"):
        _stop_inside_fit(student, secret, judge)


def _wrong_stop(
    judge: Judge, losses: list[float], stop: bool, asked: list[tuple[Logs, int, list[bool]]]
) -> None:
    """Fails: a callback stopped, or continued. Names a wrong rule that gives all its answers."""
    said = ", ".join(f"{loss:.3f}" for loss in losses[-6:])
    waited = len(losses) - 1 - losses.index(min(losses))
    since = f"The lowest val_loss was {waited} epoch{'s' if waited != 1 else ''} ago."
    if not waited:
        since = "The last of these is the lowest so far."
    rule = next(
        (
            sentence
            for sentence, options in WRONG_STOPS.items()
            if all(
                answers_of(logs, patience, **options)[0][: len(answers)] == answers
                for logs, patience, answers in asked
            )
        ),
        "Go through these losses yourself: note the lowest so far, and how many epochs ago it was.",
    )
    judge.fail(
        f"With patience {asked[-1][1]} and val_loss {said} it "
        f"{'stopped' if stop else 'continued'}. {since}",
        rule,
        got=repr(stop),
        expected=repr(not stop),
    )


def _judge_given_back(judge: Judge, value: Any, best: int, logs: Logs, what: str) -> None:
    if not isinstance(value, Handle):
        alone = any(_equal_trees(value, _params(epoch + 1)) for epoch in range(len(logs)))
        judge.fail(
            "on_train_end must return the state" + (", not only the parameters." if alone else "."),
            "return state.replace(params=self.best_params)",
            got=value,
            expected="a lib.TrainState",
        )
    try:
        params = value.params()
    except StudentRaised:
        judge.fail(
            "on_train_end must return the state, not only the parameters.",
            "return state.replace(params=self.best_params)",
            got=value,
            expected="a lib.TrainState",
        )
    right = _params(best + 1)
    for found in range(len(logs)):
        if found == best or not _equal_trees(params, _params(found + 1)):
            continue
        others = {
            "That is the last epoch. Return state.replace(params=self.best_params).": len(logs) - 1,
            "That is the last epoch whose loss was lower than the one before. Compare with the "
            "lowest so far.": answers_of(logs, 1, with_the_epoch_before=True)[1],
            "If several epochs are equally low, the first one counts.": (
                answers_of(logs, 1, equal_is_lower=True)[1]
            ),
            "In that epoch logs['loss'] is lowest, but logs['val_loss'] decides.": (
                answers_of(logs, 1, watched="loss")[1]
            ),
            "That is the first epoch. Replace the copy at every new lowest val_loss.": 0,
        }
        judge.fail(
            f"It returned the parameters of epoch {found + 1}; the lowest val_loss was in "
            f"epoch {best + 1} of {len(logs)} ({what}).",
            next(
                (sentence for sentence, epoch in others.items() if epoch == found),
                "Replace the copy only at a new lowest val_loss.",
            ),
        )
    judge.same(params.get("dense"), right["dense"], "the parameters returned")
    judge.same(params.get("logits"), right["logits"], "the parameters returned")


def _equal_trees(got: Any, right: Any) -> bool:
    if isinstance(right, dict):
        return (
            type(got) is dict
            and got.keys() == right.keys()
            and all(_equal_trees(got[name], right[name]) for name in right)
        )
    return isinstance(got, np.ndarray) and np.array_equal(got, right)


def _stop_inside_fit(student: Student, secret: TaskSecret, judge: Judge) -> None:
    import jax

    import lib

    patience, most = 3, 30
    digits = lib.draw("mnist", 300, secret.seed("digits"))
    rng = secret.numpy("noise")
    # A third of the labels is random: memorising them does harm on other pictures.
    labels = np.where(rng.random(300) < 0.35, rng.integers(0, 10, 300), digits.labels).astype(
        np.int32
    )
    train, test = slice(0, 180), slice(180, 300)
    try:
        trained, history = fit_digits(
            student,
            secret,
            judge,
            digits.images[train],
            labels[train],
            hidden=48,
            rate=0.01,
            epochs=most,
            validation=(digits.images[test], labels[test]),
            callbacks=[student.EarlyStopping(patience)],
        )
        losses = [float(value) for value in history.item("val_loss")]
        params = trained.params()
    except StudentRaised as error:
        if "deleted" not in error.text:
            raise
        judge.fail(
            "The parameters you kept are gone: lib.fit reuses their memory.",
            "Keep a copy: jax.tree.map(jnp.copy, state.params).",
        )
    said = ", ".join(f"{loss:.3f}" for loss in losses[-8:])
    last, best = right_stop(losses, patience)
    if len(losses) != (last + 1 or most):
        judge.fail(
            f"With patience {patience}, lib.fit ran for {len(losses)} epochs.",
            got=f"val_loss {said}",
            expected=f"{last + 1 or 'all'} epochs",
        )
    ours = lib.DenseClassifier(hidden=48)
    params = judge.params(params, ours, (1, 28, 28, 1), "the parameters returned")
    logits = np.asarray(
        jax.jit(ours.apply)({"params": params}, lib.as_input(digits.images[test])), np.float64
    )
    shifted = logits - logits.max(-1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    found = -log_probabilities[np.arange(120), labels[test]].mean()
    if abs(found - losses[best]) > 1e-3 * (1 + abs(found)):
        hint = "Compare lib.evaluate of the returned state with each val_loss in the history."
        if abs(found - losses[-1]) <= 1e-3 * (1 + abs(found)):
            hint = "These are the parameters of the last epoch: on_train_end must return the best."
        judge.fail(
            "After lib.fit the state does not have the best parameters.",
            hint,
            got=f"a validation loss of {found:.4f}",
            expected=f"{losses[best]:.4f}, the lowest of {said}",
        )


@task(
    points=2,
    functions=("overfitting_epoch",),
    hints=(
        "Look only at the validation loss. Where is it lowest?",
        "np.argmin returns the first position of the smallest value, counted from 0.",
        "best = int(np.argmin(history['val_loss'])) + 1; return None if that is the last epoch.",
    ),
)
def check_overfitting_epoch(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Find the epoch in which overfitting begins"""
    # No partial points: one constant answer may be right for half of the histories.
    histories = draw_histories(secret.numpy("histories"))
    rights = [unless_last(lowest_epoch(history["val_loss"]), history) for history in histories]
    answers = [student.overfitting_epoch(history) for history in histories]
    wrong = [k for k, right in enumerate(rights) if not _is_epoch(answers[k], right)]
    if not wrong:
        return
    history, right, got = histories[wrong[0]], rights[wrong[0]], answers[wrong[0]]
    losses = ", ".join(f"{loss:.3f}" for loss in history["val_loss"])
    lowest = lowest_epoch(history["val_loss"])
    cause = next(
        (
            sentence
            for sentence, rule in WRONG_EPOCHS
            if all(_is_epoch(a, rule(h)) for a, h in zip(answers, histories, strict=True))
        ),
        "Write the losses of this history in a row, and count up to the lowest.",
    )
    judge.fail(
        f"overfitting_epoch got val_loss {losses}: it is lowest in epoch {lowest} of "
        f"{len(history['val_loss'])}.",
        cause,
        got="None" if got is None else got,
        expected="None, because that is the last epoch" if right is None else f"{right} (an int)",
    )


def _is_epoch(got: Any, right: int | None) -> bool:
    if got is None or right is None:
        return got is right
    array = as_array(got)
    if array is None or array.shape != () or array.dtype.kind not in "iu":
        return False
    return int(array) == right
