"""Training tasks: the data for a student's function, and how well its parameters do in our model.

A week whose function takes images, labels and a key, and returns parameters, needs one line:

    judge_training(student, secret, judge, "train_cnn", lib.fashion_cnn(), "Try more epochs.")

The task and the function have the same name, and `grader.targets` sets the accuracy to reach.
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

BATCH = 250  # images evaluated at once: keeps the memory for convolutions small

# An untrained network of ten classes gets up to a tenth of the way from guessing to the target, one
# of two classes gets up to 0.07 beyond guessing (of sixty such networks, with a standard deviation
# of 0.022).
NOTHING_LEARNT = 0.3
LUCK = 0.08

# Biases start at 0. At the course's rates, Adam moves some of them further than this in one epoch,
# but not in a handful of steps.
HARDLY_MOVED = 0.01

# What it means if a network does better on other scales, by the factor that scales grey values.
OTHER_SCALES = {
    1.0: "It does better on grey values 0…255: you trained it on images that were not normalised.",
    1 / 255**2: ("It does better on images divided by 255 twice: you trained it on such images."),
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
      name: the name of the task and of the function.
      model: our model.
      hint: what to try if no cause is visible.
      renumber: number the classes differently in each run, so that parameters from an earlier run
        are useless. Only for tasks whose docstring does not number the classes.
    """
    training = Training(judge, name, secret.numpy("class numbers") if renumber else None)
    params = student.call(name, *training.examples(student, model), secret.key("training"))
    training.judge_test(training.trained(params, model), hint)


class Training:
    """One graded training run.

    Attributes:
      target: what the training run must reach.
      data: its images and labels.
    """

    def __init__(self, judge: Judge, task: str, rng: np.random.Generator | None = None) -> None:
        """Gets the images.

        Args:
          judge: the fixture.
          task: the task's name in `grader.targets`.
          rng: draws new numbers for the classes, if given.
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
        """The number of each class; classes that do not occur keep theirs."""
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
          model: our model.

        Raises:
          DataError: if the model has too few outputs for the classes.
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
                f"The network of {self.target.task} tells {most} classes apart, but "
                f"{self.target.data} has {classes}. Choose some in grader/targets.toml, such as "
                f"classes = {names[:most]}."
            )

    def trained(self, params: Any, model: nn.Module) -> Trained:
        """Puts what the student's function returned into our model, or says why it does not fit."""
        return Trained(self._judge, params, model, (1, *self.data.train.images.shape[1:]))

    def judge_test(self, trained: Trained, hint: str) -> None:
        """Fails unless it reaches the target on images that the student's code has not seen.

        Args:
          trained: the student's parameters in our model.
          hint: what to try if no cause is visible.
        """
        wanted = self.target.accuracy
        answers = trained.classes(self.test.images)
        reached = float(np.mean(answers == self.test.labels))
        if reached < wanted:
            self._judge.fail(
                f"The accuracy on {len(answers):,} images it has never seen is too low.",
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
                "Augmentation and dropout close the gap: train for longer with both.",
                got=f"{known:.4f} on those given, {reached:.4f} on fresh ones: "
                f"a gap of {math.ceil(round(gap * 10**4, 6)) / 10**4:.4f}",
                expected=f"a gap of {most} or less",
            )

    def _cause(self, trained: Trained, answers: np.ndarray, reached: float) -> str:
        """Says why a network does not reach the target, or returns "" if nothing shows it."""
        test, wanted = self.test, self.target.accuracy
        guessing = np.bincount(test.labels).max() / len(test.labels)
        small = test.images[:BATCH], test.labels[:BATCH]
        # Far from chance: for two classes, the standard deviation is 0.032 on `BATCH` images.
        enough = max((guessing + wanted) / 2, reached + 0.1, trained.accuracy(*small) + 0.1)
        for scale, sentence in OTHER_SCALES.items():
            if trained.accuracy(*small, scale=scale) >= enough:
                return sentence
        if (swapped := _relabelled(answers, test.labels)) is not None and swapped[1] >= wanted:
            return (
                "It tells the classes apart, but does not number them as the labels do: it "
                f"mistakes pictures of class {swapped[0][0]} for class {swapped[0][1]}."
            )
        if reached < guessing + max(NOTHING_LEARNT * (wanted - guessing), LUCK):
            return f"This is hardly better than guessing. {self._hardly(trained)}"
        return self._hardly(trained) if trained.largest_bias < HARDLY_MOVED else ""

    def _compared(self, trained: Trained, hint: str) -> str:
        """Says how well a network that has learned something does on what it was given."""
        known = trained.accuracy(*self.train)
        so = "it has not learned those either"
        if known >= self.target.accuracy:
            so = "it knows those, but does less well on fresh ones"
        return f"On the images it was given, it reaches {known:.3f}: {so}. {hint}"

    def _hardly(self, trained: Trained) -> str:
        if trained.largest_bias == 0:
            return (
                "All biases are 0, as before the first step: return the parameters from "
                "after training."
            )
        if trained.largest_bias < HARDLY_MOVED:
            return (
                f"All biases started at 0, and the largest is {trained.largest_bias:.2g}: the "
                "parameters have hardly moved. A schedule counts steps: epochs times batches."
            )
        return "Does the loss fall from epoch to epoch? Look at some pictures with their labels."


def below(reached: float) -> str:
    """Writes an accuracy that is too low with four digits, rounded down to stay below its target.

    Args:
      reached: 0…1.
    """
    return f"{math.floor(round(reached * 10**4, 6)) / 10**4:.4f}"


