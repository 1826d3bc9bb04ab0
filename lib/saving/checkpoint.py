"""Saves parameters and training states, and goes on from them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import jax

from lib.saving.archive import (
    MODEL,
    PARAMETERS,
    STATE,
    CheckpointError,
    Path,
    _leaves,
    fitted,
    nested,
    place,
    read,
    write,
)
from lib.train.improvement import Best, value_of
from lib.train.state import TrainState

_CALLBACKS = "callbacks/"


def save_params(path: Path, params: Any) -> None:
    """Saves a model's parameters in one file.

    Args:
      path: the file, `.npz`, or `.safetensors` for other tools; missing folders are made. A file
        that is there is replaced in one step, so that it is never half written.
      params: nested dicts of arrays with names as keys.

    Raises:
      ValueError: if a name holds a slash, a leaf is no array of numbers, or there can be no such
        file.
      OSError: if the file cannot be written.
    """
    _check_tree(params)
    write(path, {"holds": PARAMETERS}, {"params": params})


def _check_tree(params: Any) -> None:
    """Refuses what would not come back as it was."""
    if not isinstance(params, Mapping):
        raise ValueError(
            f"Parameters are nested dicts of arrays; this is {type(params).__name__}. "
            "For a whole training state use lib.save_state."
        )
    for name, value in params.items():
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(
                f"Parameters have names without a slash as keys; {name!r} is none. "
                "For a whole training state use lib.save_state."
            )
        if value == {} if isinstance(value, Mapping) else isinstance(value, list | tuple):
            raise ValueError(
                f"Parameters are nested dicts of arrays; {name!r} is {value!r:.60}, which would "
                "not come back from the file as it was."
            )
        if isinstance(value, Mapping):
            _check_tree(value)


def load_params(path: Path, like: Any = None) -> Any:
    """Loads parameters from a file of `save_params`, `save_state` or `save_model`, or safetensors.

    Args:
      path: the file.
      like: parameters of the same shapes, to make sure that they fit; None takes what is there.

    Returns:
      Nested dicts of JAX arrays, bit for bit those that were saved.

    Raises:
      OSError: if there is no such file.
      CheckpointError: if it is damaged or foreign, or does not fit `like`.
    """
    _, arrays = read(path, PARAMETERS, STATE, MODEL)
    arrays = {
        name.removeprefix("params/"): array
        for name, array in arrays.items()
        if name.startswith("params/")
    }
    return nested(arrays) if like is None else fitted(path, arrays, like)


def save_state(path: Path, state: TrainState, *, epochs: int = 0) -> None:
    """Saves all that a training needs to go on: parameters, optimizer memory, step, constants.

    Model, optimizer, loss and augmentation are code and are not saved.

    Args:
      path: the file, usually `.npz`; missing folders are made. A file that is there is replaced in
        one step.
      state: the training state.
      epochs: how many epochs it has been through, for `Checkpoint.resume`.

    Raises:
      OSError: if the file cannot be written.
    """
    _write_state(path, state, epochs, [])


def _write_state(path: Path, state: TrainState, epochs: int, callbacks: list[Any]) -> None:
    """Writes a training state, and what callbacks remember."""
    arrays, memories = _leaves(state), []
    for number, each in enumerate(callbacks):
        memory = each.state_dict()
        plain = {k: v for k, v in memory.items() if isinstance(v, str | int | float | None)}
        trees = {key: value for key, value in memory.items() if key not in plain}
        memories.append({"class": type(each).__name__, "memory": plain})
        for name, array in _leaves(trees).items():
            arrays[f"{_CALLBACKS}{number}/{name}"] = array
    about = {"callbacks": memories} if memories else {}
    write(path, {"holds": STATE, "epochs": int(epochs), **about}, arrays)


def _of_state(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in arrays.items() if not name.startswith(_CALLBACKS)}


def load_state(path: Path, like: TrainState) -> TrainState:
    """Loads a training state.

    Args:
      path: a file of `save_state` or `Checkpoint`.
      like: a state with the same model and optimizer, fresh from `lib.create_state`.

    Returns:
      `like` with everything that was saved in its place, bit for bit.

    Raises:
      OSError: if there is no such file.
      CheckpointError: if it is damaged or foreign, or does not fit model and optimizer.
    """
    return fitted(path, _of_state(read(path, STATE)[1]), like)


class Checkpoint:
    """A callback that keeps the last state of a training, to be resumed, and the best one.

    The same few lines start a training and go on with it after a crash, a power cut or Ctrl-C, and
    end with the same bits as a training that was never stopped:

        checkpoint = lib.Checkpoint("training.npz")
        state, done = checkpoint.resume(lib.create_state(…))
        state, history = lib.fit(state, …, epochs=20, initial_epoch=done, callbacks=[checkpoint])

    What other callbacks of the training remember is kept as well: `EarlyStopping` knows which epoch
    was best and how long it has waited, and a training that it had stopped stays stopped.
    """

    def __init__(
        self,
        path: Path,
        best: Path | None = None,
        metric: str = "val_loss",
        mode: str = "auto",
    ):
        """Names the files; missing folders are made when they are written.

        Args:
          path: the state after the last epoch, replaced after every one.
          best: another file, for the state after the epoch in which the metric was best, or None.
            A training that is resumed knows what has been best; `lib.load_state` and
            `lib.load_params` read it.
          metric: its name in the logs.
          mode: "min" if the metric is better when smaller, "max" if when larger, or "auto"; see
            `lib.EarlyStopping`.

        Raises:
          TypeError: if the file is no path.
          ValueError: if both files are the same, there can be no such file, or "auto" cannot tell
            by the metric's name.
        """
        whole = place(path)
        if best is not None and place(best).absolute() == whole.absolute():
            raise ValueError(
                f"The best state and the last would both be kept in {os.fspath(path)}: the best "
                "needs a file of its own."
            )
        self.path, self.best, self.metric, self.mode = path, best, metric, mode
        self._best = Best(metric, mode) if best is not None else None
        self._others: list[Any] = []
        self._resumed: tuple[int, list[tuple[str, dict[str, Any]]]] = 0, []

    def watch_over(self, callbacks: Sequence[Any], initial_epoch: int) -> bool:
        """Has the callbacks of a training remember what the file said, and keeps that from now on.

        Args:
          callbacks: all of the training; `fit` gives them.
          initial_epoch: where it begins.

        Returns:
          Whether one of them had stopped the training that was resumed.
        """
        self._others = [
            each
            for each in callbacks
            if hasattr(each, "state_dict") and hasattr(each, "load_state_dict")
        ]
        epochs, memories = self._resumed
        taken: list[Any] = []
        self._resumed = 0, []
        if not initial_epoch or initial_epoch != epochs:
            return False
        for kind, memory in memories:
            for each in self._others:
                if type(each).__name__ == kind and each not in taken:
                    each.load_state_dict(memory)
                    taken.append(each)
                    break
        return any(getattr(each, "stopped", False) for each in taken)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> None:
        """Replaces the files by the state after this epoch, in one step; one process of all does.

        Raises:
          KeyError: if the best is to be kept, and the logs do not hold its metric.
        """
        if self.best is not None:
            if epoch == 0 or self._best is None:
                self._best = Best(self.metric, self.mode)
            value = value_of(self.metric, logs, "Checkpoint")
            if self._best.improved(value) and jax.process_index() == 0:
                measured = {"metric": self.metric, "value": float(value)}
                write(self.best, {"holds": STATE, "epochs": epoch + 1, **measured}, state)
        if jax.process_index() == 0:
            _write_state(self.path, state, epoch + 1, self._others)

    def resume(self, state: TrainState) -> tuple[TrainState, int]:
        """Takes up a training where the file left it.

        Args:
          state: a fresh state with the same model and optimizer.

        Returns:
          The state to go on with and the epochs that are done, for `fit(initial_epoch=…)`; the
          state as it is and 0 if there is no file yet.

        Raises:
          CheckpointError: if the file is damaged or foreign, or does not fit.
        """
        try:
            about, arrays = read(self.path, STATE)
        except FileNotFoundError:
            return state, 0
        epochs = about.get("epochs")
        if type(epochs) is not int or epochs < 0:
            raise CheckpointError(f"{os.fspath(self.path)} does not say how many epochs are done.")
        if self.best is not None:
            self._best = self._best_so_far(self.best)
        self._resumed = epochs, self._memories(about, arrays)
        return fitted(self.path, _of_state(arrays), state), epochs

    def _memories(
        self, about: Mapping[str, Any], arrays: Mapping[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """The class of each callback that the file tells of, and what it remembered."""
        found = []
        try:
            for number, each in enumerate(about.get("callbacks", [])):
                own = f"{_CALLBACKS}{number}/"
                trees = nested(
                    {k.removeprefix(own): v for k, v in arrays.items() if k.startswith(own)}
                )
                found.append((each["class"], {**each["memory"], **trees}))
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{os.fspath(self.path)} says of its callbacks what cannot be read ({error}). "
                "Take another copy of it."
            ) from error
        return found

    def _best_so_far(self, best: Path) -> Best:
        """What the file of the best state says of it; nothing if there is none yet."""
        found = Best(self.metric, self.mode)
        try:
            about, _ = read(best, STATE)
        except FileNotFoundError:
            return found
        if about.get("metric") != self.metric or not isinstance(about.get("value"), float):
            raise CheckpointError(
                f"{os.fspath(best)} was not kept as the best by {self.metric}: name another file, "
                "or remove it."
            )
        found.improved(about["value"])
        return found
