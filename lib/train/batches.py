"""The batches of a training run: from arrays that stay on the device, or from a stream.

Arrays: a compiled loop takes its batches from the data on the device, so only a few numbers per
chunk of steps cross between host and device. The bounds of the loop are arguments, so an epoch can
be cut into chunks (for the progress display and for Ctrl-C) without compiling again, and without
changing a bit of the result.

A stream has `epoch(number)`, an iterator of (inputs, labels) batches as NumPy arrays, where only
the last batch may be smaller, and the attributes `batch_size` and `steps`; see `lib.data.stream`.
While the device works on one batch, the next is read and sent to it.
"""

import functools
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.typing import ArrayLike

from lib.train import sharding
from lib.train.examples import (
    as_labels,
    check_examples,
    check_labels,
    check_text,
    example_weights,
    take_batch,
)
from lib.train.state import Static, TrainState
from lib.train.steps import (
    check_same_form,
    eval_sums,
    form_learnt,
    means,
    output_shape,
    train_sums,
    zero_sums,
)

# The target duration of a dispatch: short enough for a lively display and for Ctrl-C, long enough
# that its overhead (below a millisecond) does not matter.
CHUNK_SECONDS = 0.25
# One step with large pictures takes longer than that. Each dispatch requests its memory again from
# the system, page by page, so several such steps share a dispatch, of at most these seconds.
CHUNK_STEPS = 4
CHUNK_MOST_SECONDS = 3.0

AHEAD = 2  # batches of a stream sent to the device that it has not yet worked on

Progress = tuple[int, TrainState, dict[str, jax.Array]]
"""Steps of an epoch made so far, the state, and the sums of the metrics over them."""


class Batches(Protocol):
    """What `fit` and `evaluate` need from a data set.

    Attributes:
      batch_size: examples per update.
    """

    batch_size: int

    @property
    def examples(self) -> int:
        """The number of examples, at most."""
        ...

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may hold fewer examples."""
        ...

    def place(self, mesh: Mesh | None) -> None:
        """Moves the examples to the devices of a mesh, now or batch by batch."""
        ...

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes the first steps of an epoch.

        Args:
          number: the number of the epoch, from 0.
          state: the state to start from; its buffers are donated.
          steps: the number of steps.
          key: the random key for training.
          augment: whether to augment the pictures, a bool scalar.

        Yields:
          `Progress`; state and sums are valid until the next one is requested.
        """
        ...

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics over all examples."""
        ...

    def fault(self, state: TrainState) -> str | None:
        """A sentence about unusable numbers in the examples, or None."""
        ...


class Stream(Protocol):
    """The attributes of a stream of batches."""

    batch_size: int

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        ...

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch."""
        ...


def is_stream(inputs: Any) -> bool:
    """Whether an object produces batches, instead of holding all examples."""
    return hasattr(inputs, "epoch") and hasattr(inputs, "steps")


def as_batches(
    inputs: Any,
    labels: Any,
    batch_size: int,
    state: TrainState,
    shuffle_key: jax.Array | None = None,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
    augment: bool | None = None,
) -> Batches:
    """Makes batches of the user's examples.

    Args:
      inputs: (n, …), or a stream, which has its own labels, batch size and order.
      labels: (n,) integers, or targets shaped like the model's output.
      batch_size: examples per step.
      state: the state with the model and the loss.
      shuffle_key: random key for the order of each epoch; None keeps the order of the data.
      class_weight: class to a factor on the loss of its examples; other classes have 1.
      sample_weight: (n,), a factor on the loss of each example.
      augment: for training, whether to use the augmentation; otherwise None.

    Raises:
      ValueError: if lengths differ, there are no examples, or a label or a weight is invalid.
    """
    if is_stream(inputs):
        if sample_weight is not None:
            raise ValueError(
                "sample_weight works only with arrays, whose examples have an order; weight a "
                "stream by class, with class_weight."
            )
        return StreamBatches(inputs, class_weight)
    check_examples(inputs, labels)
    check_text(labels)
    inputs = jnp.asarray(inputs)
    outputs = _outputs(state, inputs, batch_size, augment)
    check_labels(labels, state.loss, outputs)
    importance = example_weights(labels, outputs, class_weight, sample_weight)
    return ArrayBatches(inputs, as_labels(labels), batch_size, shuffle_key, importance)


