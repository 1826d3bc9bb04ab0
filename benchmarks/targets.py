"""The distance of every graded training target from right and from trivial answers.

For each target in `grader/targets.py` the solution is trained over and over with fresh keys and
judged on freshly drawn pictures, as in a graded run. A target must lie five standard deviations and
0.02 below what the solution reaches on average, and five standard deviations above what an
untrained net and the largest class reach. Week 3's lies above what any dense net reached, and the
convolutional net beats every dense net on every seed; in the same way the project's lies above what
any net without augmentation reached. Week 6's and 7's solutions beat week 5's net and one from
scratch on every seed. Week 6 is judged by a gap as well, by how much worse a net does on fresh
pictures than on those it was given: the largest gap allowed lies four standard deviations and 0.02
above the solution's, and no net without augmentation and dropout comes through on any seed.

Below the table stands what each target could be: the highest hundredth that keeps its distance, and
from where to where it does. What is measured is saved and taken again; an answer that was saved by
other code is named, and measured anew unless `--earlier-code` takes it.

A task whose check calls `judge_training` is measured as it stands. Another one, or one with rivals,
has a `Training` below, or in a file of its week, `benchmarks/trainings/weekN.py`, that holds
`TRAININGS` as this one does, and may hold `TARGETS`, a list of `grader.targets.Target`.
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

# The rule: how far a target keeps from both sides.
DEVIATIONS = 5
LEAST_DISTANCE = 0.02
GAP_DEVIATIONS = 4  # a fifth would let one in fifty of the nets through that it is there to stop

# What a task is there to beat: no run of theirs may reach the target, or the solution of its seed.
RIVALS = ("rival", "dense", "week 5", "no augmentation", "scratch")

# Rivals that must be beaten on every seed, but may come above the target: from scratch, since a
# graded run refuses another backbone whatever it reaches.
MAY_REACH = ("scratch",)

# The dense nets get the five epochs of week 2, more than the convolutional net, so that it is not
# for want of time that they lose.
DENSE_EPOCHS = 5

# Without augmentation a net knows 300 flowers by heart after this many epochs.
PLAIN_EPOCHS = 40
BASELINE_EPOCHS = 20

# Enough to know a hundred pictures by heart without a backbone.
TRANSFER_EPOCHS = 30

# Week 5's net knows its 400 pictures by heart after that; more make it no better.
WEEK5_EPOCHS = 24

# Answers that say by how much worse another answer does on fresh pictures begin with this.
GAP = "gap of "

Answers = dict[str, float]


@functools.cache
def solution(week: str) -> dict[str, Any]:
    """Runs a solution file and returns its names, as the grader's worker does."""
    return runpy.run_path(str(ROOT / "solutions" / f"{week}.py"))


def reached(model: Any, params: Any, test: Any) -> float:
    """Accuracy of a model with given parameters on a `lib.Split`."""
    import jax
    import optax

    import lib

    logits = jax.eval_shape(model.apply, {"params": params}, lib.as_input(test.images[:1]))
    loss = lib.sigmoid_cross_entropy if logits.shape[-1] == 1 else lib.softmax_cross_entropy
    state = lib.create_state(model, optax.sgd(0.0), test.images[:1], jax.random.key(0), loss)
    return lib.evaluate(state.replace(params=params), *test)["accuracy"]


