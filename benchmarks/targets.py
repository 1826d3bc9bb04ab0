"""Measures how far every graded training target is from correct and from trivial answers.

For each target of `grader/targets.toml`, the benchmark trains the solution several times with fresh
keys and judges it on freshly drawn images, as in a graded run. A target must be five standard
deviations and 0.02 below the solution's mean accuracy, and five standard deviations above that of
an untrained network and of the largest class. Week 3's target must also be above every dense
network, and the convolutional network must beat the dense ones on every seed. The same holds for
the project and a network without augmentation. Week 6's solution must beat week 5's network on
every seed, and week 7's a network from scratch. Week 6 also limits a gap: how much less accurate a
network is on fresh images than on its training images. The largest gap allowed must be four
standard deviations and 0.02 above the solution's, and no network without augmentation and dropout
may pass on any seed.

Below the table, the benchmark proposes each target: the highest hundredth that keeps its distance,
and the range in which a target keeps it. It saves its measurements and uses them again. If other
code saved an answer, the benchmark says so and measures again, unless `--earlier-code` accepts it.

A task whose check calls `judge_training` needs nothing more. A task without that call, or with
rivals, needs a `Training` below or in its week's file, `benchmarks/trainings/weekN.py`. That file
holds `TRAININGS`, as this one does, and may hold `TARGETS`, a list of `grader.targets.Target`.
"""

import argparse
import ast
import dataclasses
import functools
import math
import runpy
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine, measurements, results
from benchmarks.accuracy import CODE
from grader.secret import Secret, TaskSecret
from grader.targets import Target, read_targets

ROOT = Path(__file__).parents[1]

# The rule: how far a target must be from both sides.
DEVIATIONS = 5
LEAST_DISTANCE = 0.02
GAP_DEVIATIONS = 4  # five would let through one in fifty of the networks that it must stop

# What a task must beat: no run of a rival may reach the target, or the solution of its seed.
RIVALS = ("rival", "dense", "week 5", "no augmentation", "scratch")

# Rivals that the solution must beat on every seed, but that may exceed the target: training from
# scratch, because a graded run rejects another backbone whatever its accuracy.
MAY_REACH = ("scratch",)

# The dense networks get the five epochs of week 2, more than the convolutional network, so that
# they do not lose for lack of time.
DENSE_EPOCHS = 5

# Without augmentation a network has memorised 300 flowers after this many epochs.
PLAIN_EPOCHS = 40
BASELINE_EPOCHS = 20

# Enough to memorise a hundred images without a backbone.
TRANSFER_EPOCHS = 30

# After these epochs week 5's network has memorised its 400 images; more do not help.
WEEK5_EPOCHS = 24

# Prefix of the answers that say how much less accurate another answer is on fresh images.
GAP = "gap of "

Answers = dict[str, float]


@functools.cache
def solution(week: str) -> dict[str, Any]:
    """Runs a solution file and returns its names, as the grader's worker does."""
    return runpy.run_path(str(ROOT / "solutions" / f"{week}.py"))


def reached(model: Any, params: Any, test: Any) -> float:
    """Measures the accuracy of a model with given parameters on a `lib.Split`."""
    import jax
    import optax

    import lib

    logits = jax.eval_shape(model.apply, {"params": params}, lib.as_input(test.images[:1]))
    loss = lib.sigmoid_cross_entropy if logits.shape[-1] == 1 else lib.softmax_cross_entropy
    state = lib.create_state(model, optax.sgd(0.0), test.images[:1], jax.random.key(0), loss)
    return lib.evaluate(state.replace(params=params), *test)["accuracy"]


