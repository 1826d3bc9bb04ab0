"""A data set as a training goes through it: arrays that stay on the device, or a stream.

Arrays: a compiled loop picks its batches out of the data on the device, so nothing crosses between
host and device but a few numbers per chunk of steps. The loop's bounds are arguments, so an epoch
can be cut into chunks (for the progress display, and so that Ctrl-C is heard) without compiling
again and without changing a bit of the result.

A stream has `epoch(number)`, an iterator of (inputs, labels) batches as NumPy arrays of which only
the last may be smaller, and the attributes `batch_size` and `steps`; see `lib.data.stream`. While
the device works on one batch, the next is read and sent to it.
"""

import functools
import time
from collections.abc import Iterator
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.typing import ArrayLike

from lib.train import losses, sharding
from lib.train.examples import as_labels, check_examples, take_batch
from lib.train.state import Static, TrainState
from lib.train.steps import (
    apply_model,
    check_same_form,
    eval_sums,
    means,
    train_sums,
    zero_sums,
)

# A dispatch aims at this many seconds: short enough for a lively display and for Ctrl-C, long
# enough that its own cost (below a millisecond) does not show.
CHUNK_SECONDS = 0.25
# Large pictures take longer for a step than that. Each dispatch gets its memory anew from the
# system, page by page, so several such steps go together, but for no more than these seconds.
CHUNK_STEPS = 4
CHUNK_MOST_SECONDS = 3.0

AHEAD = 2  # batches of a stream sent to the device that it has not yet worked on

Progress = tuple[int, TrainState, dict[str, jax.Array]]
"""Steps of an epoch made so far, the state, and the sums of the metrics over them."""


