"""Losses and metrics: each returns one number per example, and the caller takes the mean."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

Metrics = tuple[tuple[str, Callable[[jax.Array, jax.Array], jax.Array]], ...]


def softmax_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Minus the log of the probability that softmax assigns to the right class.

    Args:
      logits: (n, classes), floating point, any real value: the function applies softmax.
      labels: (n,), integers 0…classes − 1.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if labels are one-hot rows or not integers, or lengths differ.
    """
    if labels.ndim != logits.ndim - 1 or labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"softmax_cross_entropy takes logits (n, classes) and integer labels (n,); it got "
            f"{logits.shape} and {labels.shape}. If the labels are one-hot rows, use their argmax."
        )
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        raise ValueError(
            f"softmax_cross_entropy takes integer labels, but these are {labels.dtype}: convert "
            "them with labels.astype(int)."
        )
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels)


def sigmoid_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Minus the log of the probability that the sigmoid of one logit assigns to the right class.

    Args:
      logits: (n, 1) or (n,), floating point, any real value: the function applies the sigmoid.
      labels: (n,), 0 or 1.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if there is more than one logit per example, or lengths differ.
    """
    return optax.sigmoid_binary_cross_entropy(_one_logit(logits, labels), labels)


def _one_logit(logits: jax.Array, labels: jax.Array) -> jax.Array:
    if logits.size != logits.shape[0] or labels.shape != logits.shape[:1]:
        raise ValueError(
            f"With two classes and one output, logits must be (n, 1) and labels (n,); these are "
            f"{logits.shape} and {labels.shape}. With two outputs, use softmax_cross_entropy."
        )
    return logits.reshape(-1)


def categorical_cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Softmax cross-entropy with one-hot labels, or any probabilities.

    Args:
      logits: (n, classes), floating point, any real value: the function applies softmax.
      targets: (n, classes), floating point, each row sums to 1.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if the two shapes differ, as with integer labels.
    """
    if logits.shape != targets.shape:
        raise ValueError(
            f"categorical_cross_entropy takes one-hot labels shaped like the logits; it got "
            f"{logits.shape} and {targets.shape}. For integer labels, use softmax_cross_entropy."
        )
    return optax.softmax_cross_entropy(logits, targets)


def squared_error(predictions: jax.Array, targets: jax.Array) -> jax.Array:
    """The squared difference, averaged over every axis but the first.

    Args:
      predictions: (n,) or (n, outputs), floating point.
      targets: the same shape. (n,) with (n, 1) is refused, because it would compare all pairs.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if the two shapes differ.
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            f"Predictions have shape {predictions.shape} and targets {targets.shape}; they must be "
            "the same. Reshape one of them, for instance targets.reshape(-1, 1)."
        )
    squares = jnp.square(predictions - targets)
    return squares.reshape(squares.shape[0], -1).mean(axis=1)


def accuracy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """1 where the largest logit is the right class, 0 elsewhere.

    Args:
      logits: (n, classes).
      labels: (n,), integers.

    Returns:
      (n,), float32.
    """
    return (jnp.argmax(logits, axis=-1) == labels).astype(jnp.float32)


def binary_accuracy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """1 where the logit is above 0 (the probability above 0.5) exactly if the label is 1, else 0.

    Args:
      logits: (n, 1) or (n,).
      labels: (n,), 0 or 1.

    Returns:
      (n,), float32.
    """
    return ((_one_logit(logits, labels) > 0) == (labels > 0)).astype(jnp.float32)


def categorical_accuracy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """1 where the largest logit and the largest target belong to the same class, 0 elsewhere.

    Args:
      logits: (n, classes).
      targets: (n, classes), one-hot.

    Returns:
      (n,), float32.
    """
    return accuracy(logits, jnp.argmax(targets, axis=-1))


ACCURACIES = {
    softmax_cross_entropy: accuracy,
    sigmoid_cross_entropy: binary_accuracy,
    categorical_cross_entropy: categorical_accuracy,
}
"""The accuracy that belongs to each loss."""

BEFORE = {
    softmax_cross_entropy: "softmax",
    categorical_cross_entropy: "softmax",
    optax.softmax_cross_entropy_with_integer_labels: "softmax",
    optax.softmax_cross_entropy: "softmax",
    sigmoid_cross_entropy: "sigmoid",
    optax.sigmoid_binary_cross_entropy: "sigmoid",
}
"""The function that a loss applies to a model's outputs, so that the model should not."""


def metrics_for(loss: Callable[[jax.Array, jax.Array], jax.Array]) -> Metrics:
    """The metrics to report with a loss: the accuracy that belongs to it, if there is one.

    Args:
      loss: one loss per example from outputs and labels.

    Returns:
      (name, function) pairs, each function like `loss`; none for a loss without an accuracy.
    """
    found = ACCURACIES.get(loss)
    return () if found is None else (("accuracy", found),)