def _outputs(state: TrainState, inputs: Any, batch_size: int, augment: Any) -> int:
    """Length of the last axis of the model's output; also checks the form of its inputs."""
    if augment is None:
        return output_shape(state, inputs[:1])[-1]
    if state.augment is not None and not augment:
        shape = min(batch_size, len(inputs)), *inputs.shape[1:]
        check_same_form(state.augment, jax.ShapeDtypeStruct(shape, inputs.dtype))
    return output_shape(state, form_learnt(state, inputs[:1]))[-1]


@functools.partial(jax.jit, static_argnames=("count", "padded"))
def epoch_order(key: jax.Array | None, epoch: int, *, count: int, padded: int) -> jax.Array:
    """The order of the examples in one epoch, padded with zeros to full batches.

    Args:
      key: random key for shuffling; None keeps the order of the data.
      epoch: the number of the epoch.
      count: the number of examples.
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
    importance=None,
    batch_size: int,
    mesh: Mesh | None = None,
):
    """Runs the steps first…last − 1 of an epoch; adds to the `sums` of the earlier steps."""

    def step(number, carry):
        state, sums = carry
        batch = take_batch(inputs, labels, order, number, batch_size, importance)
        batch = sharding.constrain(batch, mesh)
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

    form = jax.eval_shape(lambda: take_batch(inputs, labels, order, 0, batch_size))
    sums = zero_sums(params, constants, form, static)
    sums, _ = jax.lax.scan(step, sums, jnp.arange(steps))
    return means(sums, metrics)


class ArrayBatches:
    """Batches of arrays that stay on the device."""

    def __init__(
        self,
        inputs: jax.Array,
        labels: jax.Array,
        batch_size: int,
        shuffle_key: jax.Array | None = None,
        importance: np.ndarray | None = None,
    ):
        self.inputs, self.labels, self.shuffle_key = inputs, labels, shuffle_key
        self.importance = None if importance is None else jnp.asarray(importance)
        self.batch_size = min(batch_size, len(inputs))
        self.mesh: Mesh | None = None
        self._chunk = _Chunk()

    @property
    def examples(self) -> int:
        """The number of examples."""
        return len(self.inputs)

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-self.examples // self.batch_size)

    def place(self, mesh: Mesh | None) -> None:
        """Puts all examples on every device of a mesh."""
        self.mesh = mesh
        self.inputs, self.labels, self.importance = sharding.replicate(
            (self.inputs, self.labels, self.importance), mesh
        )

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes the steps, several in a dispatch; see `Batches`."""
        order = epoch_order(
            self.shuffle_key,
            number,
            count=self.examples,
            padded=self.steps * self.batch_size,
        )
        inputs, labels = (
            jax.ShapeDtypeStruct((self.batch_size, *each.shape[1:]), each.dtype)
            for each in (self.inputs, self.labels)
        )
        form = form_learnt(state, inputs), labels
        sums = zero_sums(state.params, state.constants, form, _measured(state))
        order, sums = sharding.replicate((order, sums), self.mesh)
        done = 0
        while done < steps:
            last = min(done + self._chunk.steps, steps)
            with self._chunk.timed(last - done):
                state, sums = train_on_arrays(
                    state, sums, self.inputs, self.labels, order, augment, done, last, key,
                    importance=self.importance, batch_size=self.batch_size, mesh=self.mesh,
                )  # fmt: skip
                sums["loss"].block_until_ready()
            done = last
            yield done, state, sums

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics; several devices get equal numbers of examples."""
        devices = 1 if self.mesh is None else self.mesh.size
        logs = measure_arrays(
            state.params,
            state.constants,
            self.inputs,
            self.labels,
            _measured(state),
            batch_size=-(-self.batch_size // devices) * devices,
            mesh=self.mesh,
        )
        return {name: float(value) for name, value in logs.items()}

    def fault(self, state: TrainState) -> str | None:
        """Names examples that are not finite."""
        if not jnp.isfinite(self.inputs).all() or not jnp.isfinite(self.labels).all():
            return "Some inputs or labels are infinite or not a number."
        return None


def _measured(state: TrainState) -> Static:
    """The static argument of compiled evaluation."""
    return Static((state.model, state.loss, state.metrics))


class _Chunk:
    """Chooses how many steps to dispatch at once: about CHUNK_SECONDS, more if steps are slow."""

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
        if self._compiled:  # the first dispatch also compiles, so its time is not used
            slow = min(CHUNK_STEPS, int(CHUNK_MOST_SECONDS / per_step))
            self.steps = max(1, slow, round(CHUNK_SECONDS / per_step))
        self._compiled = True


@functools.partial(jax.jit, donate_argnums=(0, 1))
def train_on_batch(state, sums, batch, key, augment):
    """Makes one update; adds to the `sums` of the earlier steps."""
    state, new = train_sums(state, batch, key, augment)
    return state, {name: sums[name] + new[name] for name in sums}


@functools.partial(jax.jit, donate_argnums=0)
def measure_batch(sums, params, constants, batch, static: Static):
    """Adds loss and metrics of one batch to `sums`."""
    new = eval_sums(params, constants, batch, *static.value)
    return {name: sums[name] + new[name] for name in sums}


class StreamBatches:
    """Batches from a stream, for data larger than memory."""

    def __init__(self, stream: Stream, class_weight: Mapping[int, float] | None = None):
        self.stream, self.class_weight = stream, class_weight
        self.batch_size = stream.batch_size
        self.mesh: Mesh | None = None

    @property
    def examples(self) -> int:
        """The number of examples if the last batch is full."""
        return self.steps * self.batch_size

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self.stream.steps

    def place(self, mesh: Mesh | None) -> None:
        """Prepares to divide each later batch among the devices of a mesh."""
        self.mesh = mesh

    def epoch(
        self, number: int, state: TrainState, steps: int, key: jax.Array, augment: ArrayLike
    ) -> Iterator[Progress]:
        """Makes a step for each batch; see `Batches`."""
        sums = None
        waiting: list[jax.Array] = []
        for step, batch in enumerate(self._padded(number, state, augment), start=1):
            if sums is None:
                sums = self._zero_sums(state, (form_learnt(state, batch[0]), *batch[1:3]))
            state, sums = train_on_batch(state, sums, batch, key, augment)
            waiting.append(jnp.copy(sums["weight"]))
            if len(waiting) > AHEAD:
                waiting.pop(0).block_until_ready()
            yield step, state, sums
            if step == steps:
                return

    def measure(self, state: TrainState) -> dict[str, float]:
        """Means of loss and metrics over one epoch."""
        sums: Any = None
        for batch in self._padded(0, state):
            if sums is None:
                sums = self._zero_sums(state, batch[:3])
            sums = measure_batch(sums, state.params, state.constants, batch[:3], _measured(state))
        return {name: float(value) for name, value in means(sums, state.metrics).items()}

    def _zero_sums(self, state: TrainState, batch: tuple) -> dict[str, jax.Array]:
        sums = zero_sums(state.params, state.constants, batch, _measured(state))
        return sharding.replicate(sums, self.mesh)

    def fault(self, state: TrainState) -> None:
        """Returns None: the examples are no longer available."""

    def _padded(
        self, number: int, state: TrainState, augment: ArrayLike | None = None
    ) -> Iterator[tuple[jax.Array, ...]]:
        """Inputs, labels and weights of an epoch on the device, all of one batch size.

        The weights, float32 (batch_size,), are 0 for the rows that pad the last batch. With
        class weights there is a fourth array: a factor on the loss of each row.
        """
        outputs = None
        for inputs, labels in self.stream.epoch(number):
            check_text(labels)
            if outputs is None:
                outputs = _outputs(state, inputs, self.batch_size, augment)
            check_labels(labels, state.loss, outputs)
            importance = example_weights(labels, outputs, self.class_weight)
            missing = self.batch_size - len(labels)
            weights = np.ones(self.batch_size, np.float32)
            if missing:
                rows = np.arange(self.batch_size) % len(labels)
                inputs, labels = inputs[rows], labels[rows]
                importance = None if importance is None else importance[rows]
                weights[-missing:] = 0
            batch = inputs, labels, weights
            if importance is not None:
                batch = *batch, importance
            yield sharding.shard(batch, self.mesh)