def solve_mnist(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 2's solution; also reports its epochs and last training accuracy."""
    week = solution("week2")
    params, accuracies = week["train_mnist"](*train, key)
    return {
        "solution": reached(week["dense_model"](), params, test),
        "epochs": len(accuracies),
        "train": accuracies[-1],
    }


def solve_cnn(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 3's solution, and both dense networks on the same images."""
    import jax
    import optax

    import lib

    week = solution("week3")
    answers = {"solution": reached(week["fashion_cnn"](), week["train_cnn"](*train, key), test)}
    for model in (lib.fashion_dense(), lib.mnist_dense()):
        state = lib.create_state(model, optax.adam(0.001), train.images[:1], key)
        state, _ = lib.fit(
            state, *train, epochs=DENSE_EPOCHS, key=jax.random.fold_in(key, 1), verbose=0
        )
        answers[f"dense {model.hidden}"] = lib.evaluate(state, *test)["accuracy"]
    return answers


def solve_faces(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 4's solution; also reports its epochs and last training accuracy."""
    import lib

    params, accuracies = solution("week4")["train_happy_or_sad"](*train, key)
    return {
        "solution": reached(lib.happy_or_sad(), params, test),
        "epochs": len(accuracies),
        "train": accuracies[-1],
    }


def solve_augmented(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 6's solution, and its network without augmentation and dropout in five ways."""
    import lib

    def judged(name: str, params: Any) -> Answers:
        fresh, known = (reached(lib.cats_and_dogs(), params, split) for split in (test, train))
        return {name: fresh, GAP + name: known - fresh}

    answers = judged("solution", solution("week6")["train_augmented"](*train, key))
    for name, program in PLAIN.items():
        answers |= judged(name, program(train, key))
    return answers


def _plain_adam(train: Any, key: Any) -> Any:
    """Trains like week 5: Adam with a constant learning rate."""
    import optax

    return _fit_plain(optax.adam(0.001), train, key, epochs=WEEK5_EPOCHS, batch_size=20)


def _plain_nadam(train: Any, key: Any) -> Any:
    """Trains with the solution's optimizer and a learning rate that falls to 0."""
    import optax

    schedule = optax.linear_schedule(0.001, 0.0, 30 * -(-len(train.labels) // 20))
    return _fit_plain(optax.nadam(schedule), train, key, epochs=30, batch_size=20)


def _plain_long(train: Any, key: Any) -> Any:
    """Trains as many steps as the solution, all on unchanged images."""
    import optax

    schedule = optax.cosine_decay_schedule(0.001, 60 * -(-len(train.labels) // 10))
    return _fit_plain(optax.nadam(schedule), train, key, epochs=60, batch_size=10)


def _plain_stopped(train: Any, key: Any) -> Any:
    """Holds back a fifth of the images, stops once their accuracy falls, takes the best epoch."""
    import optax

    import lib

    held = len(train.labels) // 5
    order = np.random.default_rng(0).permutation(len(train.labels))
    kept, back = (
        lib.Split(*(part[rows] for part in train)) for rows in (order[held:], order[:held])
    )
    stop = lib.EarlyStopping("val_accuracy", patience=8)
    options = {"validation": tuple(back), "callbacks": [stop], "batch_size": 20}
    return _fit_plain(optax.nadam(0.001), kept, key, epochs=40, **options)


def _plain_barely(train: Any, key: Any) -> Any:
    """Stops before the network has memorised its images."""
    import optax

    import lib

    stop = lib.StopWhen("accuracy", above=0.93)
    schedule = optax.linear_schedule(0.001, 0.0, 30 * -(-len(train.labels) // 20))
    options = {"callbacks": [stop], "epochs": 30, "batch_size": 20}
    return _fit_plain(optax.nadam(schedule), train, key, **options)


def _fit_plain(optimizer: Any, train: Any, key: Any, **options: Any) -> Any:
    """Trains week 6's network without augmentation and dropout; returns its parameters."""
    import jax

    import lib

    state = lib.create_state(lib.cats_and_dogs(), optimizer, train.images[:1], key)
    fit_key = jax.random.fold_in(key, 1)
    return lib.fit(state, *train, key=fit_key, verbose=0, **options)[0].params


# Week 6's network without augmentation and dropout, by the name of the answer.
PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "week 5's net": _plain_adam,
    "no augmentation, nadam": _plain_nadam,
    "no augmentation, long": _plain_long,
    "no augmentation, best epoch": _plain_stopped,
    "no augmentation, stopped early": _plain_barely,
}


def solve_transfer(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 7's solution, and the same network from scratch on the same images."""
    import jax
    import optax

    import lib

    week = solution("week7")
    model = week["transfer_net"]()
    _, variables = lib.backbone()
    trained = week["train_transfer"](variables["params"], *train, key)
    state = lib.create_state(
        model, optax.rmsprop(0.001), train.images, key, loss=lib.sigmoid_cross_entropy
    )
    scratch, _ = lib.fit(
        state,
        *train,
        epochs=TRANSFER_EPOCHS,
        batch_size=20,
        key=jax.random.fold_in(key, 1),
        verbose=0,
    )
    return {
        "solution": lib.evaluate(state.replace(params=trained), *test)["accuracy"],
        "scratch": lib.evaluate(scratch, *test)["accuracy"],
        "untrained head": lib.evaluate(
            state.replace(params=state.params | {"backbone": variables["params"]}), *test
        )["accuracy"],
    }


def solve_flowers(train: Any, test: Any, key: Any) -> Answers:
    """Trains the project's solution, and a network of its size on unchanged images."""
    import lib

    project = solution("project")
    answers = project["predict_flowers"](project["train_flowers"](*train, key), test.images)
    plain = lib.ConvClassifier((16, 32, 64), hidden=64, classes=5)
    return {
        "solution": float(np.mean(answers == test.labels)),
        "no augmentation": without_augmentation(plain, train, test, key, epochs=PLAIN_EPOCHS),
    }


def solve_flowers_baseline(train: Any, test: Any, key: Any) -> Answers:
    """Trains the course's baseline, where the project starts."""
    import lib

    model = lib.flowers_baseline()
    return {"solution": without_augmentation(model, train, test, key, epochs=BASELINE_EPOCHS)}


def without_augmentation(model: Any, train: Any, test: Any, key: Any, epochs: int) -> float:
    """Trains a network for flowers on unchanged images; returns its test accuracy."""
    import jax
    import optax

    import lib

    steps = epochs * -(-len(train.labels) // 16)
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, steps))
    state = lib.create_state(model, optimizer, train.images[:1], key)
    fit_key = jax.random.fold_in(key, 1)
    state, _ = lib.fit(state, *train, epochs=epochs, batch_size=16, key=fit_key, verbose=0)
    return lib.evaluate(state, *test)["accuracy"]


@dataclasses.dataclass(frozen=True)
class Training:
    """How to produce the answers to a task.

    Attributes:
      solve: takes the training and the test split and a key.
      model: name of the function, in the week's solution or in `lib`, that makes the judged
        network, for the untrained answer; without it, `solve` must return that answer too.
      pieces: packages of `lib` that the training uses, besides those that every training needs.
      load: takes the target and the streams of a run; returns the training and the test split of a
        set that `lib.load` does not know.
    """

    solve: Callable[[Any, Any, Any], Answers]
    model: str = ""
    pieces: tuple[str, ...] = ()
    load: Callable[[Target, TaskSecret], tuple[Any, Any]] | None = None


TRAININGS = {
    "train_mnist": Training(solve_mnist, "mnist_dense"),
    "train_cnn": Training(solve_cnn, "fashion_cnn"),
    "train_happy_or_sad": Training(solve_faces, "happy_or_sad"),
    "train_augmented": Training(solve_augmented, "cats_and_dogs", ("augmentation",)),
    "train_transfer": Training(solve_transfer, "transfer_net", ("transfer",)),
    "flowers": Training(solve_flowers, "flowers_baseline", ("augmentation",)),
    "flowers_baseline": Training(solve_flowers_baseline, "flowers_baseline"),
}


def training_of(target: Target) -> Training:
    """Returns how to produce the answers to a task: from `TRAININGS`, or as its check does.

    Raises:
      LookupError: if neither defines it; the text says what to write.
    """
    if target.task in TRAININGS:
        return TRAININGS[target.task]
    if target.task in (own := of_week(target.week).get("TRAININGS", {})):
        return own[target.task]
    model = _judged_model(target)
    if model is None:
        raise LookupError(
            f"{target.task}: its check has no judge_training(…, {target.task!r}, lib.NAME(), …) "
            f"that names the network. Write benchmarks/trainings/{target.week}.py with TRAININGS = "
            f'{{"{target.task}": Training(solve, "NAME")}}.'
        )

    def solve(train: Any, test: Any, key: Any) -> Answers:
        params = solution(target.week)[target.task](*train, key)
        return {"solution": reached(_named(target, model)(), params, test)}

    return Training(solve, model)


def of_week(week: str) -> dict[str, Any]:
    """Runs the week's own file of trainings, if there is one, and returns its names."""
    file = ROOT / "benchmarks" / "trainings" / f"{week}.py"
    return runpy.run_path(str(file)) if file.is_file() else {}


def all_targets() -> list[Target]:
    """Returns the grader's targets and those in the weeks' own files."""
    files = sorted((ROOT / "benchmarks" / "trainings").glob("*.py"))
    own = [each for file in files for each in of_week(file.stem).get("TARGETS", ())]
    return [*read_targets(), *own]


def _judged_model(target: Target) -> str | None:
    """Returns the name of the function whose network a check passes to `judge_training`."""
    file = ROOT / "grader" / "checks" / f"{target.week}.py"
    if not file.is_file():
        return None
    for check in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(check, ast.FunctionDef) or check.name != f"check_{target.task}":
            continue
        given = {
            node.targets[0].id: node.value
            for node in ast.walk(check)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(check):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "judge_training":
                model = node.args[4]
                model = given.get(model.id) if isinstance(model, ast.Name) else model
                if isinstance(model, ast.Call) and not model.args and not model.keywords:
                    return ast.unparse(model.func).rpartition(".")[2]
    return None


def _named(target: Target, name: str) -> Callable[[], Any]:
    import lib

    return (vars(lib) | solution(target.week))[name]


def untrained_net(target: Target, images: Any, key: Any) -> tuple[Any, Any]:
    """Returns a task's network and its initial parameters, for images of this shape."""
    import lib

    model = _named(target, training_of(target).model)()
    return model, model.init(key, lib.as_input(images[:1]))["params"]


def measure(target: Target, source: str, seed: int) -> Answers:
    """Makes the images of one graded run and all answers to them.

    Args:
      target: the task and its sizes.
      source: as for `lib.load`.
      seed: replaces the run's secret.

    Returns:
      Accuracy on the test images by kind of answer ("solution", "untrained", "largest class" …),
      and what else the task reports.
    """
    import jax

    secret = Secret.from_seed(seed).stream(target.week, target.task)
    training = training_of(target)
    train, test = training.load(target, secret) if training.load else _load(target, source, secret)
    key = jax.random.key(secret.seed("key") % 2**32)
    largest = np.bincount(train.labels).argmax()
    answers = training.solve(train, test, key)
    if training.model:
        answers["untrained"] = reached(*untrained_net(target, test.images, key), test)
    return answers | {"largest class": float(np.mean(test.labels == largest))}


def _load(target: Target, source: str, secret: TaskSecret) -> tuple[Any, Any]:
    """Loads the images of a graded run: the training and the test split."""
    import lib
    from lib.data.dataset import SETS
    from lib.data.own import load_own

    sizes: dict[str, Any] = {
        "train_size": target.train,
        "test_size": target.test,
        "edge": target.edge,
        "classes": target.classes,
    }
    if target.data in SETS:
        data = lib.load(target.data, source, **sizes)
    else:
        data = load_own(target.data, source, **sizes, grey=target.grey)
    if not target.test:
        return data.train, data.train
    if source == "embedded":  # a graded test set is always new
        drawn = lib.draw(target.data, target.test, secret.seed("test"), target.edge, target.classes)
        return data.train, drawn
    return data.train, data.test


@dataclasses.dataclass(frozen=True)
class Distance:
    """How far a target is from the answers, over all seeds.

    Attributes:
      target: the target.
      runs: the answers of each seed.
    """

    target: Target
    runs: Sequence[Answers]

    def values(self, answer: str) -> list[float]:
        """Returns the accuracies of one kind of answer, one per seed."""
        return [run[answer] for run in self.runs]

    def trivial(self) -> list[str]:
        """Returns the names of the answers that must not pass."""
        own = ("solution", "epochs", "train")
        return [n for n in self.runs[0] if n not in own and not n.startswith(GAP)]

    def passes(self, run: Answers, answer: str) -> bool:
        """Returns whether an answer would pass in a graded run."""
        target = self.target
        narrow = target.gap is None or run.get(GAP + answer, 0.0) <= target.gap
        return run[answer] >= target.accuracy and narrow

    def below_solution(self) -> tuple[float, float]:
        """Returns the distance from the solution's mean: (absolute, in standard deviations)."""
        values = self.values("solution")
        return _distance(statistics.mean(values) - self.target.accuracy, values)

    def gap_below(self) -> tuple[float, float]:
        """Returns the distance of the solution's mean gap from the largest allowed, likewise."""
        values = self.values(GAP + "solution")
        return _distance((self.target.gap or 0.0) - statistics.mean(values), values)

    def above(self, answer: str) -> tuple[float, float]:
        """Returns the distance from a trivial answer's mean: (absolute, in standard deviations)."""
        values = self.values(answer)
        return _distance(self.target.accuracy - statistics.mean(values), values)

    def broken(self) -> list[str]:
        """Finds where the rule is broken; returns one sentence for each."""
        name = f"{self.target.task} ({self.target.images})"
        sentences = []
        absolute, deviations = self.below_solution()
        if absolute < LEAST_DISTANCE or deviations < DEVIATIONS:
            sentences.append(
                f"{name}: the target {self.target.accuracy} is {absolute:.3f} and {deviations:.1f} "
                f"standard deviations below the solution; it must be {LEAST_DISTANCE} and "
                f"{DEVIATIONS} below."
            )
        if self.target.gap is not None:
            absolute, deviations = self.gap_below()
            if absolute < LEAST_DISTANCE or deviations < GAP_DEVIATIONS:
                sentences.append(
                    f"{name}: the largest gap, {self.target.gap}, is {absolute:.3f} and "
                    f"{deviations:.1f} standard deviations above the solution's; it must be "
                    f"{LEAST_DISTANCE} and {GAP_DEVIATIONS} above."
                )
        for answer in self.trivial():
            absolute, deviations = self.above(answer)
            if answer.startswith(RIVALS):
                sentences += self._rival_too_good(name, answer)
            elif deviations < DEVIATIONS:
                sentences.append(
                    f"{name}: the target {self.target.accuracy} is {absolute:.3f} and "
                    f"{deviations:.1f} standard deviations above {answer}; it must be "
                    f"{DEVIATIONS} above."
                )
        if "train" in self.runs[0] and min(self.values("train")) <= 0.99:
            sentences.append(f"{name}: the solution did not exceed 0.99 in training on every seed.")
        return sentences

    def _rival_too_good(self, name: str, answer: str) -> list[str]:
        sentences = []
        passed = [run for run in self.runs if self.passes(run, answer)]
        if passed and not answer.startswith(MAY_REACH):
            best = max(run[answer] for run in passed)
            sentences.append(
                f"{name}: {answer} passed on {len(passed)} of {len(self.runs)} seeds. It reached "
                f"{best:.4f}; the target is {self.target.accuracy}."
            )
        if any(run["solution"] <= run[answer] for run in self.runs):
            sentences.append(f"{name}: {answer} is as good as the solution on at least one seed.")
        return sentences

    def window(self) -> tuple[float, float, float | None]:
        """Returns where a target keeps its distance: (above this, up to this, smallest gap)."""
        most = self._keeping("solution", -1, DEVIATIONS)
        gap = None
        if self.target.gap is not None:
            gap = math.ceil(self._keeping(GAP + "solution", 1, GAP_DEVIATIONS) * 100 - 1e-9) / 100
        least = 0.0
        for answer in self.trivial():
            if not answer.startswith(RIVALS):
                mean, deviation = self._spread(answer)
                least = max(least, mean + DEVIATIONS * deviation)
            elif not answer.startswith(MAY_REACH):
                wide = [r for r in self.runs if gap is None or r.get(GAP + answer, 0.0) <= gap]
                least = max([least, *(run[answer] for run in wide)])
        return least, most, gap

    def _keeping(self, answer: str, side: int, deviations: int) -> float:
        mean, deviation = self._spread(answer)
        return mean + side * max(LEAST_DISTANCE, deviations * deviation)

    def _spread(self, answer: str) -> tuple[float, float]:
        values = self.values(answer)
        return statistics.mean(values), statistics.stdev(values)

    def proposal(self) -> str:
        """Returns a sentence on what the target could be."""
        least, most, gap = self.window()
        name, best = f"{self.target.task} ({self.target.images})", math.floor(most * 100) / 100
        if best <= least:
            return (
                f"{name}: no target keeps its distance. The solution allows {most:.3f} at most, "
                f"and other answers need more than {least:.3f}. Give the solution more images or "
                "epochs, or the rivals fewer."
            )
        return (
            f"{name}: use {best}. A target above {least:.3f} and up to {most:.3f} keeps its "
            "distance"
            + (f", with a gap of {gap} or more" if gap is not None else "")
            + f". It is {self.target.accuracy} now"
            + (f", and the gap {self.target.gap}." if gap is not None else ".")
        )

    def row(self) -> list[str]:
        """Returns the row of the table."""
        target, values = self.target, self.values("solution")
        absolute, deviations = self.below_solution()
        epochs = sorted(int(run["epochs"]) for run in self.runs if "epochs" in run)
        others = ", ".join(
            f"{answer} {statistics.mean(self.values(answer)):.3f} ({_many(self.above(answer)[1])})"
            + self._gap_of(answer)
            for answer in self.trivial()
        )
        return [
            f"{target.week} {target.task}, {target.images}",
            f"{target.train:,} / {target.test:,}",
            f"{epochs[0]}–{epochs[-1]} of {target.epochs}" if epochs else str(target.epochs),
            f"{target.accuracy}" + (f", gap {target.gap}" if target.gap is not None else ""),
            f"{statistics.mean(values):.4f} ± {statistics.stdev(values):.4f}"
            + self._gap_of("solution"),
            f"{min(values):.4f}",
            f"{absolute:.3f}, {_many(deviations)}",
            others,
        ]

    def _gap_of(self, answer: str) -> str:
        if GAP + answer not in self.runs[0]:
            return ""
        values = self.values(GAP + answer)
        return f", gap {statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


HEADER = [
    *("task, images", "train / test", "epochs, at most", "target"),
    *("solution, mean ± sd", "minimum", "target below it by"),
    "other answers, mean (target above by)",
]


def _distance(absolute: float, values: Sequence[float]) -> tuple[float, float]:
    # If all values are the same (a real set's largest class always is), any distance counts as many
    # standard deviations.
    return absolute, absolute / max(statistics.stdev(values), 1e-4)


def _many(deviations: float) -> str:
    return f"{deviations:.1f} sd" if deviations < 100 else "> 99 sd"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the targets of one source of images.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if a target is too close to an answer.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets", description=__doc__)
    parser.add_argument(
        "--data",
        nargs="+",
        default=["embedded"],
        help="embedded (the default), tfds or a folder with the real sets; may be several",
    )
    parser.add_argument("--seeds", type=int, default=10, help="at least 2 (default 10)")
    targets = all_targets()
    tasks = list(dict.fromkeys(target.task for target in targets))
    parser.add_argument("--tasks", nargs="+", choices=tasks, default=tasks)
    parser.add_argument(
        "--earlier-code",
        action="store_true",
        help="also use results of earlier code; the line below the table says how many",
    )
    parser.add_argument("--fresh", action="store_true", help="do not use earlier results")
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error("--seeds must be 2 or more: a standard deviation needs two values.")
    targets = [target for target in targets if target.task in options.tasks]
    try:
        for target in targets:
            training_of(target)
    except LookupError as error:
        parser.error(str(error))
    distances, old = [], 0
    for source in options.data:
        images = "embedded" if source == "embedded" else "real"
        for target in targets:
            if target.images == images:
                code = _code(target)
                saved = _runs(
                    target, source, code, options.seeds, options.fresh, options.earlier_code
                )
                old += sum(run["code"] != code for run in saved)
                distances.append(Distance(target, [run["answers"] for run in saved]))
    note = (
        f"{options.seeds} seeds each: a fresh key and, for the embedded images, a fresh test set. "
        f"{machine.sentence()}"
    )
    if old:
        runs = options.seeds * len(distances)
        note += f" {old} of the {runs} runs are older, from earlier code."
    text = f"{measurements.markdown_table(HEADER, [d.row() for d in distances])}\n\n{note}"
    print(text)
    if options.write:
        measurements.write("targets", text)
    print("", *(distance.proposal() for distance in distances), "", sep="\n")
    broken = [sentence for distance in distances for sentence in distance.broken()]
    print("\n".join(broken or ["Every target keeps its distance."]))
    return 1 if broken else 0


def _code(target: Target) -> str:
    """Fingerprints what the answers to a task depend on."""
    pieces = [f"lib/{name}/*.py" for name in training_of(target).pieces]
    own = ["lib/data/**/*.py", f"solutions/{target.week}.py"]
    if of_week(target.week):
        own.append(f"benchmarks/trainings/{target.week}.py")
    return results.code_fingerprint(*CODE, *own, *pieces)


def _runs(
    target: Target, source: str, code: str, seeds: int, fresh: bool, earlier_code: bool
) -> list[dict[str, Any]]:
    settings = {
        "images": target.images,
        "sizes": [target.train, target.test, target.epochs, target.edge],
    }
    if target.gap is not None:
        settings["rivals"] = list(PLAIN)
    runs = []
    for seed in range(seeds):
        file = f"targets/{target.task}-{target.images}-{seed}"
        saved = None if fresh else results.saved(file, **settings)
        stale = saved is not None and saved["code"] != code
        if stale:
            what = "used as asked" if earlier_code else "measured again"
            name = f"{target.task} ({target.images}), seed {seed}"
            print(f"{name}: saved by other code, {what}.", file=sys.stderr, flush=True)
        if saved is None or (stale and not earlier_code):
            saved = {**settings, "code": code, "answers": measure(target, source, seed)}
            results.save(file, saved)
        runs.append(saved)
        told = ", ".join(f"{name} {value:.4g}" for name, value in saved["answers"].items())
        print(f"{target.task} ({target.images}), seed {seed}: {told}", file=sys.stderr, flush=True)
    return runs


if __name__ == "__main__":
    sys.exit(main())
