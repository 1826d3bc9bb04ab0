"""Saves a classifier with everything needed to use it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib import evaluation, modules
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
"""The classes that a file may name; the name in a file never leads to any other code."""


@dataclasses.dataclass(frozen=True)
class SavedModel:
    """A model ready to use.

    `lib.predict(kept, images)` accepts it like a training state.

    Attributes:
      model: the Flax module.
      params: its parameters.
      class_names: the name of each class.
      input_shape: (height, width, channels) of a picture.
      constants: the model's other collections of variables; {} if it has none.
    """

    model: nn.Module
    params: Any
    class_names: tuple[str, ...]
    input_shape: tuple[int, int, int]
    constants: Any = dataclasses.field(default_factory=dict)


def save_model(
    path: Path,
    model: nn.Module,
    params: Any,
    class_names: Sequence[str],
    input_shape: Sequence[int],
    constants: Any = None,
) -> None:
    """Saves a classifier with everything needed to use it, for example by `python -m lib predict`.

    Args:
      path: the file, `.npz`, or `.safetensors` for weights that other tools open; missing folders
        are created. An existing file is replaced in one step.
      model: a Flax module. A model of this library, such as `lib.ConvClassifier(…)`, is saved with
        its class name and its settings. The code of your own model is not saved; pass the model to
        `load_model`.
      params: its parameters.
      class_names: a name per class; two for a model with one (sigmoid) output.
      input_shape: (height, width, channels) of a picture, without the batch.
      constants: the model's other collections, `state.constants`, if it has any.

    Raises:
      ValueError: if names, shapes, parameters and other collections do not fit the model, two
        classes have the same name, or the path cannot be a file.
      TypeError: if the model is not a module of flax.linen, or class_names is not a list of names.
      OSError: if the file cannot be written.
    """
    modules.check_module(model)
    if np.shape(input_shape) != (3,):
        raise ValueError(
            f"save_model: input_shape is {input_shape!r:.80}, but it must be (height, width, "
            "channels)."
        )
    kept = SavedModel(
        model,
        params,
        evaluation.names_of_classes(class_names),
        tuple(int(n) for n in input_shape),  # pyright: ignore
        constants or {},
    )
    problem = _misfit(kept)
    if problem:
        raise ValueError(f"save_model: {problem}")
    ours = type(model) in _MODELS.values()
    fields = {
        field.name: getattr(model, field.name)
        for field in dataclasses.fields(model)  # pyright: ignore
        if ours and field.name not in ("parent", "name")
    }
    about = {
        "holds": MODEL,
        "class": type(model).__name__ if ours else _full_name(model),
        "settings": fields,
        "class_names": kept.class_names,
        "input_shape": kept.input_shape,
    }
    _check_tree(params)
    tree = {"params": params}
    if kept.constants:
        _check_tree(kept.constants)
        tree["constants"] = kept.constants
    write(path, about, tree)


def _full_name(model: nn.Module) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"


def load_model(path: Path, model: nn.Module | None = None) -> SavedModel:
    """Loads a model from a file of `save_model`.

    Args:
      path: the file.
      model: your own Flax module, if it is not one of this library, built exactly as when it was
        saved.

    Returns:
      The model with its parameters, bit for bit, its class names and the shape of its pictures.

    Raises:
      OSError: if there is no such file.
      CheckpointError: if it is damaged or foreign, does not fit the model, or needs your own model
        and you pass none.
    """
    if model is not None:
        modules.check_module(model)
    about, arrays = read(path, MODEL)
    name = os.fspath(path)
    try:
        problem = ""
        if model is None:
            model, problem = _of_this_library(name, about["class"], about["settings"])
        tree = nested(arrays)
        names = tuple(str(each) for each in about["class_names"])
        shape = tuple(int(n) for n in about["input_shape"])
        kept = SavedModel(
            model,
            tree.get("params", {}),
            names,
            shape,  # pyright: ignore
            tree.get("constants", {}),
        )
        problem = problem or _misfit(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        raise CheckpointError(f"{name} contains no usable model: {problem}")
    return kept  # pyright: ignore


def _of_this_library(name: str, kind: Any, settings: Any) -> tuple[nn.Module, str]:
    """The model that a file names, and what is wrong with its settings or ""."""
    if kind not in _MODELS:
        short = str(kind).rpartition(".")[2][:80]
        raise CheckpointError(
            f"{name} needs a model {str(kind)[:80]!r}, but this library has {', '.join(_MODELS)}. "
            f"If it is your own model, pass it: lib.load_model(path, model={short}(…))."
        )
    known = {f.name for f in dataclasses.fields(_MODELS[kind])} - {"parent", "name"}
    model = _MODELS[kind](**{key: _hashable(settings[key]) for key in known & settings.keys()})
    return model, "" if settings.keys() == known else "it has other settings than this library's"


def _hashable(value: Any) -> Any:
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value


def _misfit(kept: SavedModel) -> str:
    """Says why a model, its parameters and its names do not belong together; "" if they do."""
    if len(kept.input_shape) != 3 or min(kept.input_shape) < 1:
        return f"input_shape is {kept.input_shape}, but it must be (height, width, channels)."
    sample = jax.ShapeDtypeStruct((1, *kept.input_shape), jnp.float32)
    try:
        outputs, variables = jax.eval_shape(
            lambda key, sample: kept.model.init_with_output(
                key, sample, **modules.mode(kept.model, training=False)
            ),
            jax.random.key(0),
            sample,
        )
    except Exception as error:  # layers raise different errors for impossible sizes or settings
        return f"the model does not take pictures of shape {kept.input_shape} ({error})."
    needed = {name: leaf.shape for name, leaf in _leaves(variables.get("params", {})).items()}
    found = {name: np.shape(leaf) for name, leaf in _leaves(kept.params).items()}
    others = {k: v for k, v in variables.items() if k != "params"}
    if jax.tree.map(np.shape, others) != jax.tree.map(np.shape, dict(kept.constants)):
        return (
            f"the model has the collections {', '.join(others) or 'params alone'}, but you passed "
            "other ones or other shapes: pass constants=state.constants."
        )
    if needed != found:
        odd = sorted(needed.items() ^ found.items())[0][0]
        return (
            f"the parameters do not fit the model: {odd} is {found.get(odd, 'missing')}, but must "
            f"be {needed.get(odd, 'absent')}."
        )
    if len(getattr(outputs, "shape", ())) != 2 or len(kept.class_names) != max(2, outputs.shape[1]):
        return (
            f"there are {len(kept.class_names)} class names, but the model's output has the shape "
            f"{jax.tree.map(np.shape, outputs)}: each class needs a name."
        )
    return ""