class Batches(Protocol):
    """What `fit` and `evaluate` need of a data set.

    Attributes:
      batch_size: examples per update.
    """

    batch_size: int

    @property
    def examples(self) -> int:
        """How many there are, at most."""
        ...

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may hold fewer examples."""
        ...

    def place(self, mesh: Mesh | None) -> None:
        """Brings the examples, now or batch by batch, to the devices of a mesh."""
        ...

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes the first steps of an epoch.

        Args:
          number: of the epoch, from 0.
          state: where to start; its buffers are donated.
          steps: how many to make.
          key: of the training.
          augment: whether the pictures are changed, a bool scalar.

        Yields:
          `Progress`; state and sums are valid until the next is asked for.
        """
        ...

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics over all examples."""
        ...

    def fault(self, state: TrainState) -> str | None:
        """A sentence on what in the examples cannot be learnt from, or None."""
        ...


class Stream(Protocol):
    """What a stream of batches has."""

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


def as_batches(
    inputs: Any, labels: Any, batch_size: int, loss: Any, shuffle_key: jax.Array | None = None
) -> Batches:
    """Makes batches of examples that somebody brings.

    Args:
      inputs: (n, …), or a stream, which has its own labels, batch size and order.
      labels: (n,) integers, or targets shaped like the model's output.
      batch_size: examples per step.
      loss: that the labels are for.
      shuffle_key: for the order of each epoch; None keeps the order of the data.

    Raises:
      ValueError: if lengths differ, there are no examples, or a label cannot be one.
    """
    if is_stream(inputs):
        return StreamBatches(inputs)
    check_examples(inputs, labels, loss)
    return ArrayBatches(jnp.asarray(inputs), as_labels(labels), batch_size, shuffle_key)


@functools.partial(jax.jit, static_argnames=("count", "padded"))
def epoch_order(key: jax.Array | None, epoch: int, *, count: int, padded: int) -> jax.Array:
    """The order of the examples in one epoch, filled up with zeros to whole batches.

    Args:
      key: for shuffling; None keeps the order of the data.
      epoch: its number.
      count: examples.
      padded: length of the result.

    Returns:
      (padded,), int32.
    """
    places = jnp.arange(count, dtype=jnp.int32)
    if key is not None:
        places = jax.random.permutation(jax.random.fold_in(key, epoch), places)
    return jnp.pad(places, (0, padded - count))


@functools.partial(jax.jit, static_argnames=("batch_size", "mesh"), donate_argnums=(0, 1))
def train_on_arrays(
    state,
    sums,
    inputs,
    labels,
    order,
    augment,
    first,
    last,
    key,
    *,
    batch_size: int,
    mesh: Mesh | None = None,
):
    """Runs the steps first…last − 1 of an epoch; `sums` goes on from the steps before."""

    def step(number, carry):
        state, sums = carry
        batch = sharding.constrain(take_batch(inputs, labels, order, number, batch_size), mesh)
        state, new = train_sums(state, batch, key, augment)
        return state, {name: sums[name] + new[name] for name in sums}

    return jax.lax.fori_loop(first, last, step, (state, sums))


@functools.partial(jax.jit, static_argnames=("batch_size", "mesh"))
def measure_arrays(
    params, constants, inputs, labels, static: Static, *, batch_size: int, mesh: Mesh | None = None
):
    """Means of loss and metrics over arrays, batch by batch."""
    model, loss, metrics = static.value
    steps = -(-inputs.shape[0] // batch_size)
    order = jnp.pad(jnp.arange(inputs.shape[0]), (0, steps * batch_size - inputs.shape[0]))

    def step(sums, number):
        batch = sharding.constrain(take_batch(inputs, labels, order, number, batch_size), mesh)
        new = eval_sums(params, constants, batch, model, loss, metrics)
        return {name: sums[name] + new[name] for name in sums}, None

    sums, _ = jax.lax.scan(step, zero_sums(metrics), jnp.arange(steps))
    return means(sums)


class ArrayBatches:
    """Batches of arrays that stay on the device."""

    def __init__(
        self,
        inputs: jax.Array,
        labels: jax.Array,
        batch_size: int,
        shuffle_key: jax.Array | None = None,
    ):
        self.inputs, self.labels, self.shuffle_key = inputs, labels, shuffle_key
        self.batch_size = min(batch_size, len(inputs))
        self.mesh: Mesh | None = None
        self._chunk = _Chunk()

    @property
    def examples(self) -> int:
        """How many there are."""
        return len(self.inputs)

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-self.examples // self.batch_size)

    def place(self, mesh: Mesh | None) -> None:
        """Puts all examples on every device of a mesh."""
        self.mesh = mesh
        self.inputs, self.labels = sharding.replicate((self.inputs, self.labels), mesh)

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes the steps, several in a dispatch; see `Batches`."""
        if state.augment is not None and not augment:
            shape = self.batch_size, *self.inputs.shape[1:]
            check_same_form(state.augment, jax.ShapeDtypeStruct(shape, self.inputs.dtype))
        order = epoch_order(
            self.shuffle_key,
            number,
            count=self.examples,
            padded=self.steps * self.batch_size,
        )
        order, sums = sharding.replicate((order, zero_sums(state.metrics)), self.mesh)
        done = 0
        while done < steps:
            last = min(done + self._chunk.steps, steps)
            with self._chunk.timed(last - done):
                state, sums = train_on_arrays(
                    state, sums, self.inputs, self.labels, order, augment, done, last, key,
                    batch_size=self.batch_size, mesh=self.mesh,
                )  # fmt: skip
                sums["loss"].block_until_ready()
            done = last
            yield done, state, sums

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics; several devices take as many examples each."""
        devices = 1 if self.mesh is None else self.mesh.size
        logs = measure_arrays(
            state.params,
            state.constants,
            self.inputs,
            self.labels,
            Static((state.model, state.loss, state.metrics)),
            batch_size=-(-self.batch_size // devices) * devices,
            mesh=self.mesh,
        )
        return {name: float(value) for name, value in logs.items()}

    def fault(self, state: TrainState) -> str | None:
        """Names examples that are not finite, or labels beyond the model's outputs."""
        if not jnp.isfinite(self.inputs).all() or not jnp.isfinite(self.labels).all():
            return "Among the inputs or labels are some that are infinite or not a number."
        outputs = jax.eval_shape(
            functools.partial(apply_model, state.model, constants=state.constants),
            state.params,
            self.inputs[:1],
        )
        classes, largest = outputs.shape[-1], self.labels.max()
        if state.loss is losses.softmax_cross_entropy and largest >= classes:
            return (
                f"The largest label is {largest}, but the model has {classes} outputs, for labels "
                f"0 to {classes - 1}."
            )
        return None


