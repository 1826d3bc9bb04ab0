"""Evaluating a classifier: confusion matrix, precision, recall, F1, worst mistakes.

The accuracy, a single number, hides which classes are confused. Everything here starts from the
confusion matrix or from the probabilities, and runs in NumPy on the host.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np


def names_of_classes(class_names: Any) -> tuple[str, ...]:
    """The names of the classes, each as a string.

    Args:
      class_names: a list, tuple or array of strings or numbers.

    Raises:
      TypeError: if it is a dict, a single string or not a list.
      ValueError: if two classes have the same name.
    """
    without_order = Mapping | str | bytes | set | frozenset
    if isinstance(class_names, without_order) or not isinstance(class_names, Iterable):
        raise TypeError(
            "class_names must be a list with the name of each class, in the order of their "
            f'numbers, such as ["cat", "dog"]; got {class_names!r:.80}.'
        )
    names = tuple(str(name) for name in class_names)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"Two classes are called {twice[0]!r:.40}: give each its own name.")
    return names


def probabilities(logits: Any) -> np.ndarray:
    """Turns a classifier's logits into one probability per class.

    Args:
      logits: (n, classes), or (n, 1) for a sigmoid output, which means two classes.

    Returns:
      (n, classes), float64 in 0…1, each row summing to 1; (n, 2) for a sigmoid.

    Raises:
      ValueError: if logits does not have two axes.
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 2 or logits.shape[1] == 0:
        raise ValueError(
            f"probabilities got logits of shape {logits.shape}, "
            f"but it needs (n, classes), or (n, 1) for a sigmoid."
        )
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _classes(values: Any, classes: int, what: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(
            f"The {what} have shape {values.shape} and type {values.dtype}, but they must be (n,) "
            "integers, one class per picture. For logits, use np.argmax(logits, axis=-1)."
        )
    if values.size and not 0 <= values.min() <= values.max() < classes:
        raise ValueError(
            f"The {what} range from {values.min()} to {values.max()}, "
            f"but with {classes} classes they must be in 0…{classes - 1}."
        )
    return values.astype(np.int64)


def confusion_matrix(labels: Any, predicted: Any, classes: int) -> np.ndarray:
    """Counts how often each class was predicted for each true class.

    Args:
      labels: (n,) integers, the true classes.
      predicted: (n,) integers, the model's answers.
      classes: the number of classes, 1 or more.

    Returns:
      (classes, classes), int64: row i, column j counts the examples of class i that were
      predicted as class j. The diagonal counts the right answers, a row sums to the examples of
      its class, a column to the answers for it.

    Raises:
      ValueError: if lengths differ, or a number is not in 0…classes − 1.
    """
    labels = _classes(labels, classes, "labels")
    predicted = _classes(predicted, classes, "predictions")
    if len(labels) != len(predicted):
        raise ValueError(
            f"There are {len(labels)} labels but {len(predicted)} predictions: "
            "each example needs one of each."
        )
    places = labels * classes + predicted
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)


def _square(confusion: Any) -> np.ndarray:
    confusion = np.asarray(confusion)
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1]:
        raise ValueError(
            f"A confusion matrix must be (classes, classes); this one has shape {confusion.shape}."
        )
    return confusion.astype(np.float64)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def precision(confusion: Any) -> np.ndarray:
    """The fraction of the answers for each class that is right.

    Args:
      confusion: (classes, classes), rows true, columns predicted.

    Returns:
      (classes,), float64 in 0…1; 0 for a class that was never predicted.

    Raises:
      ValueError: if the matrix is not square.
    """
    confusion = _square(confusion)
    return _ratio(np.diag(confusion), confusion.sum(axis=0))


def recall(confusion: Any) -> np.ndarray:
    """The fraction of the examples of each class that was found.

    Args:
      confusion: (classes, classes), rows true, columns predicted.

    Returns:
      (classes,), float64 in 0…1; 0 for a class without examples.

    Raises:
      ValueError: if the matrix is not square.
    """
    confusion = _square(confusion)
    return _ratio(np.diag(confusion), confusion.sum(axis=1))


def f1_score(confusion: Any) -> np.ndarray:
    """The harmonic mean of precision and recall: large only if both are.

    Args:
      confusion: (classes, classes), rows true, columns predicted.

    Returns:
      (classes,), float64 in 0…1; 0 for a class without a right answer.

    Raises:
      ValueError: if the matrix is not square.
    """
    confusion = _square(confusion)
    return _ratio(2 * np.diag(confusion), confusion.sum(axis=0) + confusion.sum(axis=1))


