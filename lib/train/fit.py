"""`fit`: training over entire data sets that stay on the device, or over streams."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lib.train import progress, sharding
from lib.train.batches import CHUNK_SECONDS, Batches, as_batches, is_stream
from lib.train.callbacks import Callback
from lib.train.history import History
from lib.train.inference import EVALUATION_BATCH
from lib.train.state import TrainState, check_state
from lib.train.steps import means


class TrainingDiverged(RuntimeError):
    """The loss became infinite or not a number.

    Attributes:
      history: the `History` of the epochs that were finished.
    """

    def __init__(self, message: str, history: "History"):
        super().__init__(message)
        self.history = history


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
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Any = None,
) -> tuple[TrainState, History]:
    """Trains a model on a data set, on all available devices.

    The examples are shuffled again in every epoch. The last batch of an epoch may be smaller; it is
    used, and its weight is its number of examples. The same state, data and key give the same bits
    on the same devices. Several devices divide each batch among them and reach the same results
    up to rounding. With several processes (`jax.distributed.initialize`), call `fit` in each with
    the same arguments.

    Args:
      state: the state to start from, from `create_state` or an earlier `fit`; it stays valid.
      inputs: (n, …); uint8 pictures stay uint8 on the device and are scaled batch by batch. Or a
        stream of batches (`lib.data.stream.stream_folder`), for data larger than memory; it has
        its own labels, batch size and order.
      labels: (n,) integers, or targets shaped like the model's output.
      epochs: the most passes over the data.
      batch_size: examples per update.
      key: random key for shuffling and dropout; None means `jax.random.key(0)`.
      validation: (inputs, labels) or a stream to measure after every epoch, reported as `val_…`.
      callbacks: called after every epoch; each may stop the training; see `lib.train.callbacks`.
      augment: False leaves the pictures unchanged even if the state has an augmentation, for the
        first epochs, or to find a mistake. The compiled code is the same, so another `fit` can
        continue with augmentation at once.
      steps_per_epoch: updates per epoch, if fewer than a full pass over the data; the
        next epoch shuffles again.
      shuffle: False keeps the order of the data.
      initial_epoch: how many of the `epochs` are already done. With the state after these, the same
        data and the same key, the rest gives the same bits as training without a pause. If a
        callback had stopped the training before `lib.Checkpoint` resumed it, it stays stopped.
      verbose: "auto" (a bar on a terminal, lines elsewhere), 0 (quiet), 1 (bar), 2 (lines). Of
        several processes, only the first shows anything.
      devices: the devices to train on; None means all, of all processes. The number of devices used
        is one that divides the batch.
      class_weight: class to a factor on the loss of its examples, as in Keras: {1: 5.0} counts the
        examples of a rare class 1 five times. Classes not listed have 1; metrics and validation
        ignore these factors.
      sample_weight: (n,), a factor on the loss of each example; multiplied by `class_weight` if you
        pass both.

    Returns:
      The trained state, on one device, and a `History` with one entry per epoch.

    Raises:
      ValueError: if lengths differ, there are no examples, a label or a weight is invalid, a number
        is out of range, `augment` is False but the augmentation changes shape or dtype, two streams
        have different classes, or the model's dropout never runs; with several processes also if
        the batch cannot be divided among the devices.
      TypeError: if the state is not a training state, or another argument has the wrong type.
      TrainingDiverged: if the loss becomes infinite or not a number.
    """
    check_state(state, has_loss=True)
    _check_callbacks(callbacks)
    _check_validation(validation)
    if isinstance(key, int):
        raise TypeError(f"key must be a random key, such as jax.random.key({key}); got {key}.")
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs and batch_size must be 1 or more; got {epochs} and {batch_size}.")
    if not 0 <= initial_epoch <= epochs:
        raise ValueError(
            f"With {epochs} epochs, initial_epoch must be 0 to {epochs}; got {initial_epoch}."
        )
    _check_same_classes(inputs, validation)
    shuffle_key, step_key = jax.random.split(jax.random.key(0) if key is None else key)
    order = shuffle_key if shuffle else None
    batches = as_batches(
        inputs, labels, batch_size, state, order, class_weight, sample_weight, augment
    )
    steps = _steps_in_epoch(batches, steps_per_epoch)
    mesh = sharding.mesh_for(batches.batch_size, devices)
    batches.place(mesh)
    held_out = None
    if validation is not None:
        images, answers = (validation, None) if is_stream(validation) else validation
        held_out = as_batches(images, answers, EVALUATION_BATCH, state)
        held_out.place(mesh)
    # The steps donate their state; this copy keeps the caller's valid.
    state = jax.device_put(state, may_alias=False)
    state, step_key, changes = sharding.replicate((state, step_key, jnp.asarray(augment)), mesh)
    history = History(first=initial_epoch)
    # Callbacks that save the memory of others are called after them.
    keepers = [each for each in callbacks if hasattr(each, "watch_over")]
    callbacks = [each for each in callbacks if each not in keepers] + keepers
    if any([keeper.watch_over(callbacks, initial_epoch) for keeper in keepers]):  # type: ignore
        if verbose != 0 and jax.process_index() == 0:
            print(f"A callback stopped this run after epoch {initial_epoch}, so it ends there.")
        epochs = initial_epoch
    # A step computes forwards and backwards, about three times the work of measuring its examples.
    measured = 0 if held_out is None else -(-held_out.examples // (3 * batches.batch_size))
    shown = progress.display(
        verbose if jax.process_index() == 0 else 0, epochs, steps, initial_epoch, measured
    )
    try:
        for epoch in range(initial_epoch, epochs):
            logs, told = {}, time.perf_counter()
            made = batches.epoch(epoch, state, steps, step_key, changes)
            for done, state, sums in made:
                if done < steps and time.perf_counter() - told < CHUNK_SECONDS / 2:
                    continue  # a stream's single steps
                logs = {k: float(value) for k, value in means(sums, state.metrics).items()}
                told = time.perf_counter()
                if not math.isfinite(logs["loss"]):
                    raise TrainingDiverged(_why(epoch, logs["loss"], batches, state), history)
                shown.step(epoch, done, logs)
            if held_out is not None:
                shown.measuring()
                logs |= {f"val_{name}": mean for name, mean in held_out.measure(state).items()}
            history.logs.append(logs)
            shown.epoch(epoch, logs)
            # Every callback is called, even if an earlier one has said stop.
            answers = [callback.on_epoch_end(epoch, dict(logs), state) for callback in callbacks]
            if any(answers):
                break
    finally:
        shown.close()
    for callback in callbacks:
        if hasattr(callback, "on_train_end"):
            state = callback.on_train_end(state)  # type: ignore[attr-defined]
    # Last, because a callback may have restored parameters from an earlier epoch.
    return sharding.gather(state, mesh), history


def _check_callbacks(callbacks: Any) -> None:
    if not isinstance(callbacks, Sequence):
        raise TypeError(
            f"callbacks must be a list of callbacks: callbacks=[…]; got {callbacks!r:.80}."
        )
    for each in callbacks:
        if isinstance(each, type) or not hasattr(each, "on_epoch_end"):
            raise TypeError(
                "A callback must be an object with a method on_epoch_end(epoch, logs, state), such "
                f"as lib.EarlyStopping(); got {each!r:.80}."
            )


def _check_validation(validation: Any) -> None:
    if validation is None or is_stream(validation):
        return
    if isinstance(validation, int | float):
        raise TypeError(
            f"validation must be (inputs, labels) or a stream; got {validation}. To hold back that "
            f"share of a folder, use lib.load_folder(…, validation={validation}); to hold back "
            "that share of arrays, shuffle them and take the last rows."
        )
    if len(validation) != 2:
        raise ValueError(
            f"validation must be a pair, (inputs, labels); its length is {len(validation)}."
        )
    if len(validation[0]) == 0:
        raise ValueError(
            "The validation set is empty. Hold pictures back with lib.load_folder(…, "
            "validation=0.2), or leave validation out."
        )


def _steps_in_epoch(batches: Batches, steps_per_epoch: int | None) -> int:
    if steps_per_epoch is None:
        return batches.steps
    if not 1 <= steps_per_epoch <= batches.steps:
        raise ValueError(
            f"steps_per_epoch is {steps_per_epoch}, but {batches.examples} examples in batches of "
            f"{batches.batch_size} make {batches.steps} steps: choose 1 to {batches.steps}, or a "
            "smaller batch size."
        )
    return steps_per_epoch


def _check_same_classes(learning: Any, validation: Any) -> None:
    """Refuses streams with different classes."""
    ours, theirs = (getattr(stream, "class_names", None) for stream in (learning, validation))
    if ours is not None and theirs is not None and ours != theirs:
        raise ValueError(
            f"The training stream has the classes {', '.join(ours)}, but the validation stream has "
            f"{', '.join(theirs)}: open both with the same class_names."
        )


def _why(epoch: int, loss: float, batches: Batches, state: TrainState) -> str:
    cause = batches.fault(state) or (
        "Usually the learning rate is too large (try a tenth of it), or the inputs are not scaled "
        "to about 0…1."
    )
    return f"The loss became {loss} in epoch {epoch + 1}, so training stopped. {cause}"
