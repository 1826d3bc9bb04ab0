"""`fit`: training over whole data sets that stay on the device, or over streams.

`fit` dispatches many steps at once: a compiled loop picks its batches out of the data on the
device, so nothing crosses between host and device but a few numbers per chunk of steps. The loop's
bounds are arguments, so an epoch can be cut into chunks (for the progress display, and so that
Ctrl-C is heard) without compiling again and without changing a bit of the result.
"""

import functools
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from lib.train import losses, progress, sharding
from lib.train.callbacks import Callback
from lib.train.examples import as_labels, check_examples, take_batch
from lib.train.history import History
from lib.train.inference import EVALUATION_BATCH, measure, zero_sums
from lib.train.state import TrainState
from lib.train.steps import apply_model, check_same_form, means, train_sums
from lib.train.streaming import is_stream, train_on_stream

# A dispatch aims at this many seconds: short enough for a lively display and for Ctrl-C, long
# enough that its own cost (below a millisecond) does not show.
CHUNK_SECONDS = 0.25
# Large pictures take longer for a step than that. Each dispatch gets its memory anew from the
# system, page by page, so several such steps go together, but for no more than these seconds.
CHUNK_STEPS = 4
CHUNK_MOST_SECONDS = 3.0


class TrainingDiverged(RuntimeError):
    """The loss became infinite or not a number.

    Attributes:
      history: the `History` of the epochs that ended before.
    """

    def __init__(self, message: str, history: "History"):
        """Takes the sentence for the reader and the history so far."""
        super().__init__(message)
        self.history = history


@functools.partial(jax.jit, static_argnames=("count", "padded", "shuffle"))
def _order(key, epoch, *, count: int, padded: int, shuffle: bool):
    """The order of the examples in one epoch, filled up with zeros to whole batches."""
    places = jnp.arange(count, dtype=jnp.int32)
    if shuffle:
        places = jax.random.permutation(jax.random.fold_in(key, epoch), places)
    return jnp.pad(places, (0, padded - count))


