"""Evaluating and predicting over whole data sets, batch by batch."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lib.train.batches import as_batches
from lib.train.examples import check_batch_size, check_examples
from lib.train.state import Static, TrainState
from lib.train.steps import apply_model

# Evaluation and prediction go through the data in batches of this many examples: few enough that a
# convolution's temporaries stay small.
EVALUATION_BATCH = 128


@functools.partial(jax.jit, static_argnames="batch_size")
def predict_arrays(params, constants, inputs, model: Static, *, batch_size: int):
    """The model's outputs for all inputs, batch by batch."""
    steps = -(-inputs.shape[0] // batch_size)
    padding = [(0, steps * batch_size - inputs.shape[0])] + [(0, 0)] * (inputs.ndim - 1)
    batches = jnp.pad(inputs, padding).reshape(steps, batch_size, *inputs.shape[1:])
    outputs = jax.lax.map(
        lambda batch: apply_model(model.value, params, batch, constants=constants), batches
    )
    return outputs.reshape(-1, *outputs.shape[2:])[: inputs.shape[0]]


def evaluate(
    state: TrainState, inputs: Any, labels: Any = None, batch_size: int = EVALUATION_BATCH
) -> dict[str, float]:
    """Measures loss and metrics over a whole data set.

    Args:
      state: a training state; only its model, parameters, loss and metrics are used.
      inputs: (n, …); uint8 pictures are scaled to 0…1. Or a stream of batches.
      labels: (n,) integers, or targets shaped like the model's output; a stream has its own.
      batch_size: examples per step; it changes the memory needed, not the result.

    Returns:
      Metric name to mean over all n examples.

    Raises:
      ValueError: if lengths differ, there are no examples, or a label cannot be one.
    """
    check_batch_size(batch_size)
    return as_batches(inputs, labels, batch_size, state.loss).measure(state)


def predict(state: TrainState, inputs: Any, batch_size: int = EVALUATION_BATCH) -> np.ndarray:
    """Runs the model over a whole data set in evaluation mode.

    Args:
      state: a training state; only its model and parameters are used.
      inputs: (n, …); uint8 pictures are scaled to 0…1.
      batch_size: examples per step; it changes the memory needed, not the result.

    Returns:
      The model's outputs, (n, …): logits for a classifier.

    Raises:
      ValueError: if there are no examples.
    """
    check_batch_size(batch_size)
    check_examples(inputs, inputs)
    size = min(batch_size, len(inputs))
    return np.asarray(
        predict_arrays(
            state.params, state.constants, jnp.asarray(inputs), Static(state.model), batch_size=size
        )
    )