def solve_mnist(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 2's solution; also says after how many epochs it stopped, and where."""
    week = solution("week2")
    params, accuracies = week["train_mnist"](*train, key)
    return {
        "solution": reached(week["dense_model"](), params, test),
        "epochs": len(accuracies),
        "train": accuracies[-1],
    }


def solve_cnn(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 3's solution, and both dense nets on the same pictures."""
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
    """Trains week 4's solution; also says after how many epochs it stopped, and where."""
    import lib

    params, accuracies = solution("week4")["train_happy_or_sad"](*train, key)
    return {
        "solution": reached(lib.happy_or_sad(), params, test),
        "epochs": len(accuracies),
        "train": accuracies[-1],
    }


def solve_augmented(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 6's solution, and its net without augmentation and dropout in several ways."""
    import lib

    def judged(name: str, params: Any) -> Answers:
        fresh, known = (reached(lib.cats_and_dogs(), params, split) for split in (test, train))
        return {name: fresh, GAP + name: known - fresh}

    answers = judged("solution", solution("week6")["train_augmented"](*train, key))
    for name, program in PLAIN.items():
        answers |= judged(name, program(train, key))
    return answers


def _plain_adam(train: Any, key: Any) -> Any:
    """Week 5's way: Adam at a constant rate."""
    import optax

    return _fit_plain(optax.adam(0.001), train, key, epochs=WEEK5_EPOCHS, batch_size=20)


def _plain_nadam(train: Any, key: Any) -> Any:
    """The solution's optimizer, with a rate that falls to 0."""
    import optax

    schedule = optax.linear_schedule(0.001, 0.0, 30 * -(-len(train.labels) // 20))
    return _fit_plain(optax.nadam(schedule), train, key, epochs=30, batch_size=20)


def _plain_long(train: Any, key: Any) -> Any:
    """The solution's steps, all of them on pictures as they are."""
    import optax

    schedule = optax.cosine_decay_schedule(0.001, 60 * -(-len(train.labels) // 10))
    return _fit_plain(optax.nadam(schedule), train, key, epochs=60, batch_size=10)


def _plain_stopped(train: Any, key: Any) -> Any:
    """Stops once a fifth of the pictures, held back, get worse, and takes the best epoch."""
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
    """Stops before it knows its pictures by heart."""
    import optax

    import lib

    stop = lib.StopWhen("accuracy", above=0.93)
    schedule = optax.linear_schedule(0.001, 0.0, 30 * -(-len(train.labels) // 20))
    options = {"callbacks": [stop], "epochs": 30, "batch_size": 20}
    return _fit_plain(optax.nadam(schedule), train, key, **options)


def _fit_plain(optimizer: Any, train: Any, key: Any, **options: Any) -> Any:
    """Parameters of week 6's net, trained without augmentation and dropout."""
    import jax

    import lib

    state = lib.create_state(lib.cats_and_dogs(), optimizer, train.images[:1], key)
    fit_key = jax.random.fold_in(key, 1)
    return lib.fit(state, *train, key=fit_key, verbose=0, **options)[0].params


# Week 6's net without augmentation and dropout, by the name of the answer.
PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "week 5's net": _plain_adam,
    "no augmentation, nadam": _plain_nadam,
    "no augmentation, long": _plain_long,
    "no augmentation, best epoch": _plain_stopped,
    "no augmentation, stopped early": _plain_barely,
}


def solve_transfer(train: Any, test: Any, key: Any) -> Answers:
    """Trains week 7's solution, and the same net from scratch on the same pictures."""
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
    """Trains the project's solution, and a net of its size that sees its pictures as they are."""
    import lib

    project = solution("project")
    answers = project["predict_flowers"](project["train_flowers"](*train, key), test.images)
    plain = lib.ConvClassifier((16, 32, 64), hidden=64, classes=5)
    return {
        "solution": float(np.mean(answers == test.labels)),
        "no augmentation": without_augmentation(plain, train, test, key, epochs=PLAIN_EPOCHS),
    }


def solve_flowers_baseline(train: Any, test: Any, key: Any) -> Answers:
    """Trains the course's baseline, with which the project begins."""
    import lib

    model = lib.flowers_baseline()
    return {"solution": without_augmentation(model, train, test, key, epochs=BASELINE_EPOCHS)}


def without_augmentation(model: Any, train: Any, test: Any, key: Any, epochs: int) -> float:
    """Test accuracy of a net for flowers that is trained on the pictures as they are."""
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
    """How the answers to a task are made.

    Attributes:
      solve: takes the training and the test split and a key.
      model: name, in the week's solution or in `lib`, of what makes the net that is judged, for the
        untrained answer; without it, `solve` gives that too.
      pieces: packages of `lib` that it trains with, beside those that every training needs.
      load: takes the target and the streams of a run, and makes the training and the test split of
        a set that `lib.load` does not know.
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
    """Returns how the answers to a task are made: as said above, or as its check does it.

    Raises:
      LookupError: if neither tells; the text says what to write.
    """
    if target.task in TRAININGS:
        return TRAININGS[target.task]
    if target.task in (own := of_week(target.week).get("TRAININGS", {})):
        return own[target.task]
    model = _judged_model(target)
    if model is None:
        raise LookupError(
            f"{target.task}: its check has no judge_training(…, {target.task!r}, lib.NAME(), …) "
            f"that tells the net. Write benchmarks/trainings/{target.week}.py with TRAININGS = "
            f'{{"{target.task}": Training(solve, "NAME")}}.'
        )

    def solve(train: Any, test: Any, key: Any) -> Answers:
        params = solution(target.week)[target.task](*train, key)
        return {"solution": reached(_named(target, model)(), params, test)}

    return Training(solve, model)


def of_week(week: str) -> dict[str, Any]:
    """Runs what a week has of its own to measure, if anything, and returns its names."""
    file = ROOT / "benchmarks" / "trainings" / f"{week}.py"
    return runpy.run_path(str(file)) if file.is_file() else {}


def all_targets() -> list[Target]:
    """Returns the grader's targets, and those that the files of weeks hold."""
    files = sorted((ROOT / "benchmarks" / "trainings").glob("*.py"))
    own = [each for file in files for each in of_week(file.stem).get("TARGETS", ())]
    return [*read_targets(), *own]


def _judged_model(target: Target) -> str | None:
    """Returns the name of what makes the net that a check gives to `judge_training`."""
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
    """The net of a task and the parameters it begins with, for pictures such as these."""
    import lib

    model = _named(target, training_of(target).model)()
    return model, model.init(key, lib.as_input(images[:1]))["params"]


def measure(target: Target, source: str, seed: int) -> Answers:
    """Makes one graded run's pictures and every answer to them.

    Args:
      target: which task, and its sizes.
      source: as `lib.load`.
      seed: stands for the run's secret.

    Returns:
      Accuracy on the test pictures by kind of answer ("solution", "untrained", "largest class" …),
      and what else the task has to say.
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
    """The pictures of a graded run: those to learn from, and those to judge with."""
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
    if source == "embedded":  # a graded test set has never been seen
        drawn = lib.draw(target.data, target.test, secret.seed("test"), target.edge, target.classes)
        return data.train, drawn
    return data.train, data.test


@dataclasses.dataclass(frozen=True)
class Distance:
    """How far a target is from the answers, over all seeds.

    Attributes:
      target: which.
      runs: the answers of each seed.
    """

    target: Target
    runs: Sequence[Answers]

    def values(self, answer: str) -> list[float]:
        """Accuracies of one kind of answer, one per seed."""
        return [run[answer] for run in self.runs]

    def trivial(self) -> list[str]:
        """Names of the answers that must not pass."""
        own = ("solution", "epochs", "train")
        return [n for n in self.runs[0] if n not in own and not n.startswith(GAP)]

    def passes(self, run: Answers, answer: str) -> bool:
        """Whether an answer would pass in a graded run."""
        target = self.target
        narrow = target.gap is None or run.get(GAP + answer, 0.0) <= target.gap
        return run[answer] >= target.accuracy and narrow

    def below_solution(self) -> tuple[float, float]:
        """Distance from the solution's mean: (absolute, in its standard deviations)."""
        values = self.values("solution")
        return _distance(statistics.mean(values) - self.target.accuracy, values)

    def gap_below(self) -> tuple[float, float]:
        """Distance of the solution's mean gap from the largest one allowed, as `below_solution`."""
        values = self.values(GAP + "solution")
        return _distance((self.target.gap or 0.0) - statistics.mean(values), values)

    def above(self, answer: str) -> tuple[float, float]:
        """Distance from a trivial answer's mean: (absolute, in its standard deviations)."""
        values = self.values(answer)
        return _distance(self.target.accuracy - statistics.mean(values), values)

    def broken(self) -> list[str]:
        """Says how the rule is broken; nothing if it holds."""
        name = f"{self.target.task} ({self.target.images})"
        sentences = []
        absolute, deviations = self.below_solution()
        if absolute < LEAST_DISTANCE or deviations < DEVIATIONS:
            sentences.append(
                f"{name}: the target {self.target.accuracy} is {absolute:.3f} and {deviations:.1f} "
                f"deviations below the solution; {LEAST_DISTANCE} and {DEVIATIONS} are needed."
            )
        if self.target.gap is not None:
            absolute, deviations = self.gap_below()
            if absolute < LEAST_DISTANCE or deviations < GAP_DEVIATIONS:
                sentences.append(
                    f"{name}: the largest gap, {self.target.gap}, is {absolute:.3f} and "
                    f"{deviations:.1f} deviations above the solution's; {LEAST_DISTANCE} and "
                    f"{GAP_DEVIATIONS} are needed."
                )
        for answer in self.trivial():
            absolute, deviations = self.above(answer)
            if answer.startswith(RIVALS):
                sentences += self._rival_too_good(name, answer)
            elif deviations < DEVIATIONS:
                sentences.append(
                    f"{name}: the target {self.target.accuracy} is {absolute:.3f} and "
                    f"{deviations:.1f} deviations above {answer}; {DEVIATIONS} are needed."
                )
        if "train" in self.runs[0] and min(self.values("train")) <= 0.99:
            sentences.append(f"{name}: the solution did not come above 0.99 in training each time.")
        return sentences

    def _rival_too_good(self, name: str, answer: str) -> list[str]:
        sentences = []
        passed = [run for run in self.runs if self.passes(run, answer)]
        if passed and not answer.startswith(MAY_REACH):
            best = max(run[answer] for run in passed)
            sentences.append(
                f"{name}: {answer} passed on {len(passed)} of {len(self.runs)} seeds; it reached "
                f"{best:.4f}, and the target is {self.target.accuracy}."
            )
        if any(run["solution"] <= run[answer] for run in self.runs):
            sentences.append(f"{name}: {answer} is as good as the solution on some seed.")
        return sentences

    def window(self) -> tuple[float, float, float | None]:
        """Where a target keeps its distance: (above this, up to this, the least gap allowed)."""
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
        """Says what the target could be."""
        least, most, gap = self.window()
        name, best = f"{self.target.task} ({self.target.images})", math.floor(most * 100) / 100
        if best <= least:
            return (
                f"{name}: no target keeps its distance. The solution allows {most:.3f} at most, "
                f"and other answers ask for more than {least:.3f}. Give it more pictures or "
                "epochs, or the rivals less."
            )
        return (
            f"{name}: {best} is proposed; above {least:.3f} and up to {most:.3f} a target keeps "
            "its distance"
            + (f", with a gap of {gap} or more" if gap is not None else "")
            + f". It is {self.target.accuracy} now"
            + (f", and the gap {self.target.gap}." if gap is not None else ".")
        )

    def row(self) -> list[str]:
        """The row of the table."""
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
    # Where every value is the same, any distance is many deviations: a real set's largest class is
    # equally large each time.
    return absolute, absolute / max(statistics.stdev(values), 1e-4)


def _many(deviations: float) -> str:
    return f"{deviations:.1f} sd" if deviations < 100 else "> 99 sd"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the targets of one source of images.

    Args:
      arguments: the command line without the program's name; None takes this process's.

    Returns:
      0, or 1 if a target is too close to something.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets", description=__doc__)
    parser.add_argument(
        "--data",
        nargs="+",
        default=["embedded"],
        help="embedded (the default), tfds or a folder with the real sets; may name several",
    )
    parser.add_argument("--seeds", type=int, default=10, help="at least 2 (default 10)")
    targets = all_targets()
    tasks = list(dict.fromkeys(target.task for target in targets))
    parser.add_argument("--tasks", nargs="+", choices=tasks, default=tasks)
    parser.add_argument(
        "--earlier-code",
        action="store_true",
        help="take what earlier code gave as well; the line below the table says how much",
    )
    parser.add_argument("--fresh", action="store_true", help="take no earlier results")
    parser.add_argument("--write", action="store_true", help="write it into docs/measurements.md")
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error("a standard deviation needs at least two seeds.")
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
            what = "taken all the same" if earlier_code else "measured anew"
            name = f"{target.task} ({target.images}), seed {seed}"
            print(f"{name}: saved by other code; {what}.", file=sys.stderr, flush=True)
        if saved is None or (stale and not earlier_code):
            saved = {**settings, "code": code, "answers": measure(target, source, seed)}
            results.save(file, saved)
        runs.append(saved)
        told = ", ".join(f"{name} {value:.4g}" for name, value in saved["answers"].items())
        print(f"{target.task} ({target.images}), seed {seed}: {told}", file=sys.stderr, flush=True)
    return runs


if __name__ == "__main__":
    sys.exit(main())