def _relabelled(answers: np.ndarray, labels: np.ndarray) -> tuple[tuple[int, int], float] | None:
    """Gives each class the number that the network gives most of its pictures.

    Returns:
      A class that gets another number, with that number, and the accuracy under the new numbers;
      None if every class gets its own number, or two get the same.
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
          params: what the student's function returned.
          model: our model; one output counts as a sigmoid's logit.
          input_shape: the shape of its input, batch first.
        """
        import jax

        self._params = judge.params(
            params,
            model,
            input_shape,
            hint="Return state.params of the state that lib.fit returned. If training "
            "diverged, use a smaller learning rate, 0.001 for Adam.",
        )
        self._run = jax.jit(lambda params, images: model.apply({"params": params}, images))

    @property
    def largest_bias(self) -> float:
        """The largest absolute value among the parameters with one axis."""
        import jax

        leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(self._params)]
        return max((float(np.abs(leaf).max()) for leaf in leaves if leaf.ndim == 1), default=0.0)

    def classes(self, images: np.ndarray, scale: float = 1 / 255) -> np.ndarray:
        """Returns the class that our model gives to each image with these parameters.

        Args:
          images: uint8 pictures.
          scale: multiplies the grey values; other values only to look for a cause.

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
        """Returns the fraction of images that our model classifies correctly with these parameters.

        Args:
          images: uint8 pictures.
          labels: their classes.
          scale: as for `classes`.
        """
        return float(np.mean(self.classes(images, scale) == labels))


# Training that stops on its own -------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """When training must stop: after the first epoch above an accuracy, or after the last one.

    Attributes:
      above: the accuracy.
      epochs: the largest number of epochs.
      spelt: that number, as messages write it.
      callback: what to try if it continued too long.
      until: what to try if it stopped too early.
    """

    above: float
    epochs: int
    spelt: str
    callback: str
    until: str

    def judge_end(self, judge: Judge, accuracies: list[float]) -> None:
        """Fails unless a training run with these accuracies stopped when it had to."""
        said = _said(accuracies)
        if len(accuracies) > self.epochs:
            judge.fail(
                f"It ran for more than {self.spelt} epochs.", got=f"{len(accuracies)} epochs"
            )
        if any(accuracy > self.above for accuracy in accuracies[:-1]):
            judge.fail(f"It continued after an epoch above {self.above}.", self.callback, got=said)
        if accuracies[-1] <= self.above:
            judge.fail(
                f"It stopped before the training accuracy was above {self.above}.",
                self.until,
                got=said,
            )

    def judge_endless(
        self, judge: Judge, accuracies: list[float], twice: str, fit_hint: str
    ) -> None:
        """Fails unless a training run with contradictory labels ran to the last epoch.

        Args:
          judge: the fixture.
          accuracies: the accuracy of each epoch.
          twice: says that every image was in the data with two labels.
          fit_hint: how to call `lib.fit`.
        """
        said = f"{len(accuracies)} epochs: {_said(accuracies)}"
        if max(accuracies) > self.above:
            judge.fail(
                f"{twice} an accuracy above {self.above} is impossible.",
                'Return the accuracies of the history, history["accuracy"].',
                got=said,
                expected="accuracies of about 0.5 or less",
            )
        if len(accuracies) != self.epochs:
            judge.fail(
                f"{twice} it can never reach {self.above}, so it must run all {self.spelt} epochs.",
                fit_hint,
                got=said,
                expected=f"{self.epochs} epochs",
            )


def _said(accuracies: list[float]) -> str:
    return ", ".join(f"{accuracy:.4f}" for accuracy in accuracies[:12])


def judge_claim(judge: Judge, claimed: float, found: float, slack: float, where: str) -> None:
    """Fails if parameters do not reach the training accuracy returned with them.

    Args:
      judge: the fixture.
      claimed: the last accuracy of the history.
      found: the accuracy of our model with the parameters.
      slack: by how much `claimed` may exceed `found`.
      where: where `found` was measured, for the message.
    """
    if claimed > found + slack:
        judge.fail(
            "The parameters do not reach the training accuracy that you returned.",
            'Return history["accuracy"] and state.params of the same training.',
            got=f"{claimed:.4f} returned, {found:.4f} {where}",
        )


def params_and_accuracies(judge: Judge, got: Any, function: str) -> tuple[Any, list[float]]:
    """Unpacks the result of a function that trains and returns the accuracy of each epoch."""
    params, listed = judge.unpack(
        got,
        2,
        f"{function} must return the params and the accuracies.",
        'return state.params, history["accuracy"]',
        expected="a dict and a list of floats",
    )
    return params, epoch_accuracies(judge, listed)


def epoch_accuracies(judge: Judge, got: Any) -> list[float]:
    """Returns the accuracies of the epochs, at least one, or says what came instead."""
    items = list(got) if isinstance(got, np.ndarray) and got.ndim == 1 else got
    arrays = [as_array(item) for item in items] if type(items) in (list, tuple) else []
    numbers = [float(array) for array in arrays if array is not None and array.shape == ()]
    if not numbers or len(numbers) < len(arrays):
        judge.fail(
            "The second value returned must list the training accuracy of each epoch.",
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
      options: more arguments of `lib.fit`, such as a student's callback.

    Returns:
      The trained state and the history.
    """
    model = student.piece("lib.DenseClassifier", hidden=hidden)
    params = model.init(secret.key("params"), (1, 28, 28, 1))
    state = student.make_state(model, student.piece("optax.adam", rate), params)
    options = {**options, "key": secret.key("fit"), "verbose": 0}
    message = "lib.fit did not return a state and a history."
    trained = student.piece("lib.fit", state, images, labels, **options)
    state, history = judge.unpack(trained, 2, message)
    if not isinstance(state, Handle) or not isinstance(history, Handle):
        judge.fail(message, got=trained)
    return state, history