@functools.partial(jax.jit, static_argnames=("batch_size", "mesh"), donate_argnums=(0, 1))
def _train_steps(
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
        batch = sharding.divided(take_batch(inputs, labels, order, number, batch_size), mesh)
        state, new = train_sums(state, batch, key, augment)
        return state, {name: sums[name] + new[name] for name in sums}

    return jax.lax.fori_loop(first, last, step, (state, sums))


def _steps_in_epoch(examples: int, batch_size: int, steps_per_epoch: int | None) -> int:
    whole = -(-examples // batch_size)
    if steps_per_epoch is None:
        return whole
    if not 1 <= steps_per_epoch <= whole:
        raise ValueError(
            f"steps_per_epoch is {steps_per_epoch}, but {examples} examples in batches of "
            f"{batch_size} make {whole} steps: choose 1 to {whole}, or a smaller batch."
        )
    return steps_per_epoch


def fit(
    state: TrainState,
    inputs: Any,
    labels: Any = None,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    key: jax.Array | None = None,
    validation: Any = None,
    callbacks: Sequence[Callback] = (),
    augment: bool = True,
    steps_per_epoch: int | None = None,
    shuffle: bool = True,
    initial_epoch: int = 0,
    verbose: str | int = "auto",
    devices: Sequence[Any] | None = None,
) -> tuple[TrainState, History]:
    """Trains a model on a data set, on all devices there are.

    The examples are shuffled anew each epoch. The last batch of an epoch may be smaller; it is used
    and weighs as many examples as it has. The same state, data and key give the same bits
    on the same devices. Several devices divide each batch among them and come to the same results
    up to rounding; with several processes (`jax.distributed.initialize`), each is called with the
    same arguments.

    Args:
      state: where to start, from `create_state` or an earlier `fit`; it stays valid.
      inputs: (n, …); uint8 pictures stay uint8 on the device and are scaled batch by batch. Or a
        stream of batches (`lib.data.stream`), for what is larger than memory; it has its own
        labels, batch size and order.
      labels: (n,) integers, or targets shaped like the model's output.
      epochs: how often to go through the data, at most.
      batch_size: examples per update.
      key: random key for shuffling and dropout; None means `jax.random.key(0)`.
      validation: (inputs, labels) or a stream to measure after every epoch, reported as `val_…`.
      callbacks: asked after every epoch whether to stop; see `lib.train.callbacks`.
      augment: False leaves the pictures as they are, although the state has an augmentation: for
        a while at the beginning, or to find a mistake. It is the same compiled code, so that
        another `fit` goes on with augmentation at once.
      steps_per_epoch: updates per epoch if fewer than the whole data makes; the
        next epoch shuffles anew.
      shuffle: False keeps the order of the data.
      initial_epoch: how many of the `epochs` are done already. With the state they left, the same
        data and key, the rest gives the same bits as if there had been no pause.
      verbose: "auto" (a bar on a terminal, lines elsewhere), 0 (quiet), 1 (bar), 2 (lines). Of
        several processes the first alone shows anything.
      devices: to train on; None means all, of all processes. As many are used as divide the batch.

    Returns:
      The trained state, on one device, and a `History` with one entry per epoch.

    Raises:
      ValueError: if lengths differ, there are no examples, a label cannot be one, a number is out
        of range, an augmentation of another form is to be left out, or two streams have other
        classes; with several processes also if the devices do not divide the batch.
      TrainingDiverged: if the loss becomes infinite or not a number.
    """
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs and batch_size are 1 or more; got {epochs} and {batch_size}.")
    if not 0 <= initial_epoch <= epochs:
        raise ValueError(f"initial_epoch is {initial_epoch}; with {epochs} epochs it is 0 to that.")
    key = jax.random.key(0) if key is None else key
    shuffle_key, step_key = jax.random.split(key)
    changes = jnp.asarray(augment)
    if is_stream(inputs):
        _check_same_classes(inputs, validation)
        steps = _steps_in_epoch(
            inputs.steps * inputs.batch_size, inputs.batch_size, steps_per_epoch
        )
        mesh = sharding.mesh_for(inputs.batch_size, devices)

        def run_epoch(epoch: int, state: TrainState) -> Iterator[tuple[int, TrainState, dict]]:
            sums = sharding.everywhere(zero_sums(state.metrics), mesh)
            return train_on_stream(state, sums, inputs, epoch, steps, step_key, changes, mesh)

    else:
        check_examples(inputs, labels, state.loss)
        batch_size = min(batch_size, len(inputs))
        if state.augment is not None and not augment:
            shape = batch_size, *np.shape(inputs)[1:]
            check_same_form(state.augment, jax.ShapeDtypeStruct(shape, jnp.result_type(inputs)))
        mesh = sharding.mesh_for(batch_size, devices)
        inputs, labels = sharding.everywhere((jnp.asarray(inputs), as_labels(labels)), mesh)
        steps = _steps_in_epoch(len(inputs), batch_size, steps_per_epoch)
        padded = -(-len(inputs) // batch_size) * batch_size
        chunk = _Chunk(steps)

        def run_epoch(epoch: int, state: TrainState) -> Iterator[tuple[int, TrainState, dict]]:
            order = _order(shuffle_key, epoch, count=len(inputs), padded=padded, shuffle=shuffle)
            order, sums = sharding.everywhere((order, zero_sums(state.metrics)), mesh)
            done = 0
            while done < steps:
                last = min(done + chunk.steps, steps)
                with chunk.timed(last - done):
                    state, sums = _train_steps(
                        state, sums, inputs, labels, order, changes, done, last, step_key,
                        batch_size=batch_size, mesh=mesh,
                    )  # fmt: skip
                    sums["loss"].block_until_ready()
                done = last
                yield done, state, sums

    if validation is not None and not is_stream(validation):
        images, answers = validation
        check_examples(images, answers, state.loss)
        validation = sharding.everywhere((jnp.asarray(images), as_labels(answers)), mesh)
    # The loop donates its state; the caller's stays alive.
    state = jax.device_put(state, may_alias=False)
    state, step_key, changes = sharding.everywhere((state, step_key, changes), mesh)
    history = History()
    shown = progress.display(verbose if jax.process_index() == 0 else 0, epochs, steps)
    try:
        for epoch in range(initial_epoch, epochs):
            logs, told = {}, time.perf_counter()
            made = run_epoch(epoch, state)
            for done, state, sums in made:
                if done < steps and time.perf_counter() - told < CHUNK_SECONDS / 2:
                    continue  # a stream's single steps
                logs = {name: float(value) for name, value in means(sums).items()}
                told = time.perf_counter()
                if not math.isfinite(logs["loss"]):
                    why = _why_diverged(epoch, logs["loss"], state, inputs, labels)
                    raise TrainingDiverged(why, history)
                shown.step(epoch, done, logs)
            if validation is not None:
                measured: Any = (validation, None) if is_stream(validation) else validation
                values = measure(state, *measured, EVALUATION_BATCH, mesh)
                logs |= {f"val_{name}": value for name, value in values.items()}
            history.logs.append(logs)
            shown.epoch(epoch, logs)
            # Every callback is asked, also when an earlier one has said stop.
            answers = [callback.on_epoch_end(epoch, dict(logs), state) for callback in callbacks]
            if any(answers):
                break
    finally:
        shown.close()
    for callback in callbacks:
        if hasattr(callback, "on_train_end"):
            state = callback.on_train_end(state)  # type: ignore[attr-defined]
    # Last: a callback may have put back parameters that it kept from an earlier epoch.
    state = sharding.at_home(state, mesh)
    return state, history


def _check_same_classes(learning: Any, validation: Any) -> None:
    """Refuses streams whose labels stand for other classes."""
    ours, theirs = (getattr(stream, "class_names", None) for stream in (learning, validation))
    if ours is not None and theirs is not None and ours != theirs:
        raise ValueError(
            f"The stream to learn from has the classes {', '.join(ours)}, and the one to measure "
            f"with {', '.join(theirs)}: open both with the same class_names."
        )


def _why_diverged(epoch: int, loss: float, state: TrainState, inputs: Any, labels: Any) -> str:
    cause = (
        "Usually the learning rate is too large (try a tenth of it), or the inputs are not scaled "
        "to about 0…1."
    )
    if not is_stream(inputs):
        outputs = jax.eval_shape(
            functools.partial(apply_model, state.model, constants=state.constants),
            state.params,
            inputs[:1],
        )
        if not jnp.isfinite(inputs).all() or not jnp.isfinite(labels).all():
            cause = "Among the inputs or labels are some that are infinite or not a number."
        elif state.loss is losses.softmax_cross_entropy and labels.max() >= outputs.shape[-1]:
            cause = (
                f"The largest label is {labels.max()}, but the model has {outputs.shape[-1]} "
                f"outputs, for labels 0 to {outputs.shape[-1] - 1}."
            )
    return f"The loss became {loss} in epoch {epoch + 1}, so the training stopped. {cause}"


class _Chunk:
    """How many steps to dispatch at once: about CHUNK_SECONDS, more where steps are slow."""

    def __init__(self, steps: int):
        self.most = steps
        self.steps = min(steps, 8)
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
            self.steps = max(1, min(self.most, max(slow, round(CHUNK_SECONDS / per_step))))
        self._compiled = True
