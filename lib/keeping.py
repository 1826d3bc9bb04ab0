"""Keeps parameters, trainings and models in files that a crash cannot break.

A file is an ordinary `.npz`: a zip archive, uncompressed, with one array per member and a CRC-32
for each, which `numpy.load` opens as well. Nothing in it is a program, and nothing is ever
unpickled: one member, `about`, says in JSON what the rest is. Types that NumPy's format does not
know (bfloat16 and its relatives, random keys) are kept as unsigned integers of the same bits.

A file is written beside its place under another name, flushed to the disk and renamed: whoever
opens the path finds the old file or the new one, whole, whatever happens in between.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import pathlib
import re
import socket
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib import models
from lib.state import TrainState

FORMAT = 1
"""Version of the files; another one is refused."""

PARAMETERS, STATE, MODEL = "parameters", "training state", "model"
_ABOUT = "about"
_MODELS = {
    kind.__name__: kind
    for kind in (
        models.ConvClassifier,
        models.DeepLinear,
        models.DenseClassifier,
        models.LinearRegression,
    )
}
"""The classes that a file may ask for; no other code is ever looked up by a name in a file."""

Path = str | os.PathLike


class CheckpointError(Exception):
    """A file cannot be used; the message is a sentence that says why and what to do."""


# Writing -------------------------------------------------------------------------------------


def _leaves(tree: Any) -> dict[str, Any]:
    """The arrays of a tree by their path, such as "params/conv1/kernel"."""
    leaves: dict[str, Any] = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        if name in leaves or not all(jax.tree_util.keystr((key,), simple=True) for key in path):
            raise ValueError(
                f"Two parts of the tree are called {name!r}, or one has no name: "
                "keys should be words without a slash."
            )
        leaves[name] = leaf
    return leaves


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _dtype_name(leaf: Any) -> str:
    """What a leaf is: "float32", "bfloat16", or "key threefry2x32"."""
    return f"key {jax.random.key_impl(leaf)}" if _is_key(leaf) else str(np.asarray(leaf).dtype)


def _is_numpys_own(dtype: np.dtype) -> bool:
    return dtype.isbuiltin == 1 and dtype.kind in "biufc"


def _stored(leaf: Any) -> np.ndarray:
    """The array that goes into the file: of a type that NumPy's own format knows."""
    array = np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
    if array.dtype.kind in "OUSMm" or array.dtype.names:
        raise ValueError(f"An array of {array.dtype} is neither numbers nor a random key.")
    if not _is_numpys_own(array.dtype):
        array = array.view(f"<u{array.dtype.itemsize}")
    return np.require(array, array.dtype.newbyteorder("<"), "C")


def _remove_leftovers(path: pathlib.Path) -> None:
    """Removes what processes that were killed while saving have left beside the file."""
    here = re.escape(
        f".{path.name}.{socket.gethostname()}"
    )  # others' processes cannot be asked for
    pattern = re.compile(rf"{here}\.(\d+)\.part")
    for other in path.parent.iterdir():
        match = pattern.fullmatch(other.name)
        if match:
            try:
                os.kill(int(match[1]), 0)
            except ProcessLookupError:
                other.unlink(missing_ok=True)
            except (OSError, OverflowError):
                continue


def _write(path: Path, about: Mapping[str, Any], tree: Any) -> None:
    path = pathlib.Path(path)
    if path.is_symlink():
        path = path.resolve()  # the file that it leads to is replaced, not the link
    leaves = _leaves(tree)
    types = {name: _dtype_name(leaf) for name, leaf in leaves.items()}
    text = json.dumps({"format": FORMAT, **about, "arrays": types})
    _remove_leftovers(path)
    part = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                _add(archive, _ABOUT, np.array(text))
                for name, leaf in leaves.items():
                    _add(archive, name, _stored(leaf))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name itself must reach the disk as well
    finally:
        os.close(folder)


def _add(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    member = zipfile.ZipInfo(f"{name}.npy")  # its date is always 1980: same state, same bytes
    with archive.open(member, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)


# Reading -------------------------------------------------------------------------------------


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """Reads one array; its header is believed only as far as there are bytes."""
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError("a member is compressed")
    data = archive.read(info)  # to the end, so that the CRC is checked
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if fortran or dtype.hasobject or dtype.kind not in "biufcU":
        raise ValueError("an array of a kind that is not kept here")
    if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise ValueError("an array of another length than it says")
    # A copy: aligned, and free of the bytes of the header.
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape).copy()


