"""Callbacks: objects that `fit` calls after every epoch, and that may stop training.

Any object with a method `on_epoch_end(epoch, logs, state)` will do. `epoch` counts from 0, `logs`
maps metric names to floats, and a truthy return value stops training. `state` is valid only
during the call: the next epoch reuses its memory, so copy what you want to keep. If there is a
method `on_train_end(state)`, it returns the state that `fit` returns.

A callback with `state_dict()`, which returns its memory, and `load_state_dict(memory)` also
continues when `lib.Checkpoint` resumes training. The memory is a dict of plain values and of
nested dicts of arrays. The attribute `stopped` is true if the callback would stop training
because of its memory.
"""

import csv
import os
import warnings
from collections.abc import Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from lib.paths import place
from lib.train.improvement import Best, value_of
from lib.train.state import TrainState


class Callback(Protocol):
    """What `fit` needs from a callback."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> bool | None:
        """Returns whether to stop after this epoch."""


class StopWhen:
    """Stops after the first epoch in which a metric passes a threshold.

    A metric that is not in the logs never stops training.
    """

    def __init__(self, metric: str, *, above: float | None = None, below: float | None = None):
        """Watches one metric.

        Args:
          metric: its name in the logs: "accuracy", "loss", "val_accuracy", …
          above: stop when the metric is larger than this, or
          below: stop when it is smaller than this.

        Raises:
          ValueError: unless exactly one of `above` and `below` is given.
        """
        if (above is None) == (below is None):
            raise ValueError("StopWhen takes exactly one of above=… and below=….")
        self.metric, self.above, self.below = metric, above, below
        self._value: float | None = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> bool:
        """Returns whether the metric is past the threshold."""
        self._value = logs.get(self.metric)
        return self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the metric was past the threshold after the last epoch."""
        if self._value is None:
            return False
        if self.above is not None:
            return self._value > self.above
        return self.below is not None and self._value < self.below

    def state_dict(self) -> dict[str, Any]:
        """The metric and its last value."""
        return {"metric": self.metric, "value": self._value}

    def load_state_dict(self, memory: Mapping[str, Any]) -> None:
        """Restores the return value of `state_dict`, if it is for the same metric."""
        if memory["metric"] == self.metric:
            self._value = memory["value"]


