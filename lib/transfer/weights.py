"""Pretrained weights: InceptionV3 from the HDF5 file that Keras publishes.

Keras's legacy layout has one group per layer. An attribute lists the layers in the order of the
saved model, sorted by their distance from the output. This order, not the names, decides which
weights belong to which layer, as in Keras itself. Needs h5py, and pooch to download:
`pip install 'flaxlings[pretrained]'`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lib.data.dataset import DataError
from lib.data.progress import DownloadProgress
from lib.saving.cache import cache_folder
from lib.transfer.inception import BLOCKS, SMALLEST_EDGE, STEM, Fork, InceptionV3, numbered

# Both addresses and their MD5 checksums are from Keras, applications/inception_v3.py.
BASE = "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
WITH_TOP = (
    "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
    "md5:9a0d58056eeedaa3f26cb7ebd46da564",
)
WITHOUT_TOP = (
    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "md5:bcbd6486424b2319ff4ef7d526e38f63",
)


def load_inception(
    model: InceptionV3, path: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """Reads the pretrained weights of InceptionV3.

    It reads array by array, so loading needs little more memory than the weights themselves.

    Args:
      model: the network, cut at any block, with or without the top.
      path: the HDF5 file of weights, with or without the top; a model with the top needs a file
        with it. None downloads Keras's file, about 90 MB, to the user's cache, and compares its
        MD5 checksum with the published one.

    Returns:
      The model's variables: {"params": …, "batch_stats": …}, float32.

    Raises:
      DataError: if h5py or pooch is missing, the file cannot be downloaded or has another MD5
        checksum, or it is damaged or for another network.
    """
    h5py = _module("h5py", "reads the pretrained weights")
    file = _download(*(WITH_TOP if model.top else WITHOUT_TOP)) if path is None else Path(path)
    if not file.is_file():
        raise DataError(f"There is no file {file}; pass the path of InceptionV3's HDF5 weights.")
    shapes = jax.eval_shape(
        lambda: model.init(jax.random.key(0), jnp.zeros((1, SMALLEST_EDGE, SMALLEST_EDGE, 3)))
    )
    try:
        with h5py.File(file, "r") as opened:
            return _read(opened, shapes, model.top, file)
    except (OSError, LookupError, RuntimeError, AttributeError, TypeError, ValueError) as error:
        raise DataError(
            f"{file} cannot be read as an HDF5 file of weights: it is damaged, or another kind of "
            "file. Download it again."
        ) from error


def _module(name: str, does: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise DataError(
            f"{name} {does}, but it is not installed: run pip install 'flaxlings[pretrained]', or "
            f"pip install {name}."
        ) from None


def _download(name: str, known_hash: str) -> Path:
    pooch = _module("pooch", "downloads the pretrained weights")
    pooch.get_logger().setLevel("WARNING")
    try:
        with DownloadProgress("Downloading InceptionV3") as shown:
            fetch = pooch.HTTPDownloader(progressbar=shown)
            found = pooch.retrieve(
                BASE + name, known_hash, fname=name, path=cache_folder(), downloader=fetch
            )
    except ValueError as error:  # pooch raises it for another hash
        raise DataError(
            f"The file from {BASE}{name} has another MD5 checksum than Keras states, so it was "
            "deleted. Try again later, or pass the path of a file that you trust."
        ) from error
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"{BASE}{name} could not be downloaded ({type(error).__name__}). Without network, use "
            "`lib.backbone()`, or pass the path of the file."
        ) from error
    return Path(found)


def keras_order() -> Iterator[tuple[str, ...]]:
    """Yields the paths of all convolutions of InceptionV3 in the order of Keras's file.

    Within a block the layers furthest from its output are first; layers at the same distance are in
    the order of the branches.
    """
    yield from ((name,) for name in STEM)
    for block, branches in BLOCKS.items():
        distances: list[tuple[int, str]] = []
        for number, branch in enumerate(branches, start=1):
            distance, found = 0, []
            for name, step in reversed(list(numbered(branch))):
                if isinstance(step, str):
                    continue
                if isinstance(step, Fork):
                    distance += 1  # joining its two sides is a layer
                    sides = [f"{name}{side}" for side in step.units()]
                else:
                    sides = [name]
                distance += 3  # the convolution, its normalisation, its ReLU
                found += [(distance, f"branch{number}_{side}") for side in reversed(sides)]
            distances += reversed(found)
        distances.sort(key=lambda each: -each[0])
        yield from ((block, name) for _, name in distances)


def _read(file: Any, shapes: Any, top: bool, path: Path) -> dict[str, Any]:
    root = file["model_weights"] if "model_weights" in file else file
    convolutions, norms, dense = _layers(root)
    order = list(keras_order())
    if len(convolutions) != len(order) or len(norms) != len(order) or top > len(dense):
        tops = " and the top" if top else ""
        raise DataError(
            f"{path} has {len(convolutions)} convolutions, {len(norms)} normalisations and "
            f"{len(dense)} dense layers, but InceptionV3 has {len(order)} of the first two{tops}."
        )
    params: dict[str, Any] = {}
    statistics: dict[str, Any] = {}
    for place, convolution, norm in zip(order, convolutions, norms, strict=True):
        wanted = _at(shapes["params"], place)
        if wanted is None:
            continue  # after the cut
        bias, mean, variance = norm
        conv = {"kernel": _array(convolution[0], wanted["conv"]["kernel"], path)}
        _put(
            params,
            place,
            {"conv": conv, "norm": {"bias": _array(bias, wanted["norm"]["bias"], path)}},
        )
        kept = {
            "mean": _array(mean, wanted["norm"]["bias"], path),
            "var": _array(variance, wanted["norm"]["bias"], path),
        }
        _put(statistics, place, {"norm": kept})
    if top:
        kernel, bias = dense[0]
        wanted = shapes["params"]["predictions"]
        params["predictions"] = {
            "kernel": _array(kernel, wanted["kernel"], path),
            "bias": _array(bias, wanted["bias"], path),
        }
    return {"params": params, "batch_stats": statistics}


def _layers(root: Any) -> tuple[list, list, list]:
    """The HDF5 data sets of convolutions, normalisations and dense layers, in the file's order."""
    found: dict[int, list] = {1: [], 2: [], 3: []}
    for name in root.attrs["layer_names"]:
        group = root[_text(name)]
        weights = [group[_text(weight)] for weight in group.attrs["weight_names"]]
        if weights:
            found.setdefault(len(weights), []).append(weights)
    convolutions, dense, norms = found[1], found[2], found[3]
    return convolutions, norms, dense


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _array(weights: Any, wanted: Any, path: Path) -> jax.Array:
    if tuple(weights.shape) != tuple(wanted.shape):
        raise DataError(
            f"{path} is for another network than InceptionV3: it has weights of {weights.shape} "
            f"instead of {tuple(wanted.shape)}."
        )
    array = np.asarray(weights[()], np.float32)
    if not np.isfinite(array).all():
        raise DataError(
            f"{path} is damaged: some of its weights are not finite. Download it again."
        )
    # Unlike jnp.asarray, this makes no extra copy: each array is in memory only once.
    return jax.device_put(array)


def _at(tree: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        tree = tree.get(name)
        if tree is None:
            return None
    return tree


def _put(tree: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    for name in place[:-1]:
        tree = tree.setdefault(name, {})
    tree[place[-1]] = value
