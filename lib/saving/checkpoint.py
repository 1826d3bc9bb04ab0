"""Saves parameters and training states, and resumes from them."""

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
      path: the file, `.npz`, or `.safetensors` for other tools; missing folders are created. An
        existing file is replaced in one step, so it is never half written.
      params: nested dicts of arrays with names as keys.

    Raises:
      ValueError: if a name contains a slash, a leaf is not an array of numbers, or the path cannot
        be a file.
      OSError: if the file cannot be written.
    """
    _check_tree(params)
    write(path, {"holds": PARAMETERS}, {"params": params})


def _check_tree(params: Any) -> None:
    """Refuses parameters that would change by saving and loading."""
    if not isinstance(params, Mapping):
        raise ValueError(
            f"Parameters must be nested dicts of arrays; this is {type(params).__name__}. "
            "To save an entire training state, use lib.save_state."
        )
    for name, value in params.items():
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(
                f"The keys of parameters must be names without a slash; got {name!r}. "
                "To save an entire training state, use lib.save_state."
            )
        if value == {} if isinstance(value, Mapping) else isinstance(value, list | tuple):
            raise ValueError(
                f"Parameters must be nested dicts of arrays; {name!r} is {value!r:.60}, which "
                "cannot be restored from the file."
            )
        if isinstance(value, Mapping):
            _check_tree(value)


def load_params(path: Path, like: Any = None) -> Any:
    """Loads parameters from a file of `save_params`, `save_state` or `save_model`, or safetensors.

    Args:
      path: the file.
      like: parameters of the expected shapes, to check the file; None accepts any.

    Returns:
      Nested dicts of JAX arrays, with the same bits as saved.

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
    """Saves everything needed to resume a training: parameters, optimizer state, step, constants.

    Model, optimizer, loss and augmentation are code and are not saved.

    Args:
      path: the file, usually `.npz`; missing folders are created. An existing file is replaced in
        one step.
      state: the training state.
      epochs: the number of finished epochs, for `Checkpoint.resume`.

    Raises:
      OSError: if the file cannot be written.
    """
    _write_state(path, state, epochs, [])


def _write_state(path: Path, state: TrainState, epochs: int, callbacks: list[Any]) -> None:
    """Writes a training state, and the memories of callbacks."""
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
      `like` with its arrays replaced by the saved ones, bit for bit.

    Raises:
      OSError: if there is no such file.
      CheckpointError: if it is damaged or foreign, or does not fit the model and optimizer.
    """
    return fitted(path, _of_state(read(path, STATE)[1]), like)


class Checkpoint:
    """A callback that saves the last state of a training, for resuming it, and the best one.

    The same few lines start a training and resume it after a crash, a power cut or Ctrl-C. The
    result has the same bits as a training that was never stopped:

        checkpoint = lib.Checkpoint("training.npz")
        state, done = checkpoint.resume(lib.create_state(…))
        state, history = lib.fit(state, …, epochs=20, initial_epoch=done, callbacks=[checkpoint])

    The file also keeps the memories of the training's other callbacks: `EarlyStopping` knows which
    epoch was best and how long it has waited, and a training that it stopped stays stopped.
    """

    def __init__(
        self,
        path: Path,
        best: Path | None = None,
        metric: str = "val_loss",
        mode: str = "auto",
    ):
        """Takes the paths of the files; missing folders are created at the first write.

        Args:
          path: the file for the state after the last epoch, replaced after every epoch.
          best: another file, for the state after the epoch with the best metric, or None.
            A resumed training knows the best value so far; `lib.load_state` and
            `lib.load_params` read the file.
          metric: its name in the logs.
          mode: "min" if a smaller value is better, "max" if a larger one is, or "auto"; see
            `lib.EarlyStopping`.

        Raises:
          TypeError: if a file is not a path.
          ValueError: if both files are the same, a path cannot be a file, or "auto" cannot decide
            by the metric's name.
        """
        whole = place(path)
        if best is not None and place(best).absolute() == whole.absolute():
            raise ValueError(
                f"The best and the last state would both be saved in {os.fspath(path)}: choose a "
                "separate file for the best one."
            )
        self.path, self.best, self.metric, self.mode = path, best, metric, mode
        self._best = Best(metric, mode) if best is not None else None
        self._others: list[Any] = []
        self._resumed: tuple[int, list[tuple[str, dict[str, Any]]]] = 0, []

    def watch_over(self, callbacks: Sequence[Any], initial_epoch: int) -> bool:
        """Restores the memories of a training's callbacks, and saves them from now on.

        Args:
          callbacks: all callbacks of the training; `fit` passes them.
          initial_epoch: the first epoch.

        Returns:
          Whether one of them had stopped the resumed training.
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
        """Saves the state after this epoch in the files, each in one step, in the first process.

        Raises:
          KeyError: if the best state is saved, and its metric is not in the logs.
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
        """Resumes a training from the file.

        Args:
          state: a fresh state with the same model and optimizer.

        Returns:
          The state to continue from and the number of finished epochs, for `fit(initial_epoch=…)`;
          the unchanged `state` and 0 if there is no file yet.

        Raises:
          CheckpointError: if the file is damaged or foreign, or does not fit.
        """
        try:
            about, arrays = read(self.path, STATE)
        except FileNotFoundError:
            return state, 0
        epochs = about.get("epochs")
        if type(epochs) is not int or epochs < 0:
            raise CheckpointError(
                f"{os.fspath(self.path)} does not say how many epochs are finished."
            )
        if self.best is not None:
            self._best = self._best_so_far(self.best)
        self._resumed = epochs, self._memories(about, arrays)
        return fitted(self.path, _of_state(arrays), state), epochs

    def _memories(
        self, about: Mapping[str, Any], arrays: Mapping[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """The class and the memory of each callback in the file."""
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
                f"{os.fspath(self.path)} has unreadable data about its callbacks ({error}). "
                "Use another copy of it."
            ) from error
        return found

    def _best_so_far(self, best: Path) -> Best:
        """The best value so far, from the file of the best state; no value if there is no file."""
        found = Best(self.metric, self.mode)
        try:
            about, _ = read(best, STATE)
        except FileNotFoundError:
            return found
        if about.get("metric") != self.metric or not isinstance(about.get("value"), float):
            raise CheckpointError(
                f"{os.fspath(best)} was not saved as the best state by {self.metric}: name another "
                "file, or remove it."
            )
        found.improved(about["value"])
        return found
