"""Callbacks: objects that `fit` asks after every epoch whether to stop.

Anything with a method `on_epoch_end(epoch, logs, state)` will do. `epoch` counts from 0, `logs`
maps metric names to floats, and a truthy answer stops the training. `state` is valid during the
call only: its memory is reused by the next epoch, so copy what you want to keep. A method
`on_train_end(state)`, where there is one, returns the state that `fit` gives back.
"""

import csv
import math
import os
from collections.abc import Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp

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

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> bool:
        """Answers whether the metric is past the threshold."""
        value = logs.get(self.metric)
        if value is None:
            return False
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below


class EarlyStopping:
    """Stops when a metric has not improved for a while, and gives back the best parameters seen.

    Metrics whose name ends in "accuracy" are better when larger, all others when smaller.
    One object can serve several trainings: at epoch 0 it starts afresh; a training that goes on at
    `initial_epoch` takes up what the object has seen.
    """

    def __init__(self, metric: str = "val_loss", patience: int = 0, min_delta: float = 0.0):
        """Watches one metric.

        Args:
          metric: its name in the logs.
          patience: how many epochs without improvement are borne before stopping, 0 or more.
          min_delta: an improvement counts only if it is larger than this, 0 or more.

        Raises:
          ValueError: if patience or min_delta is negative.
        """
        if patience < 0 or min_delta < 0:
            raise ValueError(
                f"patience and min_delta are 0 or more; got {patience} and {min_delta}."
            )
        self.metric, self.patience, self.min_delta = metric, patience, min_delta
        self._sign = 1.0 if metric.endswith("accuracy") else -1.0
        self._forget()

    def _forget(self) -> None:
        self.best_epoch: int | None = None
        self.best_value: float | None = None
        self.best_params: Any = None
        self._best = -math.inf
        self._waited = 0

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> bool:
        """Copies the parameters when the metric improves; answers whether patience is over.

        Raises:
          KeyError: if the logs do not hold the metric.
        """
        if epoch == 0:
            self._forget()
        if self.metric not in logs:
            raise KeyError(
                f"EarlyStopping watches {self.metric!r}, but the logs hold "
                f"{', '.join(sorted(logs))}. val_… metrics need fit(validation=(inputs, labels))."
            )
        value = self._sign * logs[self.metric]
        if self.best_epoch is None or value > self._best + self.min_delta:
            self._best, self._waited = value, 0
            self.best_epoch, self.best_value = epoch, logs[self.metric]
            self.best_params = jax.tree.map(jnp.copy, state.params)
            return False
        self._waited += 1
        return self._waited > self.patience

    def on_train_end(self, state: TrainState) -> TrainState:
        """Returns the state with the best parameters in place of the last ones."""
        if self.best_params is None:
            return state
        return state.replace(params=jax.tree.map(jnp.copy, self.best_params))


class LogHistory:
    """Writes the logs of every epoch to a CSV file, a row per epoch, flushed at once.

    Of several processes the first alone writes.
    """

    def __init__(self, path: str | os.PathLike):
        """Names the file; it is written anew at epoch 0.

        Args:
          path: the CSV file; its folder must exist.
        """
        self.path = path

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> None:
        """Appends one row: epoch, then every metric."""
        if jax.process_index() != 0:
            return
        first = epoch == 0
        with open(self.path, "w" if first else "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if first:
                writer.writerow(["epoch", *logs])
            writer.writerow([epoch, *logs.values()])
