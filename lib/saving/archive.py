"""Saves parameters, trainings and models in files that a crash cannot break.

A file is an ordinary `.npz`: an uncompressed zip archive with one array per member and a CRC-32
for each; `numpy.load` also opens it. It contains no programs, and nothing is ever unpickled: one
member, `about`, describes the others in JSON. Types that NumPy's format does not have (bfloat16 and
the 8-bit floats, random keys) are saved as unsigned integers with the same bits.

If the path ends in `.safetensors`, the file has that format, with the same arrays; its metadata
contain `about` and a checksum. Tools that know nothing of this library can read it
(`lib.saving.tensors`).

A file is written to the same folder under another name, flushed to disk and renamed. Anyone who
opens the path finds the complete old file or the complete new one, whatever happens.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import pathlib
import re
import socket
import zipfile
from collections.abc import Container, Iterator, Mapping
from typing import Any, BinaryIO

import jax
import jax.numpy as jnp
import numpy as np

from lib import paths
from lib.saving import tensors

FORMAT = 1
"""Version of the file format; other versions are refused."""
PARAMETERS, STATE, MODEL = "parameters", "training state", "model"
_REMEDIES = {
    (STATE, MODEL): " Read it with lib.load_state(path, like=state), then save the model with "
    "lib.save_model(path, model, state.params, class_names, input_shape).",
    (PARAMETERS, MODEL): " Read it with lib.load_params(path). The file contains neither the model "
    "nor its class names; lib.save_model saves these too.",
    (MODEL, STATE): " To continue training the model, call kept = lib.load_model(path), then "
    'lib.create_state(kept.model, …, variables={"params": kept.params}).',
    (PARAMETERS, STATE): " To start a training from them, call lib.create_state(model, …, "
    'variables={"params": lib.load_params(path)}).',
}
"""What to do if a file contains something else than requested."""
_ENDINGS = (".npz", tensors.SUFFIX)
_OTHERS = {".h5", ".hdf5", ".keras", ".pt", ".pth", ".pkl", ".pickle", ".onnx", ".tflite"}
_ABOUT = "about"
_PARAMS = "params/"
Path = str | os.PathLike


class CheckpointError(Exception):
    """A file cannot be used; the message says why, and usually what to do."""


def _leaves(tree: Any) -> dict[str, Any]:
    """The arrays of a tree by their path, such as "params/conv1/kernel"."""
    leaves: dict[str, Any] = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        if name in leaves or not all(jax.tree_util.keystr((key,), simple=True) for key in path):
            raise ValueError(
                f"Two parts of the tree are called {name!r}, or one has no name: "
                "use words without a slash as keys."
            )
        leaves[name] = leaf
    return leaves


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _dtype_name(leaf: Any) -> str:
    """The type of a leaf: "float32", "bfloat16", or "key threefry2x32"."""
    return f"key {jax.random.key_impl(leaf)}" if _is_key(leaf) else str(np.asarray(leaf).dtype)


def _is_numpys_own(dtype: np.dtype) -> bool:
    return dtype.isbuiltin == 1 and dtype.kind in "biufc"


def _stored(leaf: Any, types: Container[np.dtype] = ()) -> np.ndarray:
    """The array to write: its type is one of NumPy's own format, or one of `types`."""
    array = np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
    if array.dtype.kind in "OUSMm" or array.dtype.names:
        raise ValueError(
            f"An array of {array.dtype} cannot be saved: only numbers and random keys can."
        )
    if not _is_numpys_own(array.dtype) and array.dtype not in types:
        array = array.view(f"<u{array.dtype.itemsize}")
    return np.require(array, array.dtype.newbyteorder("<"), "C")


def _remove_leftovers(path: pathlib.Path) -> None:
    """Removes the unfinished files of processes that were killed while saving."""
    here = re.escape(
        f".{path.name}.{socket.gethostname()}"
    )  # processes of other hosts cannot be checked
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


