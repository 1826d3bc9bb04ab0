"""Saves parameters and training states, and goes on from them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import jax

from lib.saving.archive import (
    MODEL,
    PARAMETERS,
    STATE,
    CheckpointError,
    Path,
    fitted,
    nested,
    read,
    write,
)
from lib.train.state import TrainState


def save_params(path: Path, params: Any) -> None:
    """Saves a model's parameters in one file.

    Args:
      path: the file, usually `.npz`; its folder must exist. A file that is there is replaced in
        one step, so that it is never half written.
      params: nested dicts of arrays with names as keys.

    Raises:
      ValueError: if a name holds a slash, or a leaf is no array of numbers.
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
    """Loads parameters from a file of `save_params`, `save_state` or `save_model`.

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
      path: the file, usually `.npz`; its folder must exist. A file that is there is replaced in
        one step.
      state: the training state.
      epochs: how many epochs it has been through, for `Checkpoint.resume`.

    Raises:
      OSError: if the file cannot be written.
    """
    write(path, {"holds": STATE, "epochs": int(epochs)}, state)


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
    return fitted(path, read(path, STATE)[1], like)


class Checkpoint:
    """A callback that saves the training after every epoch, so that it can be resumed.

    The same few lines start a training and go on with it after a crash, a power cut or Ctrl-C, and
    end with the same bits as a training that was never stopped:

        checkpoint = lib.Checkpoint("training.npz")
        state, done = checkpoint.resume(lib.create_state(…))
        state, history = lib.fit(state, …, epochs=20, initial_epoch=done, callbacks=[checkpoint])

    The memory of other callbacks is not saved: `EarlyStopping` begins to wait anew.
    """

    def __init__(self, path: Path):
        self.path = path

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: TrainState) -> None:
        """Replaces the file by the state after this epoch, in one step; one process of all does."""
        if jax.process_index() == 0:
            save_state(self.path, state, epochs=epoch + 1)

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
        return fitted(self.path, arrays, state), epochs
