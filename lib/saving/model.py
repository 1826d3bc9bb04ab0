"""Saves a classifier with all that is needed to use it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib.nn import models
from lib.saving.archive import MODEL, CheckpointError, Path, _leaves, nested, read, write
from lib.saving.checkpoint import _check_tree

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


@dataclasses.dataclass(frozen=True)
class SavedModel:
    """A model ready to use.

    Attributes:
      model: the Flax module, one of `lib.nn.models`.
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
    """Saves a classifier with all that is needed to use it: `python -m lib predict` does.

    Args:
      path: the file, usually `.npz`; its folder must exist. A file that is there is replaced in
        one step.
      model: one of this library, such as `lib.ConvClassifier(…)`: its class is kept by name and
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
            f"save_model keeps models of lib.nn.models ({', '.join(_MODELS)}), and this is a "
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
    write(path, about, {"params": params})


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
    about, arrays = read(path, MODEL)
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
        tree = nested({key.removeprefix("params/"): array for key, array in arrays.items()})
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