def place(path: Path) -> pathlib.Path:
    """The path of a file to write, see `lib.paths.place`.

    Raises:
      TypeError: if it is not a path.
      ValueError: if the path cannot be a file, or has the ending of another format.
    """
    full = paths.place(path)
    if (ending := full.suffix.lower()) in _OTHERS:
        raise ValueError(
            f"{os.fspath(path)} has the ending of another format, {ending}: this library writes "
            f"{' and '.join(_ENDINGS)}."
        )
    return full


def write(path: Path, about: Mapping[str, Any], tree: Any) -> None:
    """Writes the arrays of a tree and their description, `about`, completely or not at all.

    Raises:
      TypeError: if it is not a path.
      ValueError: if the path cannot be a file, or has the ending of another format.
    """
    full = place(path)
    leaves = _leaves(tree)
    types = {name: _dtype_name(leaf) for name, leaf in leaves.items()}
    text = json.dumps({"format": FORMAT, **about, "arrays": types})
    with _replacing(full) as file:
        if full.suffix.lower() == tensors.SUFFIX:
            arrays = {name: _stored(leaf, tensors.TYPES.values()) for name, leaf in leaves.items()}
            if all(name.startswith(_PARAMS) for name in arrays):
                arrays = {name.removeprefix(_PARAMS): each for name, each in arrays.items()}
            file.write(tensors.packed(arrays, text))
            return
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            _add(archive, _ABOUT, np.array(text))
            for name, leaf in leaves.items():
                _add(archive, name, _stored(leaf))


@contextlib.contextmanager
def _replacing(path: pathlib.Path) -> Iterator[BinaryIO]:
    """A file that replaces another only when everything is written."""
    if path.is_symlink():
        path = path.resolve()  # replace the target of the link, not the link
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    part = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name must also reach the disk
    finally:
        os.close(folder)


