"""Metrics to report with the loss: top-k accuracy, precision, recall, AUC.

With `lib.create_state(…, metrics=[lib.metrics.AUC()])`, `fit` and `evaluate` report them. A metric
that is a mean over examples, like the accuracy, is a function of outputs and labels that returns
one number per example. Precision, recall and AUC are not means: they are computed from counts over
all batches.

Labels are integers (n,), 0 or 1 with one output (n, 1); or one-hot, shaped like the outputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from lib.train.losses import Metrics


@runtime_checkable
class Counted(Protocol):
    """A metric that is computed from counts over all examples.

    Attributes:
      name: the name to report it under.
    """

    @property
    def name(self) -> str:
        """The name to report it under."""
        ...

    def count(self, outputs: jax.Array, labels: jax.Array, weights: jax.Array) -> jax.Array:
        """Counts over a batch, to be summed over batches; rows of weight 0 do not count."""
        ...

    def value(self, counts: jax.Array) -> jax.Array:
        """The metric from the summed counts, a scalar."""
        ...


def named(metrics: Sequence[Any], first: Metrics = ()) -> Metrics:
    """Pairs metrics with the names to report them under.

    Args:
      metrics: metrics of this module, functions like a loss, or (name, function) pairs.
      first: pairs to put first.

    Returns:
      (name, metric) pairs.

    Raises:
      TypeError: if a metric is none of these.
      ValueError: if two have the same name, or one is called "loss" or "weight".
    """
    if isinstance(metrics, str) or not isinstance(metrics, Sequence):
        raise TypeError(
            f"metrics must be a list: metrics=[lib.metrics.AUC()]; got {metrics!r:.80}."
        )
    for each in metrics:
        metric = each[1] if isinstance(each, tuple) and len(each) == 2 else each
        if isinstance(metric, type) or not (callable(metric) or isinstance(metric, Counted)):
            raise TypeError(
                "A metric must be one of lib.metrics, such as lib.metrics.AUC() with parentheses, "
                f"a function of outputs and labels, or a pair of a name and one of these; got "
                f"{each!r:.80}."
            )
    pairs = first + tuple(
        each if isinstance(each, tuple) else (getattr(each, "name", None) or each.__name__, each)
        for each in metrics
    )
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1 or name in ("loss", "weight"):
            raise ValueError(
                f"Two metrics would be reported as {name!r}: rename one with a pair, "
                '("name", metric).'
            )
    return pairs


def _as_classes(outputs: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Scores with one column per class, (n, 2 or more), and integer labels (n,)."""
    if labels.ndim == outputs.ndim and labels.shape == outputs.shape and labels.ndim == 2:
        labels = labels[:, 0] > 0.5 if labels.shape[1] == 1 else jnp.argmax(labels, axis=-1)
    outputs = outputs.reshape(outputs.shape[0], -1)
    if outputs.shape[1] == 1:
        outputs = jnp.concatenate([jnp.zeros_like(outputs), outputs], axis=1)
    return outputs, labels.astype(jnp.int32)


@dataclasses.dataclass(frozen=True)
class TopKAccuracy:
    """The fraction of examples whose class is among the k largest outputs; ties count as among."""

    k: int = 5

    @property
    def name(self) -> str:
        """top_5_accuracy, and so on."""
        return f"top_{self.k}_accuracy"

    def __call__(self, outputs: jax.Array, labels: jax.Array) -> jax.Array:
        """1 where the class is among the k largest, 0 elsewhere.

        Args:
          outputs: (n, classes), logits or probabilities.
          labels: (n,) integers, or one-hot (n, classes).

        Returns:
          (n,), float32.

        Raises:
          ValueError: if k is below 1, or above the number of classes.
        """
        outputs, labels = _as_classes(outputs, labels)
        if not 1 <= self.k <= outputs.shape[1]:
            raise ValueError(
                f"With {outputs.shape[1]} classes, k must be 1 to {outputs.shape[1]}; got {self.k}."
            )
        own = jnp.take_along_axis(outputs, labels[:, None], axis=1)
        return ((outputs > own).sum(axis=1) < self.k).astype(jnp.float32)