def _restored(array: np.ndarray, name: str) -> Any:
    """Undoes `_stored`."""
    if name.startswith("key "):
        return jax.random.wrap_key_data(jnp.asarray(array), impl=name.removeprefix("key "))
    dtype = jnp.dtype(name)
    if dtype.kind in "OUSMm" or dtype.itemsize != array.dtype.itemsize:
        raise ValueError(f"an array of {dtype}")
    return array if dtype == array.dtype else array.view(dtype)


def _read(path: Path, *kinds: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads a file: what it says about itself, and its arrays by name.

    Raises:
      OSError: if there is no such file, or it may not be read.
      CheckpointError: if it is damaged, foreign or of another kind.
    """
    name = os.fspath(path)
    with open(path, "rb") as file:
        try:
            if not zipfile.is_zipfile(file):
                raise CheckpointError(
                    f"{name} is no file of this library, or it is damaged: it is no .npz archive. "
                    "Take another copy of it, or save it anew."
                )
            with zipfile.ZipFile(file) as archive:
                members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
                if _ABOUT not in members:
                    raise CheckpointError(
                        f"{name} was not saved by lib.save_params, lib.save_state or "
                        "lib.save_model: it does not say what it holds."
                    )
                about = json.loads(str(_member(archive, members.pop(_ABOUT))))
                if about["format"] != FORMAT:
                    raise CheckpointError(
                        f"{name} is of format {about['format']!r}, and this version of the library "
                        f"reads format {FORMAT}. Use the version that saved it."
                    )
                types = about["arrays"]
                if types.keys() != members.keys() or len(archive.infolist()) != len(types) + 1:
                    raise ValueError("arrays are missing")
                arrays = {
                    key: _restored(_member(archive, members[key]), types[key]) for key in types
                }
        except CheckpointError:
            raise
        except Exception as error:  # zipfile and NumPy raise a dozen kinds for a damaged file
            raise CheckpointError(
                f"{name} is damaged ({type(error).__name__}: {error}). "
                "Take another copy of it, or save it anew."
            ) from None
    if about.get("holds") not in kinds:
        raise CheckpointError(
            f"{name} holds {str(about.get('holds'))[:40]}, and {' or '.join(kinds)} was asked for."
        )
    return about, arrays


def _fitted(path: Path, arrays: Mapping[str, Any], like: Any) -> Any:
    """Puts arrays into a tree of a known form, or says which of them does not fit."""
    expected = _leaves(like)
    name = os.fspath(path)
    for key in expected:
        if key not in arrays:
            raise CheckpointError(
                f"{name} does not fit this model or optimizer: it holds no {key}. "
                "Build them as they were when it was saved."
            )
    for key in arrays:
        if key not in expected:
            raise CheckpointError(
                f"{name} does not fit this model or optimizer: it also holds {key}. "
                "Build them as they were when it was saved."
            )
    for key, leaf in expected.items():
        wanted, found = _kind(leaf), _kind(arrays[key])
        if wanted != found:
            raise CheckpointError(
                f"{name} does not fit this model or optimizer: {key} is {found} in the file and "
                f"should be {wanted}."
            )
    restored = [jnp.asarray(arrays[key]) for key in expected]
    return jax.tree.unflatten(jax.tree.structure(like), restored)


def _kind(leaf: Any) -> str:
    if isinstance(leaf, jax.ShapeDtypeStruct):
        return f"{leaf.dtype} {leaf.shape}"
    return f"{_dtype_name(leaf)} {np.shape(leaf)}"


# Parameters ----------------------------------------------------------------------------------


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
    _write(path, {"holds": PARAMETERS}, {"params": params})


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
    _, arrays = _read(path, PARAMETERS, STATE, MODEL)
    arrays = {
        name.removeprefix("params/"): array
        for name, array in arrays.items()
        if name.startswith("params/")
    }
    return _nested(arrays) if like is None else _fitted(path, arrays, like)


def _nested(arrays: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, array in arrays.items():
        *path, last = name.split("/")
        place = tree
        for key in path:
            place = place.setdefault(key, {})
        place[last] = jnp.asarray(array)
    return tree


# Training ------------------------------------------------------------------------------------


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
    _write(path, {"holds": STATE, "epochs": int(epochs)}, state)


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
    return _fitted(path, _read(path, STATE)[1], like)


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
        """Names the file, usually `.npz`; its folder must exist."""
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
            about, arrays = _read(self.path, STATE)
        except FileNotFoundError:
            return state, 0
        epochs = about.get("epochs")
        if type(epochs) is not int or epochs < 0:
            raise CheckpointError(f"{os.fspath(self.path)} does not say how many epochs are done.")
        return _fitted(self.path, arrays, state), epochs


# Models --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class SavedModel:
    """A model ready to use.

    Attributes:
      model: the Flax module, one of `lib.models`.
      params: its parameters.
      class_names: the name of each class.
      input_shape: (height, width, channels) of a picture.
    """

    model: nn.Module
    params: Any
    class_names: tuple[str, ...]
    input_shape: tuple[int, int, int]


def save_model(
    path: Path,
    model: nn.Module,
    params: Any,
    class_names: Sequence[str],
    input_shape: Sequence[int],
) -> None:
    """Saves a classifier with all that is needed to use it: `python -m lib.predict` does.

    Args:
      path: the file, usually `.npz`; its folder must exist. A file that is there is replaced in
        one step.
      model: a model of `lib.models`, such as `lib.ConvClassifier(…)`: its class is kept by name and
        its settings as plain values. Of a model of one's own, keep the parameters.
      params: its parameters.
      class_names: a name per class; two for a model with one (sigmoid) output.
      input_shape: (height, width, channels) of a picture, without the batch.

    Raises:
      ValueError: if the model is of another class, or names, shapes and parameters do not fit.
      OSError: if the file cannot be written.
    """
    if type(model) not in _MODELS.values():
        raise ValueError(
            f"save_model keeps models of lib.models ({', '.join(_MODELS)}), and this is a "
            f"{type(model).__name__}. Keep its parameters with lib.save_params."
        )
    kept = SavedModel(
        model,
        params,
        tuple(class_names),
        tuple(int(n) for n in input_shape),  # pyright: ignore
    )
    problem = _misfit(kept)
    if problem:
        raise ValueError(f"save_model: {problem}")
    fields = {
        field.name: getattr(model, field.name)
        for field in dataclasses.fields(model)  # pyright: ignore
        if field.name not in ("parent", "name")
    }
    about = {
        "holds": MODEL,
        "class": type(model).__name__,
        "settings": fields,
        "class_names": kept.class_names,
        "input_shape": kept.input_shape,
    }
    _check_tree(params)
    _write(path, about, {"params": params})


def load_model(path: Path) -> SavedModel:
    """Loads a model that `save_model` has saved.

    Args:
      path: the file.

    Returns:
      The model with its parameters, bit for bit, its class names and the shape of its pictures.

    Raises:
      OSError: if there is no such file.
      CheckpointError: if it is damaged or foreign, or asks for a model that this library lacks.
    """
    about, arrays = _read(path, MODEL)
    name = os.fspath(path)
    try:
        kind, settings = about["class"], about["settings"]
        if kind not in _MODELS:
            raise CheckpointError(
                f"{name} asks for a model {str(kind)[:80]!r}; this library has "
                f"{', '.join(_MODELS)}."
            )
        known = {f.name for f in dataclasses.fields(_MODELS[kind])} - {"parent", "name"}
        model = _MODELS[kind](**{key: _hashable(settings[key]) for key in known & settings.keys()})
        tree = _nested({key.removeprefix("params/"): array for key, array in arrays.items()})
        names = tuple(str(each) for each in about["class_names"])
        shape = tuple(int(n) for n in about["input_shape"])
        kept = SavedModel(model, tree, names, shape)  # pyright: ignore
        problem = "" if settings.keys() == known else "it has other settings than this library's"
        problem = problem or _misfit(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        raise CheckpointError(f"{name} holds no usable model: {problem}")
    return kept  # pyright: ignore


def _hashable(value: Any) -> Any:
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value


def _misfit(kept: SavedModel) -> str:
    """Says why a model, its parameters and its names do not belong together; "" if they do."""
    if len(kept.input_shape) != 3 or min(kept.input_shape) < 1:
        return f"input_shape is {kept.input_shape}; it should be (height, width, channels)."
    sample = jax.ShapeDtypeStruct((1, *kept.input_shape), jnp.float32)
    try:
        outputs, variables = jax.eval_shape(kept.model.init_with_output, jax.random.key(0), sample)
    except Exception as error:  # whatever the layers say of sizes or settings they cannot have
        return f"the model does not take pictures of shape {kept.input_shape} ({error})."
    needed = {name: leaf.shape for name, leaf in _leaves(variables["params"]).items()}
    found = {name: np.shape(leaf) for name, leaf in _leaves(kept.params).items()}
    if needed != found:
        odd = sorted(needed.items() ^ found.items())[0][0]
        return (
            f"the parameters do not fit the model: {odd} is {found.get(odd, 'missing')} and should "
            f"be {needed.get(odd, 'absent')}."
        )
    if len(outputs.shape) != 2 or len(kept.class_names) != max(2, outputs.shape[1]):
        return (
            f"there are {len(kept.class_names)} class names, and the model's output is of shape "
            f"{outputs.shape[1:]}: each class needs a name."
        )
    return ""