def _add(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    member = zipfile.ZipInfo(f"{name}.npy")  # the date is always 1980: same state, same bytes
    with archive.open(member, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """Reads one array; refuses a header that promises another number of bytes."""
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError("a member is compressed")
    data = archive.read(info)  # to the end, so that the CRC is checked
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if fortran or dtype.hasobject or dtype.kind not in "biufcU":
        raise ValueError("an array of a type that is never saved")
    if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise ValueError("an array of another length than its header says")
    # A copy is aligned, and does not keep the header in memory.
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape).copy()


def _restored(array: np.ndarray, name: str) -> Any:
    """Undoes `_stored`."""
    if name.startswith("key "):
        return jax.random.wrap_key_data(jnp.asarray(array), impl=name.removeprefix("key "))
    dtype = jnp.dtype(name)
    if dtype.kind in "OUSMm" or dtype.itemsize != array.dtype.itemsize:
        raise ValueError(f"an array of {dtype}")
    return array if dtype == array.dtype else array.view(dtype)


def read(path: Path, *kinds: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads a file: its `about`, and its arrays by name.

    Raises:
      OSError: if there is no such file, or no permission to read it.
      CheckpointError: if it is damaged, foreign or of another kind.
    """
    name = os.fspath(path)
    with open(os.path.expanduser(path), "rb") as file:
        try:
            if tensors.is_packed(file):
                about, arrays = _unpacked(name, file.read())
                _check_kind(name, about, kinds)
                return about, arrays
            if not zipfile.is_zipfile(file):
                file.seek(0)
                if file.read(8) == b"\x89HDF\r\n\x1a\n":
                    raise CheckpointError(
                        f"{name} is HDF5, the format of Keras. This library reads it only for "
                        "InceptionV3 (lib.load_inception). Save the weights as safetensors, or as "
                        "an .npz for numpy.load, with the tool that wrote the file."
                    )
                raise CheckpointError(
                    f"{name} is not a file of this library, or is damaged: it is neither an .npz "
                    "archive nor safetensors. Use another copy of it, or save it again."
                )
            with zipfile.ZipFile(file) as archive:
                members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
                if _ABOUT not in members:
                    raise CheckpointError(
                        f"{name} was not saved by lib.save_params, lib.save_state or "
                        "lib.save_model: it does not say what it contains."
                    )
                about = json.loads(str(_member(archive, members.pop(_ABOUT))))
                _check_format(name, about)
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
                "Use another copy of it, or save it again."
            ) from None
    _check_kind(name, about, kinds)
    return about, arrays


def _check_kind(name: str, about: Mapping[str, Any], kinds: tuple[str, ...]) -> None:
    holds = str(about.get("holds"))
    if holds not in kinds:
        raise CheckpointError(
            f"{name} contains {holds[:40]}, not {' or '.join(kinds)}."
            f"{_REMEDIES.get((holds, kinds[0]), '')}"
        )


def _check_format(name: str, about: Mapping[str, Any]) -> None:
    if about["format"] != FORMAT:
        raise CheckpointError(
            f"{name} has format {about['format']!r}, but this version of the library "
            f"reads format {FORMAT}. Use the version that saved it."
        )


def _unpacked(name: str, data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The `about` and the arrays of a safetensors file; those of other tools are parameters."""
    found, text = tensors.unpacked(data)
    if text is None:  # other tools write dots where this library writes slashes
        renamed = {key if "/" in key else key.replace(".", "/"): key for key in found}
        for key in found.keys() - renamed.values():
            raise CheckpointError(
                f"{name} has two arrays that would both be called {key.replace('.', '/')}, because "
                "this library turns dots into slashes; rename one with the tool that wrote it."
            )
        found = {key: found[theirs] for key, theirs in renamed.items()}
    named = {f"{_PARAMS}{key.removeprefix(_PARAMS)}": array for key, array in found.items()}
    if text is None:
        return {"holds": PARAMETERS}, named
    about = json.loads(text)
    _check_format(name, about)
    types = about["arrays"]
    found = named if types.keys() == named.keys() else found
    if types.keys() != found.keys():
        raise ValueError("arrays are missing")
    return about, {key: _restored(found[key], types[key]) for key in types}


def fitted(path: Path, arrays: Mapping[str, Any], like: Any) -> Any:
    """Puts arrays into a tree of a known form; raises CheckpointError for one that does not fit."""
    expected = _leaves(like)
    name = os.fspath(path)
    missing = next((key for key in expected if key not in arrays), None)
    theirs = [key for key in arrays if key.rpartition("/")[2] in ("weight", "running_mean")]
    if missing is not None and theirs:
        raise CheckpointError(
            f"{name} has PyTorch's names ({theirs[0]}), but this model has others "
            f"({missing}). Load it without like=…, rename weight to kernel, and transpose "
            "the axes: a linear layer's (out, in) to (in, out), a convolution's (out, in, height, "
            "width) to (height, width, in, out)."
        )
    if missing is not None:
        raise CheckpointError(
            f"{name} does not fit this model or optimizer: it has no {missing}. "
            "Build them exactly as when it was saved."
        )
    for key in arrays:
        if key not in expected:
            raise CheckpointError(
                f"{name} does not fit this model or optimizer: it also has {key}. "
                "Build them exactly as when it was saved."
            )
    for key, leaf in expected.items():
        wanted, found = _kind(leaf), _kind(arrays[key])
        if wanted != found:
            raise CheckpointError(
                f"{name} does not fit this model or optimizer: {key} is {found} in the file, but "
                f"must be {wanted}."
            )
    restored = [jnp.asarray(arrays[key]) for key in expected]
    return jax.tree.unflatten(jax.tree.structure(like), restored)


def _kind(leaf: Any) -> str:
    if isinstance(leaf, jax.ShapeDtypeStruct):
        return f"{leaf.dtype} {leaf.shape}"
    return f"{_dtype_name(leaf)} {np.shape(leaf)}"


def nested(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Makes nested dicts of arrays whose names are paths such as "conv1/kernel".

    Raises:
      CheckpointError: if one name must be both an array and a dict.
    """
    tree: dict[str, Any] = {}
    for name, array in arrays.items():
        *path, last = name.split("/")
        place: Any = tree
        for key in path:
            place = place.setdefault(key, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last in place:
            raise CheckpointError(
                f"The file contains the array {name!r}, and another one below or above that name: "
                "nested dicts cannot hold both. Rename one with the tool that wrote it."
            )
        place[last] = jnp.asarray(array)
    return tree
