"""The rubric of week 5: splitting pictures, and seeing, naming and stopping overfitting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.checks import picture_files
from grader.checks.figures import axes_of
from grader.checks.networks import ConvNet, judge_conv_net
from grader.checks.training import fit_digits
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student, StudentRaised
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret


def _split(
    student: Student,
    judge: Judge,
    folder: str,
    files: dict[str, bytes],
    bad: list[str],
    fraction: float,
    seed: int,
    where: str,
) -> set[str]:
    """Has a folder split, judges what came of it, and returns the names in the training part."""
    train, test = f"{where}/train", f"{where}/test"
    left_out = student.split_data(folder, train, test, fraction, seed)
    parts = [student.get_files(name) for name in (train, test)]
    good = set(files) - set(bad)
    for name, part in zip((train, test), parts, strict=True):
        if type(part) is not dict:
            judge.fail("The folders could not be read.", got=part)
        if wrong := sorted(set(part) & set(bad)):
            judge.fail(
                f"{wrong[0]} is broken, and was copied all the same.",
                "Image.open looks at the beginning of a file only, and verify() not much further; "
                "open it and call .load(), inside a try.",
                got=f"{len(wrong)} broken files among the copies",
                expected="whole pictures only",
            )
        if wrong := sorted(set(part) - set(files)):
            judge.fail(
                f"There is a file {wrong[0]!r:.80} in {name.split('/')[-1]}, which the source "
                "does not have.",
                "Each copy keeps its name: Path(folder) / path.name.",
            )
        changed = sorted(n for n in part if part[n] != files[n])
        if changed:
            judge.fail(
                f"{changed[0]} is not the same file any more.",
                "Copy the file (shutil.copyfile); do not save the picture anew.",
            )
    first, second = set(parts[0]), set(parts[1])
    if both := sorted(first & second):
        judge.fail(
            f"{both[0]} is in both folders.",
            "Whoever is judged with pictures that were learned is judged too well.",
            got=f"{len(both)} files in both",
            expected="none",
        )
    if missing := sorted(good - first - second):
        judge.fail(
            f"{missing[0]} is in neither folder.",
            "The first part of the list goes to train, all the rest to test.",
            got=f"{len(first)} and {len(second)} of {len(good)} readable files",
            expected="each of them in one of the two",
        )
    count = math.floor(fraction * len(good))
    if len(first) != count:
        hint = "int(fraction * number of readable pictures)."
        if len(first) == len(good) - count:
            hint = "Train and test are swapped: the fraction is the part to learn from."
        elif len(first) == math.floor(fraction * len(files)):
            hint = "The broken files were counted as well: sort them out first."
        elif len(first) == count + 1:
            hint = "Rounded up; int(...) rounds down."
        judge.fail(
            f"With a fraction of {fraction} of {len(good)} readable pictures, train has another "
            "number.",
            hint,
            got=f"{len(first)} in train, {len(second)} in test",
            expected=f"{count} in train, {len(good) - count} in test",
        )
    picture_files.names_left_out(judge, left_out, sorted(bad))
    kept = student.get_files(folder)
    if kept != files:
        judge.fail(
            "The source folder is not what it was.",
            "Copy, do not move: shutil.copyfile, not shutil.move.",
            got=f"{len(kept) if type(kept) is dict else 0} files left",
            expected=f"{len(files)} files",
        )
    return first


@task(
    points=4,
    functions=("split_data",),
    forbids=("lib.split_data", "lib.load_folder", "lib.load", "lib.data.*"),
    seconds=20,
    hints=(
        "Three steps: find the readable files, shuffle them, copy the first part and the rest.",
        "In a try: `with Image.open(path) as picture: picture.load()`; in `except OSError` append "
        "path.name to what is left out.",
        "good = sorted(...); random.Random(seed).shuffle(good); count = int(fraction * len(good)); "
        "Path(train).mkdir(parents=True, exist_ok=True); shutil.copyfile(path, Path(train) / "
        "path.name) for good[:count], and good[count:] to test.",
    ),
)
def check_split_data(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Split a folder of pictures at random"""
    rng = secret.numpy("files")

    def some(count: int) -> dict[str, bytes]:
        names = [f"cat.{n}.png" for n in rng.choice(900, count, replace=False).tolist()]
        return {
            name: picture_files.encoded(rng, "RGB", "PNG", 3, 4 + k % 3)
            for k, name in enumerate(names)
        }

    def put(files: dict[str, bytes]) -> str:
        folder = picture_files.new_folder(rng)
        student.put_files({f"{folder}/{name}": files[name] for name in files})
        return folder

    seed = int(rng.integers(1000))
    with judge.part(2, "whole pictures"):
        for count, fraction in ((23, 0.75), (31, 0.4)):
            files = some(count)
            folder = put(files)
            _split(student, judge, folder, files, [], fraction, seed, f"{folder}-a/parts")
    with judge.part(1, "broken files among them"):
        files = some(14)
        bad = {
            f"cat.{1000 + k} {what}.{'jpg' if 'jpeg' in what else 'png'}": content
            for k, (what, content) in enumerate(picture_files.broken(rng).items())
        }
        files = bad | files
        _split(student, judge, put(files), files, list(bad), 0.8, seed, f"split-{seed}/b")
    with judge.part(1, "chance, and the seed"):
        files = some(60)
        folder = put(files)

        def train(where: str, seed: int, source: str = folder) -> set[str]:
            return _split(student, judge, source, files, [], 0.755, seed, f"{folder}-{where}")

        first = train("first", seed)
        # Of 60 files there are 5e13 ways to choose 45: by chance none of these comes out alike.
        rings = (sorted(files) * 2, list(files) * 2)
        if any(first == set(ring[start : start + 45]) for ring in rings for start in range(60)):
            judge.fail(
                "Train has simply so many files in a row. Pictures often lie in some order: take a "
                "random part.",
                "random.Random(seed).shuffle(files)",
            )
        if train("again", seed) != first:
            judge.fail(
                "The same seed gave another split.",
                "random.Random(seed).shuffle(files), and not random.shuffle(files).",
            )
        if train("other", seed + 1) == first:
            judge.fail(
                "Another seed gave the same split.", "random.Random(seed): use the seed given."
            )
        other = put({name: files[name] for name in reversed(files)})
        if train("reversed", seed, other) != first:
            judge.fail(
                "The same files, written in another order, were split differently with the same "
                "seed.",
                "Sort the names before you shuffle them.",
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
        "Eleven layers: four times a convolution and a pooling, then flatten and two dense ones.",
        "32, 64, 128 and 128 filters; a dense layer of 512; two outputs without activation.",
        "lib.Conv(32, activation=nn.relu), lib.MaxPool(), … lib.Flatten(), "
        "lib.Dense(512, activation=nn.relu), lib.Dense(2)",
    ),
)
def check_cats_and_dogs_net(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Conv 32, 64, 128, 128, Dense 512, two outputs"""
    import lib

    net = ConvNet(edge=150, channels=3, filters=(32, 64, 128, 128), hidden=512, outputs=2)
    judge_conv_net(judge, student.cats_and_dogs_net(), lib.cats_and_dogs(), net, small=62)


def _history(rng: np.random.Generator, epochs: int, best: int) -> dict[str, list[float]]:
    """A history of overfitting whose validation loss is lowest in the epoch `best`, from 1."""
    steps = np.arange(1, epochs + 1)
    noise = rng.uniform(0, 0.004, (4, epochs))
    loss = 0.72 * np.exp(-steps / 4) + noise[0]
    val_loss = 0.5 + 0.03 * np.abs(steps - best) + noise[1]
    val_loss[best - 1] = 0.48
    return {
        "loss": [float(value) for value in loss],
        "accuracy": [float(value) for value in 1 - 0.5 * np.exp(-steps / 4) - noise[2]],
        "val_loss": [float(value) for value in val_loss],
        "val_accuracy": [float(value) for value in 0.75 - 0.2 * np.exp(-steps / 2) - noise[3]],
    }


LINES = {
    "loss": ("loss", "val_loss"),
    "accuracy": ("accuracy", "val_accuracy"),
}


def _judge_lines(judge: Judge, axes: dict[str, Any], name: str, history: dict[str, Any]) -> None:
    lines = [
        (np.asarray(line["x"], float), np.asarray(line["y"], float), str(line["label"]))
        for line in axes["lines"]
    ]
    epochs = np.arange(1, len(history[name]) + 1)
    for metric in LINES[name]:
        right = np.asarray(history[metric])
        found = [
            (x, label)
            for x, y, label in lines
            if y.shape == right.shape and np.allclose(y, right, atol=1e-5)
        ]
        if not found:
            other = next((n for n in history if n != metric and _drawn(lines, history[n])), "")
            judge.fail(
                f"The {name} axes have no line with the values of {metric!r}.",
                f"There is one with {other!r}: do the two axes hold what they should?"
                if other
                else f"axes.plot(epochs, history[{metric!r}], label=...)",
                got=f"{len(lines)} lines",
                expected=f"lines of {' and '.join(LINES[name])}",
            )
        x, _ = found[0]
        if x.shape != epochs.shape or not np.allclose(x, epochs):
            counted = "They are counted from 0." if np.allclose(x, epochs - 1) else ""
            judge.fail(
                f"The epochs of {metric!r} are not 1, 2, 3 …. {counted}".strip(),
                "epochs = range(1, len(history['loss']) + 1), and axes.plot(epochs, values).",
            )
    if len(lines) > 2:
        judge.fail(f"The {name} axes have {len(lines)} lines, not two.")


def _drawn(lines: list[tuple[np.ndarray, np.ndarray, str]], values: Any) -> bool:
    right = np.asarray(values)
    return any(y.shape == right.shape and np.allclose(y, right, atol=1e-5) for _, y, _ in lines)


def _judge_words(judge: Judge, axes: dict[str, Any], name: str, history: dict[str, Any]) -> None:
    xlabel, ylabel = str(axes["xlabel"]), str(axes["ylabel"])
    judge.check(
        "epoch" in xlabel.lower(),
        f"The x axis of {name} is labelled {xlabel!r:.80}.",
        "axes.set_xlabel('epoch')",
    )
    judge.check(
        name in ylabel.lower(),
        f"The y axis of {name} is labelled {ylabel!r:.80}.",
        f"axes.set_ylabel('{name}')",
    )
    legend = [str(text).lower() for text in axes["legend"]]
    judge.check(
        len(legend) == 2,
        f"The legend of {name} has {len(legend)} entries; each of the two lines needs one.",
        "axes.plot(..., label='training'), and axes.legend() after both lines.",
    )
    for metric, word in zip(LINES[name], ("training", "validation"), strict=True):
        labels = [
            str(line["label"]).lower()
            for line in axes["lines"]
            if np.shape(line["y"]) == np.shape(history[metric])
            and np.allclose(line["y"], history[metric], atol=1e-5)
        ]
        # What the legend says counts, also where its texts were given to legend() alone.
        position = [
            k
            for k, line in enumerate(axes["lines"])
            if np.shape(line["y"]) == np.shape(history[metric])
            and np.allclose(line["y"], history[metric], atol=1e-5)
        ]
        named = labels[0] if labels and word in labels[0] else ""
        if not named and position and word in legend[position[0]]:
            named = legend[position[0]]
        if not named:
            judge.fail(
                f"In the legend of {name} the line of {metric!r} should be called {word!r}.",
                f"axes.plot(epochs, history[{metric!r}], label='{word}')",
                got=f"{legend}"[:200],
                expected="['training', 'validation']",
            )


@task(
    points=3,
    functions=("plot_history",),
    forbids=("lib.plots.history_curves", "lib.plots.*"),
    seconds=30,
    hints=(
        "Two axes next to each other, two lines in each.",
        "epochs = range(1, len(history['loss']) + 1); axes.plot(epochs, history['loss'], "
        "label='training').",
        "For each axes: two times plot, set_xlabel('epoch'), set_ylabel('loss'), legend(). Return "
        "the figure.",
    ),
)
def check_plot_history(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Loss and accuracy, epoch by epoch"""
    rng = secret.numpy("history")
    epochs = int(rng.integers(9, 15))
    history = _history(rng, epochs, int(rng.integers(3, 7)))
    figure = student.plot_history(history)
    advice = "figure.subplots(1, 2) makes two, next to each other."
    pairs = list(zip(axes_of(judge, figure, "plot_history", 2, advice), LINES, strict=True))
    try:
        with judge.part(2, "the lines"):
            for axes, name in pairs:
                _judge_lines(judge, axes, name, history)
        with judge.part(1, "labels and legends"):
            for axes, name in pairs:
                _judge_words(judge, axes, name, history)
    except (TypeError, KeyError, ValueError, IndexError):
        judge.fail("The figure's description makes no sense.")


def _params(number: int) -> dict[str, Any]:
    """Parameters of a small dense net in which every number is that of the epoch."""
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


def _right_stop(losses: list[float], patience: int) -> tuple[int, int]:
    """Our own: (the epoch after which it stops, the best until then), from 0; −1 for never."""
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return epoch, best
    return -1, best


def _sequences(rng: np.random.Generator) -> list[tuple[list[float], int, str]]:
    """Validation losses, patience, and what is special about them."""
    low = float(rng.uniform(0.3, 0.5))
    steps = [0.31, 0.22, 0.13, 0.06]  # above the lowest, on the way down
    down = [low + each + float(rng.uniform(0, 0.03)) for each in steps]
    ties = [*down, low, low, low + 0.02, low]
    return [
        ([*down, low, low + 0.1, low + 0.05, low + 0.2], 3, "up after the lowest"),
        ([low + 0.4, low + 0.5, low + 0.3, low + 0.35, low, low + 0.1, low + 0.1], 2, "bumps"),
        ([*down, low, low + 0.04], 1, "no patience"),
        ([*down[::-1], low - 0.1], 2, "all worse, then better, but too late"),
        (ties, 3, "as low again is not lower"),
        ([*down, low], 1, "falls to the end"),
        (
            [low + 0.1, low, low + 0.3, low + 0.2, low + 0.1],
            3,
            "falls again, but not to the lowest",
        ),
    ]


@task(
    points=4,
    functions=("EarlyStopping",),
    forbids=("lib.EarlyStopping", "lib.callbacks.EarlyStopping"),
    seconds=40,
    training=True,
    hints=(
        "Three things to remember: the lowest loss so far, the parameters that gave it, and how "
        "many epochs have passed since.",
        "Lower than the lowest: remember it, copy the parameters, set the count to 0, answer "
        "False. Otherwise count one up, and answer whether the count has reached patience.",
        "self.best_params = jax.tree.map(jnp.copy, state.params); in on_train_end "
        "state.replace(params=self.best_params).",
    ),
)
def check_early_stopping(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Stop in time, and give back the best"""
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
            judge.fail("EarlyStopping(patience) must make an object.", got=callback)
        return callback

    def answer(callback: Handle, epoch: int, logs: dict[str, float]) -> bool:
        said = callback.method("on_epoch_end", epoch, logs, state(epoch))
        if isinstance(said, Handle) or as_array(False if said is None else said) is None:
            judge.fail("on_epoch_end must answer True or False.", got=said)
        return bool(np.all(False if said is None else said))

    with judge.part(1.5, "asked epoch by epoch"):
        for losses, patience, what in _sequences(rng):
            callback = made(patience)
            last, _ = _right_stop(losses, patience)
            for epoch, loss in enumerate(losses):
                # All others point the other way: only val_loss may decide.
                logs = {"loss": 1 / (epoch + 1), "accuracy": 0.9, "val_accuracy": 0.5 + epoch / 50}
                stop = answer(callback, epoch, logs | {"val_loss": loss})
                if stop != (epoch == last):
                    _wrong_stop(judge, losses[: epoch + 1], patience, stop, what)
                if stop:
                    break
        callback = made(1)
        if any(answer(callback, epoch, {"loss": 0.5, "accuracy": 0.5}) for epoch in range(3)):
            judge.fail(
                "It stopped although the logs hold no val_loss.",
                "logs.get('val_loss') is None then: answer False.",
            )
    with judge.part(1.5, "what it gives back"):
        for losses, patience, what in _sequences(rng):
            callback = made(patience)
            last, best = _right_stop(losses, patience)
            end = len(losses) - 1 if last < 0 else last
            for epoch in range(end + 1):
                answer(callback, epoch, {"loss": 0.5, "val_loss": losses[epoch]})
            _judge_given_back(judge, callback.method("on_train_end", state(end)), best, end, what)
        callback = made(1)
        answer(callback, 0, {"loss": 0.5})
        _judge_given_back(
            judge, callback.method("on_train_end", state(0)), 0, 0, "no val_loss in the logs"
        )
    with judge.part(1, "inside lib.fit"):
        _stop_inside_fit(student, secret, judge)


def _wrong_stop(judge: Judge, losses: list[float], patience: int, stop: bool, what: str) -> None:
    said = ", ".join(f"{loss:.3f}" for loss in losses[-6:])
    waited = len(losses) - 1 - losses.index(min(losses))
    lowest = f"It is {waited} epoch{'s' if waited != 1 else ''} since the lowest"
    if stop and waited == 0:
        hint = "That is the lowest so far: set the count back to 0, and answer False."
    elif stop:
        hint = f"{lowest}: count the epochs in a row, and begin again at each new lowest."
    elif waited == patience:
        hint = (
            f"{lowest}, so patience is over: >= patience, not > patience. Is there a return? Does "
            "the count go up?"
        )
    else:
        hint = f"{lowest}, so patience is over."
    if "again" in what and not stop:
        hint += " Compare with the lowest of all, not with the epoch before; equal is not lower."
    judge.fail(
        f"With patience {patience} and val_loss {said} it {'stopped' if stop else 'went on'}.",
        hint,
        got=repr(stop),
        expected=repr(not stop),
    )


def _judge_given_back(judge: Judge, value: Any, best: int, end: int, what: str) -> None:
    if not isinstance(value, Handle):
        judge.fail(
            "on_train_end must return the state.",
            "return state.replace(params=self.best_params)",
            got=value,
            expected="a lib.TrainState",
        )
    try:
        params = value.params()
    except StudentRaised:
        judge.fail(
            "on_train_end must return the state, not the parameters alone.",
            "return state.replace(params=self.best_params)",
            got=value,
            expected="a lib.TrainState",
        )
    right = _params(best + 1)
    flat = params.get("dense", {}).get("kernel") if type(params) is dict else None
    if isinstance(flat, np.ndarray) and flat.shape == (4, 2) and flat.dtype.kind == "f":
        found = float(flat[0, 0]) - 1
        if found != best:
            hint = "Keep a copy when val_loss is lower than ever, and only then."
            if found == end:
                hint = "These are the last ones. state.replace(params=self.best_params)"
            elif found > best:
                hint = "Those of an epoch that was no better than the lowest."
            judge.fail(
                f"The parameters given back are those of epoch {found + 1:g}; the lowest val_loss "
                f"was in epoch {best + 1} of {end + 1} ({what}).",
                hint,
            )
    judge.same(params.get("dense"), right["dense"], "the parameters given back")
    judge.same(params.get("logits"), right["logits"], "the parameters given back")


def _stop_inside_fit(student: Student, secret: TaskSecret, judge: Judge) -> None:
    import jax

    import lib

    patience, most = 3, 30
    digits = lib.draw("mnist", 300, secret.seed("digits"))
    rng = secret.numpy("noise")
    # A third of the labels is drawn by lot: learned by heart, they harm on other pictures.
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
            "The parameters that were kept are gone: lib.fit uses their memory again.",
            "Keep a copy: jax.tree.map(jnp.copy, state.params).",
        )
    said = ", ".join(f"{loss:.3f}" for loss in losses[-8:])
    last, best = _right_stop(losses, patience)
    if len(losses) != (last + 1 or most):
        judge.fail(
            f"With patience {patience}, lib.fit ran for {len(losses)} epochs.",
            got=f"val_loss {said}",
            expected=f"{last + 1 or 'all'} epochs",
        )
    ours = lib.DenseClassifier(hidden=48)
    params = judge.params(params, ours, (1, 28, 28, 1), "the parameters given back")
    logits = np.asarray(
        jax.jit(ours.apply)({"params": params}, lib.as_input(digits.images[test])), np.float64
    )
    shifted = logits - logits.max(-1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    found = -log_probabilities[np.arange(120), labels[test]].mean()
    if abs(found - losses[best]) > 1e-3 * (1 + abs(found)):
        hint = "Copy the parameters in the epoch with the lowest val_loss, and give them back."
        if abs(found - losses[-1]) <= 1e-3 * (1 + abs(found)):
            hint = "These are the last ones: on_train_end returns the state with the best."
        judge.fail(
            "After lib.fit the state does not hold the best parameters.",
            hint,
            got=f"a validation loss of {found:.4f}",
            expected=f"{losses[best]:.4f}, the lowest of {said}",
        )


@task(
    points=2,
    functions=("overfitting_epoch",),
    hints=(
        "Look at the validation loss alone. Where is it lowest?",
        "np.argmin finds the first place of the smallest value, counted from 0.",
        "best = int(np.argmin(history['val_loss'])) + 1; None if best is the number of epochs.",
    ),
)
def check_overfitting_epoch(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Where overfitting begins"""
    rng = secret.numpy("histories")

    def judged(history: dict[str, list[float]], right: int | None) -> None:
        losses = history["val_loss"]
        said = ", ".join(f"{loss:.3f}" for loss in losses)
        got = student.overfitting_epoch(history)
        what = f"overfitting_epoch of val_loss {said}"
        if right is None:
            if got is not None:
                judge.fail(
                    f"{what}: it is lowest in the last epoch, so nothing is to be seen yet.",
                    "None if the best epoch is the last one.",
                    got=got,
                    expected="None",
                )
            return
        if got is None:
            judge.fail(
                f"{what}: it is lowest in epoch {right} of {len(losses)}.",
                "None only if that is the last epoch; and mind the return.",
                got=got,
                expected=f"{right}",
            )
        rising = next((k for k in range(1, len(losses)) if losses[k] > losses[k - 1]), len(losses))
        mistakes = {
            "Counted from 0: the first epoch is 1.": right - 1,
            "That is the epoch after it: name the one with the lowest loss.": right + 1,
            "That is where the loss rises for the first time; it falls below that later.": rising,
            "That is where the accuracy is highest; look at the loss.": int(
                np.argmax(history["val_accuracy"])
            )
            + 1,
            "That is where the training loss is lowest; look at the validation loss.": int(
                np.argmin(history["loss"])
            )
            + 1,
            "Of several that are equally low, the earliest.": len(losses)
            - int(np.argmin(losses[::-1])),
        }
        judge.same(got, right, what, mistakes={k: v for k, v in mistakes.items() if v != right})

    with judge.part(1.5, "histories that overfit"):
        for _ in range(2):
            epochs = int(rng.integers(9, 13))
            best = int(rng.integers(4, 7))
            judged(_history(rng, epochs, best), best)
        # It rises once before its lowest.
        history = _history(rng, 9, 6)
        history["val_loss"][2] += 0.1
        judged(history, 6)
        # The lowest twice.
        history = _history(rng, 10, 4)
        history["val_loss"][6] = history["val_loss"][3]
        judged(history, 4)
        judged(_history(rng, 8, 1), 1)
    with judge.part(0.5, "histories that do not"):
        judged(_history(rng, 7, 7), None)
