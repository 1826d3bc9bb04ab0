"""Trainings: what a student's function learns from, and what its parameters do inside our model.

A week whose function takes images, labels and a key, and returns parameters, needs one line:

    judge_training(student, secret, judge, "train_cnn", lib.fashion_cnn(), "Try more epochs.")

Its task and its function have one name, and `grader.targets` says what must be reached.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grader import targets
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student
from grader.judge.values import as_array
from grader.secret import TaskSecret

if TYPE_CHECKING:
    from flax import linen as nn

    from lib.data import Split

BATCH = 250  # images evaluated at once: keeps the memory of the convolutions small

# An untrained network of ten classes comes up to a tenth of the way from guessing to the target,
# one of two classes up to 0.07 beyond guessing (sixty of them, the standard deviation is 0.022).
NOTHING_LEARNT = 0.3
LUCK = 0.08

# Biases begin at 0. Adam at the course's rates moves some of them further than this in one epoch;
# in a handful of steps it cannot.
HARDLY_MOVED = 0.01

# Of pictures scaled in other ways, by the factor that makes them of grey values.
OTHER_SCALES = {
    1.0: "It does better on grey values 0…255: it was trained on images that were not normalised.",
    1 / 255**2: (
        "It does better on images that are divided by 255 twice: that is how it was trained."
    ),
}


def judge_training(
    student: Student,
    secret: TaskSecret,
    judge: Judge,
    name: str,
    model: nn.Module,
    hint: str,
    *,
    renumber: bool = False,
) -> None:
    """Has a student's function train a model, and judges it on images it has never seen.

    Args:
      student, secret, judge: the fixtures.
      name: of the task and of the function.
      model: ours.
      hint: what to try where no cause can be seen.
      renumber: give the classes other numbers in each run, so that parameters of an earlier one
        are of no use. Only where no docstring says which class has which number.
    """
    training = Training(judge, name, secret.numpy("class numbers") if renumber else None)
    params = student.call(name, *training.examples(student, model), secret.key("training"))
    training.judge_test(training.trained(params, model), hint)


class Training:
    """One graded training.

    Attributes:
      target: what it must reach.
      data: its images.
    """

    def __init__(self, judge: Judge, task: str, rng: np.random.Generator | None = None) -> None:
        """Asks for the images.

        Args:
          judge: the fixture.
          task: the task's name in `grader.targets`.
          rng: draws other numbers for the classes, if given.
        """
        self._judge = judge
        self._rng = rng
        self.target = targets.target(task, judge.source)
        self.data = judge.data(*self.target.request)

    @functools.cached_property
    def train(self) -> Split:
        """The images to learn from, with the labels that the student's function gets."""
        return self._renumbered(self.data.train)

    @functools.cached_property
    def test(self) -> Split:
        """The images to judge with, and their labels."""
        return self._renumbered(self.data.test)

    @functools.cached_property
    def _numbers(self) -> np.ndarray:
        """The number of each class; those that do not occur keep theirs."""
        labels = self.data.train.labels
        numbers = np.arange(max(len(self.data.class_names), int(labels.max()) + 1), dtype=np.int32)
        if self._rng is not None:
            classes = np.unique(labels)
            numbers[classes] = self._rng.permutation(classes)
        return numbers

    def _renumbered(self, split: Split) -> Split:
        return split if self._rng is None else split._replace(labels=self._numbers[split.labels])

    def examples(self, student: Student, model: nn.Module) -> tuple[Any, Any]:
        """Returns images and labels to learn from, as arguments for the student's function.

        Args:
          student: the fixture.
          model: ours.

        Raises:
          DataError: if it cannot tell so many classes apart.
        """
        images, labels = self.train
        self._check_classes(model, images, int(labels.max()) + 1)
        return student.numpy(images), student.numpy(labels)

    def _check_classes(self, model: nn.Module, images: np.ndarray, classes: int) -> None:
        import jax

        import lib

        shape = (1, *images.shape[1:])
        key = jax.random.key(0)
        outputs = jax.eval_shape(lambda x: model.init_with_output(key, x)[0], np.zeros(shape, "f4"))
        most = 2 if outputs.shape[-1] == 1 else outputs.shape[-1]
        if classes > most:
            names = list(self.data.class_names)
            raise lib.DataError(
                f"The net of {self.target.task} tells {most} classes apart, but {self.target.data} "
                f"has {classes}. Choose in grader/targets.toml, such as classes = {names[:most]}."
            )

    def trained(self, params: Any, model: nn.Module) -> Trained:
        """Puts what the student's function returned into our model, or says why it does not fit."""
        return Trained(self._judge, params, model, (1, *self.data.train.images.shape[1:]))

    def judge_test(self, trained: Trained, hint: str) -> None:
        """Fails unless it reaches the target on images that the student's code has not seen.

        Args:
          trained: the student's parameters in our model.
          hint: what to try where no cause can be seen.
        """
        wanted = self.target.accuracy
        answers = trained.classes(self.test.images)
        reached = float(np.mean(answers == self.test.labels))
        if reached < wanted:
            self._judge.fail(
                f"Accuracy on {len(answers):,} images it has never seen is too low.",
                self._cause(trained, answers, reached) or self._compared(trained, hint),
                got=below(reached),
                expected=f"{wanted} or more",
            )
        if self.target.gap is not None:
            self._judge_gap(trained.accuracy(*self.train), reached, self.target.gap)

    def _judge_gap(self, known: float, reached: float, most: float) -> None:
        """Fails if a network does much better on the images it was given than on fresh ones."""
        gap = known - reached
        if gap > most:
            self._judge.fail(
                "It does much better on the images it was given than on fresh ones.",
                "Augmentation and dropout bring the two together: let the training go on for "
                "longer with both.",
                got=f"{known:.4f} on those given, {reached:.4f} on fresh ones: "
                f"a gap of {math.ceil(round(gap * 10**4, 6)) / 10**4:.4f}",
                expected=f"a gap of {most} or less",
            )

    def _cause(self, trained: Trained, answers: np.ndarray, reached: float) -> str:
        """Says why a network reaches too little, or "" where nothing shows it."""
        test, wanted = self.test, self.target.accuracy
        guessing = np.bincount(test.labels).max() / len(test.labels)
        small = test.images[:BATCH], test.labels[:BATCH]
        # Far from chance: of two classes, the standard deviation is 0.032 on so few images.
        enough = max((guessing + wanted) / 2, reached + 0.1, trained.accuracy(*small) + 0.1)
        for scale, sentence in OTHER_SCALES.items():
            if trained.accuracy(*small, scale=scale) >= enough:
                return sentence
        if (swapped := _relabelled(answers, test.labels)) is not None and swapped[1] >= wanted:
            return (
                "It tells the classes apart, but gives them other numbers than the labels do: "
                f"pictures of class {swapped[0][0]} are taken for class {swapped[0][1]}."
            )
        if reached < guessing + max(NOTHING_LEARNT * (wanted - guessing), LUCK):
            return f"That is hardly better than guessing. {self._hardly(trained)}"
        return self._hardly(trained) if trained.largest_bias < HARDLY_MOVED else ""

    def _compared(self, trained: Trained, hint: str) -> str:
        """Says how a network that has learned something does on what it was given."""
        known = trained.accuracy(*self.train)
        so = "it has not learned those either"
        if known >= self.target.accuracy:
            so = "it knows those, and fresh ones less well"
        return f"On the images it was given it reaches {known:.3f}: {so}. {hint}"

    def _hardly(self, trained: Trained) -> str:
        if trained.largest_bias == 0:
            return (
                "All biases are 0, as they are before the first step: return the parameters that "
                "come out of the training."
            )
        if trained.largest_bias < HARDLY_MOVED:
            return (
                f"All biases began at 0, and the largest is {trained.largest_bias:.2g}: the "
                "parameters have hardly moved. A schedule counts steps, which are epochs times "
                "batches."
            )
        return "Does the loss fall from epoch to epoch? Look at some pictures with their labels."


