"""Training on batches that come from outside, for data that is larger than memory.

A stream has `epoch(number)`, an iterator of (inputs, labels) batches as NumPy arrays of which only
the last may be smaller, and the attributes `batch_size` and `steps`; see `lib.data.stream`. While
the device works on one batch, the next is read and sent to it.
"""

import functools
from collections.abc import Iterator
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.typing import ArrayLike

from lib.train import sharding
from lib.train.state import Fixed, TrainState
from lib.train.steps import check_same_form, eval_sums, train_sums

AHEAD = 2  # batches sent to the device that it has not yet worked on


class Stream(Protocol):
    """What `fit` and `evaluate` need of a stream."""

    batch_size: int

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        ...

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch."""
        ...


def is_stream(inputs: Any) -> bool:
    """Whether something gives batches, instead of holding all examples."""
    return hasattr(inputs, "epoch") and hasattr(inputs, "steps")


def padded(
    stream: Stream, number: int, mesh: Mesh | None = None
) -> Iterator[tuple[jax.Array, jax.Array, jax.Array]]:
    """The batches of an epoch on the device, all of one size, with weights.

    Args:
      stream: where they come from.
      number: of the epoch, from 0.
      mesh: devices to divide each batch among, if several.

    Yields:
      inputs, labels and weights, float32 (batch_size,), 0 for the rows that fill the last batch up.
    """
    for inputs, labels in stream.epoch(number):
        missing = stream.batch_size - len(labels)
        weights = np.ones(stream.batch_size, np.float32)
        if missing:
            rows = np.arange(stream.batch_size) % len(labels)
            inputs, labels = inputs[rows], labels[rows]
            weights[-missing:] = 0
        yield sharding.among((inputs, labels, weights), mesh)


@functools.partial(jax.jit, donate_argnums=(0, 1))
def _train(state, sums, batch, key, augment):
    state, new = train_sums(state, batch, key, augment)
    return state, {name: sums[name] + new[name] for name in sums}


@functools.partial(jax.jit, donate_argnums=0)
def _measure(sums, params, constants, batch, fixed: Fixed):
    new = eval_sums(params, constants, batch, *fixed.value)
    return {name: sums[name] + new[name] for name in sums}


def train_on_stream(
    state: TrainState,
    sums: dict,
    stream: Stream,
    number: int,
    steps: int,
    key: jax.Array,
    augment: ArrayLike,
    mesh: Mesh | None = None,
) -> Iterator[tuple[int, TrainState, dict]]:
    """Makes the steps of one epoch; a step for each batch.

    Args:
      state: where to start; its buffers are donated.
      sums: of the metrics, all 0.
      stream: where the batches come from.
      number: of the epoch.
      steps: how many to make.
      key: of the training.
      augment: whether the pictures are changed, a bool scalar.
      mesh: devices to divide each batch among, if several.

    Yields:
      Steps made so far, the state, and the sums; the last two are valid until the next step.
    """
    waiting: list[jax.Array] = []
    for step, batch in enumerate(padded(stream, number, mesh), start=1):
        if step == 1 and state.augment is not None and not augment:
            check_same_form(state.augment, batch[0])
        state, sums = _train(state, sums, batch, key, augment)
        waiting.append(jnp.copy(sums["weight"]))
        if len(waiting) > AHEAD:
            waiting.pop(0).block_until_ready()
        yield step, state, sums
        if step == steps:
            return


def evaluate_stream(
    state: TrainState, sums: dict, stream: Stream, mesh: Mesh | None = None
) -> dict[str, jax.Array]:
    """Sums loss and metrics over one epoch of a stream.

    Args:
      state: model, parameters, loss and metrics.
      sums: of the metrics, all 0.
      stream: where the batches come from.
      mesh: devices to divide each batch among, if several.

    Returns:
      The sums, with "weight" for the number of examples.
    """
    fixed = Fixed((state.model, state.loss, state.metrics))
    for batch in padded(stream, 0, mesh):
        sums = _measure(sums, state.params, state.constants, batch, fixed)
    return sums
