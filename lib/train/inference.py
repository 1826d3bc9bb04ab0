"""Evaluating and predicting over entire data sets, batch by batch."""

import functools
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lib.data.progress import progress
from lib.train.batches import ArrayBatches, as_batches, is_stream, measure_batch
from lib.train.examples import check_batch_size, check_examples
from lib.train.state import Static, TrainState, check_state
from lib.train.steps import apply_model, means, zero_sums

# Evaluation and prediction use batches of this many examples: few enough that a convolution's
# temporary arrays stay small.
EVALUATION_BATCH = 128
BATCHES_BETWEEN = 4
"""Batches between two updates of the bar."""


@functools.partial(jax.jit, static_argnames="batch_size")
def predict_arrays(params, constants, inputs, model: Static, *, batch_size: int):
    """The model's outputs for all inputs, batch by batch."""
    steps = -(-inputs.shape[0] // batch_size)
    padding = [(0, steps * batch_size - inputs.shape[0])] + [(0, 0)] * (inputs.ndim - 1)
    batches = jnp.pad(inputs, padding).reshape(steps, batch_size, *inputs.shape[1:])
    outputs = jax.lax.map(
        lambda batch: apply_model(model.value, params, batch, constants=constants), batches
    )
    return jax.tree.map(
        lambda output: output.reshape(-1, *output.shape[2:])[: inputs.shape[0]], outputs
    )


def evaluate(
    state: TrainState, inputs: Any, labels: Any = None, batch_size: int = EVALUATION_BATCH
) -> dict[str, float]:
    """Measures loss and metrics over an entire data set.

    Args:
      state: a training state; only its model, variables, loss and metrics are used.
      inputs: (n, …); uint8 pictures are scaled to 0…1. Or a stream of batches.
      labels: (n,) integers, or targets shaped like the model's output; a stream has its own.
      batch_size: examples per step; it changes the memory needed, not the result.

    Returns:
      Metric name to its value over all n examples.

    Raises:
      ValueError: if lengths differ, there are no examples, or a label is invalid.
      TypeError: if the state is not a training state.
    """
    check_state(state, has_loss=True)
    check_batch_size(batch_size)
    batches = as_batches(inputs, labels, batch_size, state)
    if isinstance(batches, ArrayBatches) and _is_seen(batches.steps):
        return _measured_in_sight(batches, state)
    return batches.measure(state)


def _is_seen(steps: int) -> bool:
    """Whether to show a bar: there is a terminal, and the work may take a while."""
    return steps > BATCHES_BETWEEN and sys.stderr.isatty()


def _measured_in_sight(batches: ArrayBatches, state: TrainState) -> dict[str, float]:
    """Does the work of `batches.measure` batch by batch, with a bar."""
    static = Static((state.model, state.loss, state.metrics))
    sums: Any = None
    with progress(batches.examples, "Measuring") as show:
        for first in range(0, batches.examples, batches.batch_size):
            rows = first + np.arange(batches.batch_size)
            weights = (rows < batches.examples).astype(np.float32)
            rows %= batches.examples
            batch = batches.inputs[rows], batches.labels[rows], weights
            if sums is None:
                sums = zero_sums(state.params, state.constants, batch, static)
            sums = measure_batch(sums, state.params, state.constants, batch, static)
            sums["weight"].block_until_ready()
            show(min(first + batches.batch_size, batches.examples))
    return {name: float(value) for name, value in means(sums, state.metrics).items()}


def predict(state: Any, inputs: Any, batch_size: int = EVALUATION_BATCH) -> Any:
    """Runs the model over an entire data set in evaluation mode.

    Args:
      state: a training state, or a model from `lib.load_model`.
      inputs: (n, …); uint8 pictures are scaled to 0…1.
      batch_size: examples per step; it changes the memory needed, not the result.

    Returns:
      The model's outputs, a NumPy array of (n, …): logits for a classifier. For a model with
      several outputs, its tuple or dict of such arrays.

    Raises:
      ValueError: if there are no examples.
    """
    check_state(state)
    check_batch_size(batch_size)
    if is_stream(inputs):
        raise ValueError(
            "lib.predict takes pictures in memory, not a stream. Predict a stream batch by batch: "
            "for images, _ in stream.epoch(0)."
        )
    check_examples(inputs, inputs)
    size = min(batch_size, len(inputs))
    run = functools.partial(predict_arrays, state.params, state.constants, batch_size=size)
    part = size * BATCHES_BETWEEN
    if not _is_seen(-(-len(inputs) // size)):
        return jax.tree.map(np.asarray, run(jnp.asarray(inputs), Static(state.model)))
    # With a bar: in parts, padding the last one, so that the code compiles only once.
    parts = []
    with progress(len(inputs), "Predicting") as show:
        for first in range(0, len(inputs), part):
            some = np.asarray(inputs[first : first + part])
            rows = np.arange(part) % len(some)
            outputs = run(jnp.asarray(some[rows]), Static(state.model))
            parts.append(jax.tree.map(lambda each: np.asarray(each)[: len(some)], outputs))  # noqa: B023
            show(first + len(some))
    return jax.tree.map(lambda *each: np.concatenate(each), *parts)
