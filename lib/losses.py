"""Losses and metrics, one number per example: the caller takes the mean."""

import jax
import jax.numpy as jnp
import optax


def softmax_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Minus the log of the probability that softmax gives to the right class.

    Args:
      logits: (n, classes), floating point, any real value: softmax happens in here.
      labels: (n,), integers 0…classes − 1.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if labels are one-hot rows, or lengths differ.
    """
    if labels.ndim != logits.ndim - 1 or labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"softmax_cross_entropy takes logits (n, classes) and integer labels (n,); it got "
            f"{logits.shape} and {labels.shape}. Labels as one-hot rows? Use their argmax."
        )
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels)


def squared_error(predictions: jax.Array, targets: jax.Array) -> jax.Array:
    """The square of the difference, meaned over everything but the first axis.

    Args:
      predictions: (n,) or (n, outputs), floating point.
      targets: the same shape. (n,) against (n, 1) would compare all pairs, so it is refused.

    Returns:
      (n,), 0 or above.

    Raises:
      ValueError: if the two shapes differ.
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            f"Predictions have shape {predictions.shape} and targets {targets.shape}: they must be "
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