class EarlyStopping:
    """Stops when a metric has not improved for a while, and restores the best parameters.

    You can use one object for several training runs: at epoch 0 it starts again; a run that
    continues at `initial_epoch` uses what the object remembers. `lib.Checkpoint` saves this memory
    in its file, for an object in another process.

    Attributes:
      best_epoch: number of the best epoch, from 0; None if there is none yet.
      best_value: the metric in that epoch, or None.
      best_params: a copy of its parameters, or None.
    """

    def __init__(
        self,
        metric: str = "val_loss",
        patience: int = 0,
        min_delta: float = 0.0,
        mode: str = "auto",
    ):
        """Watches one metric.

        Args:
          metric: its name in the logs.
          patience: training stops after this many epochs in a row without improvement, as in
            Keras and Lightning. 1 stops at the first such epoch; so does 0.
          min_delta: an improvement counts only if it is larger than this, 0 or more.
          mode: "min" if a smaller value is better, "max" if a larger one is; "auto" decides by
            the name of a loss, an error, an accuracy, precision, recall, AUC or F1. NaN is never
            an improvement.

        Raises:
          ValueError: if patience or min_delta is negative, or "auto" cannot decide by the name.
        """
        if patience < 0:
            raise ValueError(f"patience must be 0 or more; got {patience}.")
        self.metric, self.patience, self.min_delta, self.mode = metric, patience, min_delta, mode
        self._forget()

    def _forget(self) -> None:
        self._best = Best(self.metric, self.mode, self.min_delta)
        self._waited = 0
        self.best_epoch: int | None = None
        self.best_params: Any = None

    @property
    def best_value(self) -> float | None:
        """The metric in the best epoch, or None."""
        return self._best.value

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> bool:
        """Copies the parameters when the metric improves; returns whether patience has run out.

        Raises:
          KeyError: if the metric is not in the logs.
        """
        if epoch == 0:
            self._forget()
        elif self.best_value is None and not self._waited:
            warnings.warn(
                f"EarlyStopping knows nothing of the {epoch} earlier epochs: if one of them was "
                "the best, its parameters cannot be restored. lib.Checkpoint saves what "
                "EarlyStopping knows: call state, done = checkpoint.resume(state), and pass both "
                "as callbacks.",
                stacklevel=2,
            )
        if self._best.improved(value_of(self.metric, logs, "EarlyStopping")):
            self._waited = 0
            self.best_epoch = epoch
            self.best_params = jax.tree.map(jnp.copy, state.params)
            return False
        self._waited += 1
        return epoch > 0 and self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the epochs without improvement have reached the limit of patience."""
        return self._waited >= max(1, self.patience)

    def state_dict(self) -> dict[str, Any]:
        """Its memory: the best value, its epoch and parameters, and the epochs since."""
        return {
            "metric": self.metric,
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
            "best_params": self.best_params,
        }

    def load_state_dict(self, memory: Mapping[str, Any]) -> None:
        """Restores the return value of `state_dict`; ignores it if it is for another metric."""
        self._forget()
        if memory["metric"] == self.metric:
            self._best.value = memory["best_value"]
            self._waited = memory["waited"]
            self.best_epoch, self.best_params = memory["best_epoch"], memory["best_params"]

    def on_train_end(self, state: TrainState) -> TrainState:
        """Returns the state with the best parameters instead of the last ones."""
        if self.best_params is None:
            if self._waited:
                warnings.warn(
                    f"{self.metric} was not a number in any epoch, so EarlyStopping found no best "
                    "epoch and keeps the last parameters. An AUC needs examples of both kinds: "
                    "check the labels of the validation set, or watch another metric.",
                    stacklevel=2,
                )
            return state
        return state.replace(params=jax.tree.map(jnp.copy, self.best_params))


class LogHistory:
    """Writes the logs of every epoch to a CSV file, one row per epoch, immediately.

    A training run that continues at `initial_epoch` also continues the file: rows of earlier epochs
    stay, a repeated epoch replaces its old row, and a metric that appears later gets a new column.
    Of several processes, only the first writes.
    """

    def __init__(self, path: str | os.PathLike):
        """Takes the path of the file; epoch 0 overwrites it.

        Args:
          path: the CSV file; missing folders are created.

        Raises:
          TypeError: if it is not a path.
          ValueError: if the path cannot be a file.
        """
        self.path = place(path)
        self._next, self._columns = 0, []  # the epoch that can be appended, and its columns

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> None:
        """Adds one row: epoch, then every metric.

        Raises:
          ValueError: if training continues but the file is not such a log; it is not changed.
        """
        if jax.process_index() != 0:
            return
        row = {"epoch": epoch, **logs}
        if epoch and epoch == self._next and self._columns == list(row):
            with open(self.path, "a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(row.values())
        else:
            earlier = self._rows_before(epoch) if epoch else []
            columns = list(dict.fromkeys(name for each in (*earlier, row) for name in each))
            # Written completely or not at all: the existing rows took a long time to compute.
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = f"{os.fspath(self.path)}.part"
            with open(part, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows([*earlier, row])
            os.replace(part, self.path)
            self._columns = columns
        self._next = epoch + 1

    def _rows_before(self, epoch: int) -> list[dict[str, Any]]:
        """The file's rows of earlier epochs, each once."""
        try:
            with open(self.path, newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, restval="")
                rows = {int(row["epoch"]): row for row in reader if None not in row}
        except FileNotFoundError:
            return []
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{os.fspath(self.path)} is not a log of LogHistory, so it cannot be continued: "
                "its rows must begin with the number of an epoch. Name another file, or remove it."
            ) from error
        return [rows[number] for number in sorted(rows) if number < epoch]