class _Chunk:
    """How many steps to dispatch at once: about CHUNK_SECONDS, more where steps are slow."""

    def __init__(self):
        self.steps = 8
        self._compiled = False

    def timed(self, steps: int) -> "_Chunk":
        self._running = steps
        return self

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *exception: object) -> None:
        per_step = (time.perf_counter() - self._started) / self._running
        if self._compiled:  # the first dispatch also compiles: its time says nothing
            slow = min(CHUNK_STEPS, int(CHUNK_MOST_SECONDS / per_step))
            self.steps = max(1, slow, round(CHUNK_SECONDS / per_step))
        self._compiled = True


@functools.partial(jax.jit, donate_argnums=(0, 1))
def train_on_batch(state, sums, batch, key, augment):
    """Makes one update; `sums` goes on from the steps before."""
    state, new = train_sums(state, batch, key, augment)
    return state, {name: sums[name] + new[name] for name in sums}


@functools.partial(jax.jit, donate_argnums=0)
def measure_batch(sums, params, constants, batch, static: Static):
    """Adds loss and metrics of one batch to `sums`."""
    new = eval_sums(params, constants, batch, *static.value)
    return {name: sums[name] + new[name] for name in sums}


class StreamBatches:
    """Batches that come from outside, for data that is larger than memory."""

    def __init__(self, stream: Stream):
        self.stream = stream
        self.batch_size = stream.batch_size
        self.mesh: Mesh | None = None

    @property
    def examples(self) -> int:
        """How many there are, if the last batch is full."""
        return self.steps * self.batch_size

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self.stream.steps

    def place(self, mesh: Mesh | None) -> None:
        """Divides each batch, when it comes, among the devices of a mesh."""
        self.mesh = mesh

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes a step for each batch; see `Batches`."""
        sums = sharding.replicate(zero_sums(state.metrics), self.mesh)
        waiting: list[jax.Array] = []
        for step, batch in enumerate(self._padded(number), start=1):
            if step == 1 and state.augment is not None and not augment:
                inputs = batch[0]
                check_same_form(state.augment, jax.ShapeDtypeStruct(inputs.shape, inputs.dtype))
            state, sums = train_on_batch(state, sums, batch, key, augment)
            waiting.append(jnp.copy(sums["weight"]))
            if len(waiting) > AHEAD:
                waiting.pop(0).block_until_ready()
            yield step, state, sums
            if step == steps:
                return

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics over one epoch."""
        sums = sharding.replicate(zero_sums(state.metrics), self.mesh)
        static = Static((state.model, state.loss, state.metrics))
        for batch in self._padded(0):
            sums = measure_batch(sums, state.params, state.constants, batch, static)
        return {name: float(value) for name, value in means(sums).items()}

    def fault(self, state: TrainState) -> None:
        """Says nothing: the examples are gone."""

    def _padded(self, number: int) -> Iterator[tuple[jax.Array, jax.Array, jax.Array]]:
        """Inputs, labels and weights of an epoch on the device, all of one batch size.

        The weights, float32 (batch_size,), are 0 for the rows that fill the last batch up.
        """
        for inputs, labels in self.stream.epoch(number):
            missing = self.batch_size - len(labels)
            weights = np.ones(self.batch_size, np.float32)
            if missing:
                rows = np.arange(self.batch_size) % len(labels)
                inputs, labels = inputs[rows], labels[rows]
                weights[-missing:] = 0
            yield sharding.shard((inputs, labels, weights), self.mesh)