@dataclasses.dataclass(frozen=True)
class ClassReport:
    """How well each class is distinguished from the others; `print` shows it as a table.

    Attributes:
      confusion: (classes, classes), int64, rows true, columns predicted.
      class_names: one name per class.
      precision: (classes,), 0 for a class that was never predicted.
      recall: (classes,), 0 for a class without examples.
      f1: (classes,), 0 for a class without a right answer.
    """

    confusion: np.ndarray
    class_names: tuple[str, ...]
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray

    @property
    def support(self) -> np.ndarray:
        """Number of examples of each class, (classes,), int64."""
        return self.confusion.sum(axis=1)

    @property
    def accuracy(self) -> float:
        """The fraction of all answers that is right; 0 if there are none."""
        return float(np.trace(self.confusion) / max(1, self.confusion.sum()))

    def __str__(self) -> str:
        """One row per class that occurs, the class it is most often mistaken for, and the mean.

        Classes that do not occur are listed at the end.
        """
        occurs = np.flatnonzero(self.confusion.sum(axis=0) + self.support)
        names = [" ".join(name.split()) for name in self.class_names]  # without line breaks
        rows: list[tuple[str, ...]] = [
            ("class", "precision", "recall", "F1", "examples", "most often mistaken for")
        ]
        for k in occurs:
            others = self.confusion[k].copy()
            others[k] = 0
            worst = int(others.argmax())
            taken = f"{names[worst]} ({others[worst]})" if others[worst] else ""
            # A class without an answer has no precision, one without examples no recall.
            numbers = (
                f"{self.precision[k]:.3f}" if self.confusion[:, k].any() else "–",
                f"{self.recall[k]:.3f}" if self.support[k] else "–",
                f"{self.f1[k]:.3f}",
            )
            rows.append((names[k], *numbers, f"{self.support[k]:,}", taken))
        means = (
            f"{values[occurs].mean() if len(occurs) else 0:.3f}"
            for values in (self.precision, self.recall, self.f1)
        )
        rows.append(("mean", *means, f"{self.support.sum():,}", ""))
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        lines = [
            "  ".join(
                text.ljust(width) if i in (0, 5) else text.rjust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        rule = "─" * max(map(len, lines))
        said = [lines[0], rule, *lines[1:-1], rule, lines[-1], f"accuracy {self.accuracy:.3f}"]
        missing = [name for k, name in enumerate(names) if k not in occurs]
        if missing and len(occurs):
            said.append(f"no examples of and no answers for {', '.join(missing)}")
        return "\n".join(said)


def class_report(labels: Any, predicted: Any, class_names: Sequence[str]) -> ClassReport:
    """Measures precision, recall and F1 of every class.

    Args:
      labels: (n,) integers, the true classes.
      predicted: (n,) integers, the model's answers.
      class_names: one name per class.

    Returns:
      A `ClassReport`; `print` shows it as a table. Its means leave out classes that have neither
      examples nor answers.

    Raises:
      ValueError: if lengths differ, or a number is not a class.
    """
    confusion = confusion_matrix(labels, predicted, len(class_names))
    return ClassReport(
        confusion, tuple(class_names), precision(confusion), recall(confusion), f1_score(confusion)
    )


def worst_mistakes(probabilities: Any, labels: Any, count: int = 10) -> np.ndarray:
    """Finds the examples for which a wrong class got the highest probability.

    Args:
      probabilities: (n, classes), the model's answers after the softmax.
      labels: (n,) integers, the true classes.
      count: the largest number to find, 1 or more.

    Returns:
      Indices of wrongly classified examples, int64, the highest probability first; fewer than
      `count` if there are fewer mistakes.

    Raises:
      ValueError: if the shapes do not match or count is below 1.
    """
    probabilities = np.asarray(probabilities, np.float64)
    if count < 1:
        raise ValueError(f"count must be 1 or more; got {count}.")
    if probabilities.ndim != 2 or probabilities.shape[:1] != np.shape(labels):
        raise ValueError(
            f"worst_mistakes got probabilities of shape {probabilities.shape} and labels of "
            f"shape {np.shape(labels)}, but it needs (n, classes) and (n,)."
        )
    labels = _classes(labels, probabilities.shape[1], "labels")
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    surest = np.argsort(-probabilities[wrong, answers[wrong]], kind="stable")
    return wrong[surest[:count]]