def below(reached: float) -> str:
    """Writes an accuracy that is too low with four digits, rounded down to stay below its target.

    Args:
      reached: 0…1.
    """
    return f"{math.floor(round(reached * 10**4, 6)) / 10**4:.4f}"


def _relabelled(answers: np.ndarray, labels: np.ndarray) -> tuple[tuple[int, int], float] | None:
    """Gives each class the number that most of its pictures are taken for.

    Returns:
      A class with such a number that is not its own, and the accuracy with these numbers; None if
      every class has its own, or two have the same.
    """
    classes = [int(k) for k in np.unique(labels)]
    mostly = {k: int(np.bincount(answers[labels == k] + 1).argmax()) - 1 for k in classes}
    others = [pair for pair in mostly.items() if pair[0] != pair[1]]
    if not others or len(set(mostly.values())) < len(mostly) or -1 in mostly.values():
        return None
    wanted = np.array([mostly[int(k)] for k in labels])
    return others[0], float(np.mean(answers == wanted))


class Trained:
    """A student's trained parameters inside our model."""

    def __init__(
        self, judge: Judge, params: Any, model: nn.Module, input_shape: tuple[int, ...]
    ) -> None:
        """Puts the parameters into our model, or says why they do not fit.

        Args:
          judge: the fixture.
          params: what came back.
          model: ours; with one output, it is judged as a sigmoid's.
          input_shape: its input, batch first.
        """
        import jax

        self._params = judge.params(
            params,
            model,
            input_shape,
            hint="Return state.params of the state that lib.fit gave back, unless the training "
            "diverged: then a smaller learning rate helps, 0.001 for Adam.",
        )
        self._run = jax.jit(lambda params, images: model.apply({"params": params}, images))

    @property
    def largest_bias(self) -> float:
        """The largest parameter, by its size, among those of one axis."""
        import jax

        leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(self._params)]
        return max((float(np.abs(leaf).max()) for leaf in leaves if leaf.ndim == 1), default=0.0)

    def classes(self, images: np.ndarray, scale: float = 1 / 255) -> np.ndarray:
        """The class that our model gives to each image with these parameters.

        Args:
          images: uint8 pictures.
          scale: what the grey values are multiplied with; another one only to look for a cause.

        Returns:
          (n,) integers; −1 where the logits are not finite.
        """
        pieces = [
            np.asarray(self._run(self._params, images[i : i + BATCH] * np.float32(scale)))
            for i in range(0, len(images), BATCH)
        ]
        logits = np.concatenate(pieces)
        if logits.shape[-1] == 1:  # a sigmoid: above 0 is class 1
            logits = np.concatenate([np.zeros_like(logits), logits], axis=-1)
        return np.where(np.isfinite(logits).all(axis=-1), logits.argmax(axis=-1), -1)

    def accuracy(self, images: np.ndarray, labels: np.ndarray, scale: float = 1 / 255) -> float:
        """Fraction of images that our model classifies rightly with these parameters.

        Args:
          images: uint8 pictures.
          labels: their classes.
          scale: as of `classes`.
        """
        return float(np.mean(self.classes(images, scale) == labels))


