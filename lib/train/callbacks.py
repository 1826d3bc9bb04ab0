"""Callbacks: objects that `fit` asks after every epoch whether to stop.

Anything with a method `on_epoch_end(epoch, logs, state)` will do. `epoch` counts from 0, `logs`
maps metric names to floats, and a truthy answer stops the training. `state` is valid during the
call only: its memory is reused by the next epoch, so copy what you want to keep. A method
`on_train_end(state)`, where there is one, returns the state that `fit` gives back.

A callback with `state_dict()`, which returns what it remembers, and `load_state_dict(memory)` goes
on as well when `lib.Checkpoint` resumes a training. The memory is a dict of plain values and of
nested dicts of arrays. The attribute `stopped` says that it would stop the training by what it
remembers.
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
    """What `fit` needs of a callback."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> bool | None:
        """Answers whether to stop after this epoch."""


class StopWhen:
    """Stops after the first epoch in which a metric passes a threshold.

    A metric that the logs do not hold never stops the training.
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
            raise ValueError("StopWhen takes either above=… or below=…, one of the two.")
        self.metric, self.above, self.below = metric, above, below
        self._value: float | None = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> bool:
        """Answers whether the metric is past the threshold."""
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
        """Takes up what `state_dict` has returned, of the same metric."""
        if memory["metric"] == self.metric:
            self._value = memory["value"]


class EarlyStopping:
    """Stops when a metric has not improved for a while, and gives back the best parameters seen.

    One object can serve several trainings: at epoch 0 it starts afresh; a training that goes on at
    `initial_epoch` takes up what the object has seen. `lib.Checkpoint` keeps that in its file, for
    an object of another process.

    Attributes:
      best_epoch: number of the best epoch, from 0; None as long as there is none.
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
          patience: after how many epochs in a row without improvement the training stops, as in
            Keras and Lightning. 1 stops at the first such epoch; so does 0.
          min_delta: an improvement counts only if it is larger than this, 0 or more.
          mode: "min" if the metric is better when smaller, "max" if when larger; "auto" tells it by
            the name of a loss, an error, an accuracy, precision, recall, AUC or F1. NaN is never
            an improvement.

        Raises:
          ValueError: if patience or min_delta is negative, or "auto" cannot tell by the name.
        """
        if patience < 0:
            raise ValueError(f"patience is 0 or more; got {patience}.")
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
        """Copies the parameters when the metric improves; answers whether patience is over.

        Raises:
          KeyError: if the logs do not hold the metric.
        """
        if epoch == 0:
            self._forget()
        elif self.best_value is None and not self._waited:
            warnings.warn(
                f"EarlyStopping knows nothing of the {epoch} epochs before: should they have been "
                "better than what comes, their parameters are not given back. lib.Checkpoint keeps "
                "what it knows: state, done = checkpoint.resume(state), and both among callbacks.",
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
        """Whether there have been as many epochs without improvement as patience allows."""
        return self._waited >= max(1, self.patience)

    def state_dict(self) -> dict[str, Any]:
        """What it has seen: the best value, its epoch and parameters, and the epochs since."""
        return {
            "metric": self.metric,
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
            "best_params": self.best_params,
        }

    def load_state_dict(self, memory: Mapping[str, Any]) -> None:
        """Takes up what `state_dict` has returned; what it says of another metric is left."""
        self._forget()
        if memory["metric"] == self.metric:
            self._best.value = memory["best_value"]
            self._waited = memory["waited"]
            self.best_epoch, self.best_params = memory["best_epoch"], memory["best_params"]

    def on_train_end(self, state: TrainState) -> TrainState:
        """Returns the state with the best parameters in place of the last ones."""
        if self.best_params is None:
            if self._waited:
                warnings.warn(
                    f"{self.metric} was not a number in any epoch, so EarlyStopping knows of no "
                    "best one and gives the last parameters back. An AUC needs examples of both "
                    "kinds: look at the labels of the validation set, or watch another metric.",
                    stacklevel=2,
                )
            return state
        return state.replace(params=jax.tree.map(jnp.copy, self.best_params))


class LogHistory:
    """Writes the logs of every epoch to a CSV file, a row per epoch, on the disk at once.

    A training that goes on at `initial_epoch` goes on with the file: rows of earlier epochs stay,
    an epoch that is made again gets a new row in place of the old one, and a metric that comes
    later a column of its own. Of several processes the first alone writes.
    """

    def __init__(self, path: str | os.PathLike):
        """Names the file; it is written anew at epoch 0.

        Args:
          path: the CSV file; missing folders are made.

        Raises:
          TypeError: if it is no path.
          ValueError: if there can be no such file.
        """
        self.path = place(path)
        self._next, self._columns = 0, []  # the epoch that can be appended, and what it holds

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> None:
        """Adds one row: epoch, then every metric.

        Raises:
          ValueError: if a training goes on and the file is no such log; it stays as it is.
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
            # Whole or not at all: what is there took long to compute.
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
                f"{os.fspath(self.path)} is no log of LogHistory that could be gone on with: its "
                "rows should begin with the number of an epoch. Name another file, or remove it."
            ) from error
        return [rows[number] for number in sorted(rows) if number < epoch]
