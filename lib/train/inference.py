"""Evaluating and predicting over whole data sets, batch by batch."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from lib.train import sharding
from lib.train.examples import as_labels, check_batch_size, check_examples, take_batch
from lib.train.state import Fixed, TrainState
from lib.train.steps import apply_model, eval_sums, means
from lib.train.streaming import evaluate_stream, is_stream

# Evaluation and prediction go through the data in batches of this many examples: few enough that a
# convolution's temporaries stay small.
EVALUATION_BATCH = 128


@functools.partial(jax.jit, static_argnames=("batch_size", "mesh"))
def _evaluate(
    params, constants, inputs, labels, fixed: Fixed, *, batch_size: int, mesh: Mesh | None = None
):
    model, loss, metrics = fixed.value
    steps = -(-inputs.shape[0] // batch_size)
    order = jnp.pad(jnp.arange(inputs.shape[0]), (0, steps * batch_size - inputs.shape[0]))

    def step(sums, number):
        batch = sharding.divided(take_batch(inputs, labels, order, number, batch_size), mesh)
        new = eval_sums(params, constants, batch, model, loss, metrics)
        return {name: sums[name] + new[name] for name in sums}, None

    sums, _ = jax.lax.scan(step, zero_sums(metrics), jnp.arange(steps))
    return means(sums)


@functools.partial(jax.jit, static_argnames="batch_size")
def _predict(params, constants, inputs, model: Fixed, *, batch_size: int):
    steps = -(-inputs.shape[0] // batch_size)
    padding = [(0, steps * batch_size - inputs.shape[0])] + [(0, 0)] * (inputs.ndim - 1)
    batches = jnp.pad(inputs, padding).reshape(steps, batch_size, *inputs.shape[1:])
    outputs = jax.lax.map(
        lambda batch: apply_model(model.value, params, batch, constants=constants), batches
    )
    return outputs.reshape(-1, *outputs.shape[2:])[: inputs.shape[0]]


def zero_sums(metrics) -> dict[str, jax.Array]:
    """The sums of an epoch before its first step: weight, loss and each metric, all 0."""
    return {name: jnp.zeros((), jnp.float32) for name in ("weight", "loss", *dict(metrics))}


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
    if not is_stream(inputs):
        check_examples(inputs, labels, state.loss)
        inputs, labels = jnp.asarray(inputs), as_labels(labels)
    return measure(state, inputs, labels, batch_size, None)


def measure(
    state: TrainState, inputs: Any, labels: Any, batch_size: int, mesh: Mesh | None
) -> dict[str, float]:
    """Measures where the state is: on one device, or on all of a mesh."""
    if is_stream(inputs):
        sums = sharding.everywhere(zero_sums(state.metrics), mesh)
        logs = means(evaluate_stream(state, sums, inputs, mesh))
    else:
        batch_size = min(batch_size, len(inputs))
        if mesh is not None:
            batch_size = -(-batch_size // mesh.size) * mesh.size
        logs = _evaluate(
            state.params,
            state.constants,
            inputs,
            labels,
            Fixed((state.model, state.loss, state.metrics)),
            batch_size=batch_size,
            mesh=mesh,
        )
    return {name: float(value) for name, value in logs.items()}


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
        _predict(
            state.params, state.constants, jnp.asarray(inputs), Fixed(state.model), batch_size=size
        )
    )
