"""Checks the examples that somebody brings, and takes batches from them."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lib.inputs import warn_of_range
from lib.train import losses

# Losses that take the number of a class, and all that compare outputs with each other.
_OF_NUMBERS = (
    losses.softmax_cross_entropy,
    optax.softmax_cross_entropy_with_integer_labels,
)
_OVER_CLASSES = (*_OF_NUMBERS, losses.categorical_cross_entropy, optax.softmax_cross_entropy)


def check_examples(inputs: Any, labels: Any) -> None:
    """Refuses examples that cannot be worked on."""
    if labels is None:
        raise ValueError("There are inputs and no labels: each input needs its label.")
    if len(inputs) != len(labels):
        raise ValueError(
            f"There are {len(inputs)} inputs and {len(labels)} labels: each input needs its label."
        )
    if len(inputs) == 0:
        raise ValueError("There is nothing to work on: the inputs are empty.")
    warn_of_range(inputs)


def check_text(labels: Any) -> None:
    """Refuses labels that are words."""
    if not hasattr(labels, "dtype"):
        labels = np.asarray(labels)
    if labels.dtype.kind not in "OSUT":
        return
    some = next(iter(np.ravel(labels)), "")
    raise ValueError(
        f"The labels are no numbers, but such as {str(some)!r:.40}; a label is the number of its "
        "class. names, labels = np.unique(labels, return_inverse=True) gives numbers from 0 to "
        "the number of classes − 1, and the names in their order."
    )


def check_labels(labels: Any, loss: Any, outputs: int) -> None:
    """Refuses labels that the model could never be right about.

    Args:
      labels: of some examples.
      loss: that they are for.
      outputs: length of the last axis of the model's output.
    """
    if loss in _OVER_CLASSES and outputs == 1:
        raise ValueError(
            f"{loss.__name__} chooses among the outputs of a model, and this one has a single "
            "output, which would always be right: take lib.sigmoid_cross_entropy, with labels 0 "
            "and 1, or give the model an output for each class."
        )
    if loss in _OF_NUMBERS:
        most, takes = outputs - 1, f"0 to {outputs - 1}, as the model has {outputs} outputs"
    elif loss in (losses.sigmoid_cross_entropy, optax.sigmoid_binary_cross_entropy):
        most, takes = 1, "0 and 1"
    else:
        return
    lowest, highest = float(np.min(labels)), float(np.max(labels))
    if lowest < 0 or highest > most:
        raise ValueError(
            f"The labels run from {lowest:g} to {highest:g}; {loss.__name__} takes {takes}."
        )


def example_weights(
    labels: Any,
    outputs: int,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
) -> np.ndarray | None:
    """How much the loss of each example weighs.

    Args:
      labels: (n,) integers, or one-hot (n, classes).
      outputs: length of the last axis of the model's output.
      class_weight: class to weight; others weigh 1.
      sample_weight: (n,), a weight for each example.

    Returns:
      (n,), float32: the product of the two; None if there is neither.

    Raises:
      ValueError: if there is no such class, labels are no classes, or a weight is negative, not
        finite, or missing.
    """
    if class_weight is None and sample_weight is None:
        return None
    weights = np.ones(len(labels), np.float32)
    if sample_weight is not None:
        if np.shape(sample_weight) != (len(labels),):
            raise ValueError(
                f"sample_weight is of shape {np.shape(sample_weight)}, and there are "
                f"{len(labels)} examples: each needs one weight."
            )
        weights = np.asarray(sample_weight, np.float32)
        _check_weights(weights, "sample_weight")
    if class_weight is not None:
        if not isinstance(class_weight, Mapping):
            raise TypeError(
                "class_weight is a dict from the number of a class to a factor, {1: 5.0}; got "
                f"{class_weight!r:.80}. A list makes one by dict(enumerate(factors)); weights that "
                "balance the classes are dict(enumerate(len(labels) / (classes * "
                "np.bincount(labels)))), where every class occurs."
            )
        classes = max(outputs, 2)
        wrong = [key for key in class_weight if key not in range(classes)]
        if wrong:
            raise ValueError(
                f"class_weight has the key {wrong[0]!r}; its keys are the numbers of classes, "
                f"0 to {classes - 1}."
                + " class_names.index(name) is that of a name."
                * isinstance(wrong[0], str)
            )
        table = np.ones(classes, np.float32)
        for key, weight in class_weight.items():
            table[int(key)] = weight
        _check_weights(table, "class_weight")
        weights = weights * table[_classes(np.asarray(labels))]
    if not weights.any():
        raise ValueError("All examples weigh 0: there would be nothing to learn from.")
    return weights


def _classes(labels: np.ndarray) -> np.ndarray:
    if labels.ndim == 2:
        labels = labels[:, 0] if labels.shape[1] == 1 else labels.argmax(axis=1)
    if labels.ndim != 1 or (labels != labels.round()).any():
        raise ValueError(
            "class_weight needs labels that are classes, integers (n,) or one-hot (n, classes); "
            f"these are {labels.dtype} {labels.shape}. For others there is sample_weight."
        )
    return labels.astype(np.int64)


def _check_weights(weights: np.ndarray, what: str) -> None:
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError(f"In {what} is a weight that is negative, infinite or not a number.")


def check_batch_size(batch_size: int) -> None:
    """Refuses a batch of no examples."""
    if batch_size < 1:
        raise ValueError(f"batch_size is 1 or more; got {batch_size}.")


def as_labels(labels: Any) -> jax.Array:
    """Labels on the device: int32, or float32 where they have fractions."""
    labels = jnp.asarray(labels)
    fractions = jnp.issubdtype(labels.dtype, jnp.floating)
    return labels.astype(jnp.float32 if fractions else jnp.int32)


def take_batch(inputs, labels, order, step, batch_size: int, importance=None):
    """The batch of one step; rows past the end of the data repeat an example and weigh nothing."""
    places = step * batch_size + jnp.arange(batch_size)
    rows = jax.lax.dynamic_slice(order, (step * batch_size,), (batch_size,))
    weights = (places < inputs.shape[0]).astype(jnp.float32)
    batch = inputs[rows], labels[rows], weights
    return batch if importance is None else (*batch, importance[rows])
