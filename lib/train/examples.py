"""Checks the user's examples, and takes batches from them."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lib.inputs import warn_of_range
from lib.train import losses

# Losses that take class numbers, and all losses that compare the outputs with each other.
_OF_NUMBERS = (
    losses.softmax_cross_entropy,
    optax.softmax_cross_entropy_with_integer_labels,
)
_OVER_CLASSES = (*_OF_NUMBERS, losses.categorical_cross_entropy, optax.softmax_cross_entropy)


def check_examples(inputs: Any, labels: Any) -> None:
    """Refuses missing labels, lengths that differ, and empty inputs."""
    if labels is None:
        raise ValueError("There are inputs but no labels: each input needs its label.")
    if len(inputs) != len(labels):
        raise ValueError(
            f"There are {len(inputs)} inputs but {len(labels)} labels: each input needs its label."
        )
    if len(inputs) == 0:
        raise ValueError("The inputs are empty: pass at least one example.")
    warn_of_range(inputs)


def check_text(labels: Any) -> None:
    """Refuses labels that are words."""
    if not hasattr(labels, "dtype"):
        labels = np.asarray(labels)
    if labels.dtype.kind not in "OSUT":
        return
    some = next(iter(np.ravel(labels)), "")
    raise ValueError(
        f"The labels are not numbers but text, such as {str(some)!r:.40}; a label must be the "
        "number of its class. names, labels = np.unique(labels, return_inverse=True) returns the "
        "names in order, and numbers from 0 to the number of classes − 1."
    )


def check_labels(labels: Any, loss: Any, outputs: int) -> None:
    """Refuses labels that the model could never predict.

    Args:
      labels: the labels of some examples.
      loss: the loss to use them with.
      outputs: length of the last axis of the model's output.
    """
    if loss in _OVER_CLASSES and outputs == 1:
        raise ValueError(
            f"{loss.__name__} compares the outputs of a model, but this model has a single output, "
            "which would always be right: use lib.sigmoid_cross_entropy, with labels 0 and 1, or "
            "give the model an output for each class."
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
            f"The labels range from {lowest:g} to {highest:g}, but {loss.__name__} takes {takes}."
        )


def example_weights(
    labels: Any,
    outputs: int,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
) -> np.ndarray | None:
    """The weight of each example's loss.

    Args:
      labels: (n,) integers, or one-hot (n, classes).
      outputs: length of the last axis of the model's output.
      class_weight: class to weight; other classes have weight 1.
      sample_weight: (n,), a weight for each example.

    Returns:
      (n,), float32: the product of the two; None if there is neither.

    Raises:
      ValueError: if there is no such class, labels are not classes, or a weight is negative, not
        finite, or missing.
      TypeError: if `class_weight` is not a mapping.
    """
    if class_weight is None and sample_weight is None:
        return None
    weights = np.ones(len(labels), np.float32)
    if sample_weight is not None:
        if np.shape(sample_weight) != (len(labels),):
            raise ValueError(
                f"sample_weight has the shape {np.shape(sample_weight)}, but there are "
                f"{len(labels)} examples: each needs one weight."
            )
        weights = np.asarray(sample_weight, np.float32)
        _check_weights(weights, "sample_weight")
    if class_weight is not None:
        if not isinstance(class_weight, Mapping):
            raise TypeError(
                "class_weight must be a dict from the number of a class to a factor, such as "
                f"{{1: 5.0}}; got {class_weight!r:.80}. For a list, use dict(enumerate(factors)); "
                "to balance the classes, if every class occurs, use dict(enumerate(len(labels) / "
                "(classes * np.bincount(labels))))."
            )
        classes = max(outputs, 2)
        wrong = [key for key in class_weight if key not in range(classes)]
        if wrong:
            raise ValueError(
                f"class_weight has the key {wrong[0]!r}, but its keys must be the numbers of "
                f"classes, 0 to {classes - 1}."
                + " class_names.index(name) is the number of a name."
                * isinstance(wrong[0], str)
            )
        table = np.ones(classes, np.float32)
        for key, weight in class_weight.items():
            table[int(key)] = weight
        _check_weights(table, "class_weight")
        weights = weights * table[_classes(np.asarray(labels))]
    if not weights.any():
        raise ValueError("All examples have weight 0, so the model would not learn.")
    return weights


def _classes(labels: np.ndarray) -> np.ndarray:
    if labels.ndim == 2:
        labels = labels[:, 0] if labels.shape[1] == 1 else labels.argmax(axis=1)
    if labels.ndim != 1 or (labels != labels.round()).any():
        raise ValueError(
            "class_weight needs labels that are classes, integers (n,) or one-hot (n, classes); "
            f"these are {labels.dtype} {labels.shape}. For other labels, use sample_weight."
        )
    return labels.astype(np.int64)


def _check_weights(weights: np.ndarray, what: str) -> None:
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError(f"{what} contains a weight that is negative, infinite or not a number.")


def check_batch_size(batch_size: int) -> None:
    """Refuses a batch size below 1."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more; got {batch_size}.")


def as_labels(labels: Any) -> jax.Array:
    """Labels on the device: int32, or float32 if they are floating point."""
    labels = jnp.asarray(labels)
    fractions = jnp.issubdtype(labels.dtype, jnp.floating)
    return labels.astype(jnp.float32 if fractions else jnp.int32)


def take_batch(inputs, labels, order, step, batch_size: int, importance=None):
    """The batch of one step; rows past the end of the data repeat an example with weight 0."""
    places = step * batch_size + jnp.arange(batch_size)
    rows = jax.lax.dynamic_slice(order, (step * batch_size,), (batch_size,))
    weights = (places < inputs.shape[0]).astype(jnp.float32)
    batch = inputs[rows], labels[rows], weights
    return batch if importance is None else (*batch, importance[rows])
