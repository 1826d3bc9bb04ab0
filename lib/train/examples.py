"""Checks the examples that somebody brings, and takes batches from them."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lib.train import losses


def check_examples(inputs: Any, labels: Any, loss: Any = None) -> None:
    """Refuses examples that cannot be worked on, or would be in silence to no good."""
    if labels is None:
        raise ValueError("There are inputs and no labels: each input needs its label.")
    if len(inputs) != len(labels):
        raise ValueError(
            f"There are {len(inputs)} inputs and {len(labels)} labels: each input needs its label."
        )
    if len(inputs) == 0:
        raise ValueError("There is nothing to work on: the inputs are empty.")
    most = {losses.softmax_cross_entropy: math.inf, losses.sigmoid_cross_entropy: 1}.get(loss)
    if most is not None:
        lowest, highest = np.min(labels), np.max(labels)
        if lowest < 0 or highest > most:
            takes = "0 and 1" if most == 1 else "0 to the number of classes − 1"
            raise ValueError(
                f"The labels run from {lowest:g} to {highest:g}; {loss.__name__} takes {takes}."
            )


def check_batch_size(batch_size: int) -> None:
    """Refuses a batch of no examples."""
    if batch_size < 1:
        raise ValueError(f"batch_size is 1 or more; got {batch_size}.")


def as_labels(labels: Any) -> jax.Array:
    """Labels on the device: int32, or float32 where they have fractions."""
    labels = jnp.asarray(labels)
    fractions = jnp.issubdtype(labels.dtype, jnp.floating)
    return labels.astype(jnp.float32 if fractions else jnp.int32)


def take_batch(inputs, labels, order, step, batch_size: int):
    """The batch of one step; rows past the end of the data repeat an example and weigh nothing."""
    places = step * batch_size + jnp.arange(batch_size)
    rows = jax.lax.dynamic_slice(order, (step * batch_size,), (batch_size,))
    weights = (places < inputs.shape[0]).astype(jnp.float32)
    return inputs[rows], labels[rows], weights