# Trainings that stop by themselves ------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """When a training must end by itself: after the first epoch above an accuracy, or the last one.

    Attributes:
      above: the accuracy.
      epochs: how many epochs there may be.
      spelt: that number, as a message says it.
      callback: what to try where it went on.
      until: what to try where it ended too early.
    """

    above: float
    epochs: int
    spelt: str
    callback: str
    until: str

    def judge_end(self, judge: Judge, accuracies: list[float]) -> None:
        """Fails unless a training with these accuracies ended when it had to."""
        said = _said(accuracies)
        if len(accuracies) > self.epochs:
            judge.fail(
                f"It ran for more than {self.spelt} epochs.", got=f"{len(accuracies)} epochs"
            )
        if any(accuracy > self.above for accuracy in accuracies[:-1]):
            judge.fail(f"It went on after an epoch above {self.above}.", self.callback, got=said)
        if accuracies[-1] <= self.above:
            judge.fail(
                f"It ended before the training accuracy was above {self.above}.",
                self.until,
                got=said,
            )

    def judge_endless(
        self, judge: Judge, accuracies: list[float], twice: str, fit_hint: str
    ) -> None:
        """Fails unless a training that can be right on half of its images ran to the last epoch.

        Args:
          judge: the fixture.
          accuracies: of each epoch.
          twice: says that every image was there with two labels.
          fit_hint: how to call `lib.fit`.
        """
        said = f"{len(accuracies)} epochs: {_said(accuracies)}"
        if max(accuracies) > self.above:
            judge.fail(
                f"{twice} an accuracy above {self.above} cannot be.",
                'Return the history\'s own accuracies, history["accuracy"].',
                got=said,
                expected="accuracies of about 0.5 or less",
            )
        if len(accuracies) != self.epochs:
            judge.fail(
                f"{twice} {self.above} is never reached, and all {self.spelt} epochs should be "
                "run.",
                fit_hint,
                got=said,
                expected=f"{self.epochs} epochs",
            )


def _said(accuracies: list[float]) -> str:
    return ", ".join(f"{accuracy:.4f}" for accuracy in accuracies[:12])


def judge_claim(judge: Judge, claimed: float, found: float, slack: float, where: str) -> None:
    """Fails if parameters do not reach the training accuracy that came with them.

    Args:
      judge: the fixture.
      claimed: the last accuracy of the history.
      found: what our model reaches with the parameters.
      slack: by how much the one may exceed the other.
      where: what `found` was found on, for the message.
    """
    if claimed > found + slack:
        judge.fail(
            "The parameters do not reach the training accuracy that is claimed.",
            'Return history["accuracy"] and state.params of the same training.',
            got=f"{claimed:.4f} claimed, {found:.4f} {where}",
        )


def params_and_accuracies(judge: Judge, got: Any, function: str) -> tuple[Any, list[float]]:
    """Takes apart what a function returned that trains and says the accuracy of each epoch."""
    params, listed = judge.unpack(
        got,
        2,
        f"{function} must return the params and the accuracies.",
        'return state.params, history["accuracy"]',
        expected="a dict and a list of floats",
    )
    return params, epoch_accuracies(judge, listed)


def epoch_accuracies(judge: Judge, got: Any) -> list[float]:
    """Returns the accuracies of epochs, at least one, or says what else came."""
    items = list(got) if isinstance(got, np.ndarray) and got.ndim == 1 else got
    arrays = [as_array(item) for item in items] if type(items) in (list, tuple) else []
    numbers = [float(array) for array in arrays if array is not None and array.shape == ()]
    if not numbers or len(numbers) < len(arrays):
        judge.fail(
            "The second thing returned must list the training accuracy of each epoch.",
            'history["accuracy"] is that list.',
            got=got,
            expected="a list of floats",
        )
    if not np.all(np.isfinite(numbers)):
        judge.fail("Some of the accuracies are not finite.", got=str(numbers[:10]))
    return numbers


def fit_digits(
    student: Student,
    secret: TaskSecret,
    judge: Judge,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    hidden: int,
    rate: float,
    **options: Any,
) -> tuple[Handle, Handle]:
    """Has `lib.fit` train a dense network on digits, in the worker.

    Args:
      student, secret, judge: the fixtures.
      images: (n, 28, 28, 1), uint8.
      labels: (n,) integers.
      hidden: units of the network's hidden layer.
      rate: learning rate of Adam.
      options: more arguments of `lib.fit`, such as a callback of the student's.

    Returns:
      The trained state and the history.
    """
    model = student.piece("lib.DenseClassifier", hidden=hidden)
    params = model.init(secret.key("params"), (1, 28, 28, 1))
    state = student.make_state(model, student.piece("optax.adam", rate), params)
    options = {**options, "key": secret.key("fit"), "verbose": 0}
    message = "lib.fit did not give back a state and a history."
    trained = student.piece("lib.fit", state, images, labels, **options)
    state, history = judge.unpack(trained, 2, message)
    if not isinstance(state, Handle) or not isinstance(history, Handle):
        judge.fail(message, got=trained)
    return state, history
