"""The features of pictures from a frozen backbone, computed once and saved on disk."""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import linen as nn

from lib.saving.cache import load_arrays, save_arrays
from lib.train.state import Static
from lib.train.steps import apply_model
from lib.transfer.freezing import _path


def _apply(variables: Any, images: jax.Array, model: nn.Module) -> jax.Array:
    constants = {name: tree for name, tree in variables.items() if name != "params"}
    return apply_model(model, variables["params"], images, constants=constants)


@jax.jit
def _features(variables: Any, images: jax.Array, static: Static) -> jax.Array:
    return _apply(variables, images, static.value)


def features(
    model: nn.Module,
    variables: Mapping[str, Any],
    images: Any,
    batch_size: int = 64,
    cache: str | os.PathLike[str] | None = None,
) -> np.ndarray:
    """Computes a frozen backbone's features of pictures, once for any number of epochs.

    A head trained on these features learns the same as on top of the backbone, but each of its
    steps costs a hundredth. That is true only if nothing before the head is random: augmented
    pictures differ each time, and need the backbone each time.

    Args:
      model: the backbone; it runs in evaluation mode.
      variables: its variables, {"params": …} and other collections.
      images: (n, height, width, channels); uint8 pictures are scaled to 0…1.
      batch_size: pictures per step; it changes the memory needed, not the result.
      cache: a file to save the features in. It is read if it was made from the same model,
        variables and pictures, and overwritten otherwise.

    Returns:
      (n, …), the backbone's output.

    Raises:
      ValueError: if there are no images.
    """
    images = np.asarray(images)
    if len(images) == 0:
        raise ValueError("There are no pictures to compute features of; pass at least one.")
    path = None if cache is None else Path(cache)
    name = "" if path is None else _fingerprint(model, variables, images)
    if path is not None and (kept := load_arrays(path)) is not None:
        if set(kept) == {"of", "features"} and str(kept["of"]) == name:
            return kept["features"]
    size = min(batch_size, len(images))
    found = []
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        full = np.concatenate([batch, np.zeros((size - len(batch), *batch.shape[1:]), batch.dtype)])
        found.append(np.asarray(_features(variables, full, Static(model)))[: len(batch)])
    result = np.concatenate(found)
    if path is not None:
        save_arrays(path, {"of": np.array(name), "features": result})
    return result


def _fingerprint(model: nn.Module, variables: Any, images: np.ndarray) -> str:
    """A hash of everything the features depend on: the model's computation, not its name."""
    traced = jax.make_jaxpr(lambda known, seen: _apply(known, seen, model))(variables, images[:1])
    text = re.sub(r" at 0x[0-9a-f]+", "", str(traced))
    digest = hashlib.sha256(text.encode())
    for keys, leaf in jax.tree_util.tree_leaves_with_path((variables, images, traced.consts)):
        leaf = np.asarray(leaf)
        digest.update(f"{_path(keys)} {leaf.dtype} {leaf.shape}".encode())
        digest.update(np.ascontiguousarray(leaf).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