@dataclasses.dataclass(frozen=True)
class _OfClasses:
    """Counts the right answers, the answers and the examples of each class.

    Attributes:
      of: the class to measure. With None, a model with one (sigmoid) output is measured on class 1,
        and one with several outputs by the mean over all classes among the labels or answers.
    """

    of: int | None = None

    def count(self, outputs: jax.Array, labels: jax.Array, weights: jax.Array) -> jax.Array:
        """(classes or 1, 3): right answers, answers, examples."""
        single = outputs.size == outputs.shape[0]
        outputs, labels = _as_classes(outputs, labels)
        answers = (outputs[:, 1] > 0).astype(int) if single else jnp.argmax(outputs, axis=1)
        classes = outputs.shape[1]
        is_answer = jax.nn.one_hot(answers, classes) * weights[:, None]
        is_label = jax.nn.one_hot(labels, classes) * weights[:, None]
        right = (is_answer * (is_label > 0)).sum(axis=0)
        counts = jnp.stack([right, is_answer.sum(axis=0), is_label.sum(axis=0)], axis=1)
        of = 1 if self.of is None and single else self.of
        if of is None:
            return counts
        if not 0 <= of < classes:
            raise ValueError(
                f"There is no class {of}: the {classes} classes are 0 to {classes - 1}."
            )
        return counts[of : of + 1]

    def _mean(self, counts: jax.Array, whole: int) -> jax.Array:
        occurs = counts[:, 1] + counts[:, 2] > 0
        shares = jnp.where(counts[:, whole] > 0, counts[:, 0] / counts[:, whole], 0)
        return (shares * occurs).sum() / jnp.maximum(occurs.sum(), 1)


@dataclasses.dataclass(frozen=True)
class Precision(_OfClasses):
    """The fraction of the answers for a class that is right; 0 if it was never the answer."""

    @property
    def name(self) -> str:
        """precision, or precision_2 for class 2."""
        return "precision" if self.of is None else f"precision_{self.of}"

    def value(self, counts: jax.Array) -> jax.Array:
        """Right answers divided by answers; the mean over classes."""
        return self._mean(counts, 1)


@dataclasses.dataclass(frozen=True)
class Recall(_OfClasses):
    """The fraction of the examples of a class that was found; 0 if there are none."""

    @property
    def name(self) -> str:
        """recall, or recall_2 for class 2."""
        return "recall" if self.of is None else f"recall_{self.of}"

    def value(self, counts: jax.Array) -> jax.Array:
        """Right answers divided by examples; the mean over classes."""
        return self._mean(counts, 2)


@dataclasses.dataclass(frozen=True)
class AUC:
    """The chance that an example of a class gets a higher probability than one of another class.

    Guessing gives 0.5. It is the area under the ROC curve, over `thresholds` probabilities evenly
    spaced from 0 to 1, as Keras computes it. With more than two classes, each is compared with all
    others; the result is the mean over the classes with examples of both kinds, or NaN if there are
    none.
    """

    thresholds: int = 200
    name: str = "auc"

    def count(self, outputs: jax.Array, labels: jax.Array, weights: jax.Array) -> jax.Array:
        """(2, classes or 1, thresholds − 1): examples of others and of the class, by probability.

        Args:
          outputs: (n, classes) logits, or (n, 1).
          labels: (n,) integers, or one-hot.
          weights: (n,), float32.
        """
        outputs, labels = _as_classes(outputs, labels)
        probabilities = jax.nn.softmax(outputs)
        is_class = jax.nn.one_hot(labels, outputs.shape[1])
        if outputs.shape[1] == 2:  # the other column adds no information
            probabilities, is_class = probabilities[:, 1:], is_class[:, 1:]
        last = self.thresholds - 2
        places = jnp.clip(jnp.ceil(probabilities * (self.thresholds - 1)) - 1, 0, last)
        kinds = jnp.stack([1 - is_class, is_class]) * weights[:, None]
        classes = jnp.broadcast_to(jnp.arange(is_class.shape[1]), is_class.shape)
        counts = jnp.zeros((2, is_class.shape[1], self.thresholds - 1), jnp.float32)
        return counts.at[:, classes, places.astype(jnp.int32)].add(kinds)

    def value(self, counts: jax.Array) -> jax.Array:
        """The area, with the trapezoidal rule."""
        above = jnp.cumsum(counts[..., ::-1], axis=-1)  # from the highest threshold down
        above = jnp.pad(above, [(0, 0), (0, 0), (1, 0)])
        totals = above[..., -1:]
        shares = above / jnp.maximum(totals, 1e-12)
        area = jnp.trapezoid(shares[1], shares[0], axis=-1)
        known = (totals[..., 0] > 0).all(axis=0)
        return jnp.where(known, area, 0).sum() / known.sum()
