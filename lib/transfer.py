"""Transfer learning: a part that has learned before stays as it is, the rest learns.

Parameters are chosen by path, "backbone/conv1/kernel", with patterns of paths. In a pattern `*`
stands for any letters of one part of a path, `?` for one letter, and `**` for any number of parts;
a pattern that fits a folder of the tree means all that is in it. So "backbone" and "backbone/**"
are the whole backbone, "conv*" are the layers conv1, conv2 …, and "**/bias" are all biases.
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

from lib.cache import load_arrays, save_arrays
from lib.inputs import as_input
from lib.layers import Dense, Dropout, Flatten
from lib.state import Fixed
from lib.steps import apply_model

FROZEN, TRAINABLE = "frozen", "trainable"

Patterns = str | Sequence[str]


def _expression(pattern: str) -> re.Pattern[str]:
    """A regular expression that fits the beginning of "path/" where the pattern fits the path."""
    expression = ""
    for part in pattern.strip("/").split("/"):
        if part == "**":
            expression += "(?:[^/]+/)*"
        else:
            letters = {"*": "[^/]*", "?": "[^/]"}
            expression += "".join(letters.get(letter, re.escape(letter)) for letter in part) + "/"
    return re.compile(expression)


def _path(keys: Any) -> str:
    return jax.tree_util.keystr(keys, simple=True, separator="/")


def labels(params: Any, patterns: Patterns) -> Any:
    """Says of every parameter whether it is frozen.

    Args:
      params: a tree of parameters.
      patterns: of the paths to freeze; one, or several.

    Returns:
      A tree like `params` with "frozen" or "trainable" in the place of each array.

    Raises:
      ValueError: if a pattern fits no parameter: it is misspelt, or of another model.
    """
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    expressions = [_expression(pattern) for pattern in patterns]
    paths = [_path(keys) for keys, _ in jax.tree_util.tree_leaves_with_path(params)]
    for pattern, expression in zip(patterns, expressions, strict=True):
        if not any(expression.match(path + "/") for path in paths):
            some = ", ".join(paths[:6]) + (", …" if len(paths) > 6 else "")
            raise ValueError(
                f"No parameter has a path like {pattern!r}, so there is nothing to freeze. "
                f"The paths are {some}."
            )

    def label(keys: Any, _: Any) -> str:
        path = _path(keys) + "/"
        return FROZEN if any(e.match(path) for e in expressions) else TRAINABLE

    return jax.tree_util.tree_map_with_path(label, params)


def freeze(
    optimizer: optax.GradientTransformation, params: Any, patterns: Patterns
) -> optax.GradientTransformation:
    """Makes an optimizer leave some parameters as they are, bit for bit.

    It keeps no memory for them, and as their gradients are used by nothing, a compiled training
    step does not compute them either.

    Args:
      optimizer: what the other parameters learn with, such as `optax.rmsprop(0.0001)`.
      params: the tree of parameters it is for.
      patterns: of the paths to freeze; one, or several. See the module.

    Returns:
      The optimizer, for `lib.create_state`.

    Raises:
      ValueError: if a pattern fits no parameter.
    """
    return optax.partition(
        {TRAINABLE: optimizer, FROZEN: optax.set_to_zero()}, labels(params, patterns)
    )


def trainable(params: Any, patterns: Patterns) -> dict[str, jax.Array]:
    """The parameters that learn.

    Args:
      params: a tree of parameters.
      patterns: of the paths that are frozen; one, or several.

    Returns:
      Path to array, in the order of the tree.

    Raises:
      ValueError: if a pattern fits no parameter.
    """
    kinds = jax.tree.leaves(labels(params, patterns))
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return {
        _path(keys): leaf
        for (keys, leaf), kind in zip(leaves, kinds, strict=True)
        if kind == TRAINABLE
    }


def count_trainable(params: Any, patterns: Patterns) -> int:
    """How many numbers learn.

    Args:
      params: a tree of parameters, or of their shapes (`jax.eval_shape`).
      patterns: of the paths that are frozen; one, or several.

    Raises:
      ValueError: if a pattern fits no parameter.
    """
    return sum(int(np.prod(leaf.shape)) for leaf in trainable(params, patterns).values())


class TransferHead(nn.Module):
    """What is put on a backbone: Flatten, Dense with ReLU, Dropout, Dense.

    Features (n, …) to logits (n, outputs).
    """

    hidden: int = 1024
    dropout: float = 0.2
    outputs: int = 1

    @nn.compact
    def __call__(self, features: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits, (n, outputs)."""
        x = Flatten(name="flatten")(features)
        x = Dense(self.hidden, activation=nn.relu, name="dense")(x)
        x = Dropout(self.dropout, deterministic=not train, name="dropout")(x)
        return Dense(self.outputs, name="logits")(x)


class TransferClassifier(nn.Module):
    """A backbone with a new head: pictures to logits.

    The backbone runs in evaluation mode also while the head learns. Its parameters are under
    "backbone", those of the head under "head", so that `freeze(optimizer, params, "backbone")`
    lets the head alone learn.
    """

    backbone: nn.Module
    head: TransferHead = TransferHead()

    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits, (n, outputs)."""
        return self.head(self.backbone(images), train=train)


def transfer_variables(
    model: TransferClassifier,
    backbone: Mapping[str, Any],
    sample_inputs: jax.Array | np.ndarray,
    key: jax.Array,
) -> dict[str, Any]:
    """Puts a trained backbone under a head with random parameters.

    Args:
      model: the whole model.
      backbone: the backbone's variables: {"params": …} and, if it has some, other collections.
      sample_inputs: an example batch; only its shape and dtype matter.
      key: random key for the head.

    Returns:
      The variables of the whole model, for `lib.create_state(…, variables=…)`.
    """
    sample = jax.eval_shape(as_input, sample_inputs[:1])
    features = jax.eval_shape(model.backbone.apply, backbone, sample)
    head = jax.jit(
        lambda key: model.head.init(key, jnp.zeros(features.shape, features.dtype))  # type: ignore
    )(key)
    rest = {name: {"backbone": tree} for name, tree in backbone.items() if name != "params"}
    return {"params": {"backbone": backbone["params"], "head": head["params"]}, **rest}


def _apply(variables: Any, images: jax.Array, model: nn.Module) -> jax.Array:
    constants = {name: tree for name, tree in variables.items() if name != "params"}
    return apply_model(model, variables["params"], images, constants=constants)


@jax.jit
def _features(variables: Any, images: jax.Array, fixed: Fixed) -> jax.Array:
    return _apply(variables, images, fixed.value)


def features(
    model: nn.Module,
    variables: Mapping[str, Any],
    images: Any,
    batch_size: int = 64,
    cache: str | os.PathLike[str] | None = None,
) -> np.ndarray:
    """What a frozen backbone makes of pictures, computed once for as many epochs as you like.

    A head that learns from these features learns what it would on top of the backbone, and each of
    its steps costs a hundredth. That holds as long as nothing in front of the head is random:
    augmented pictures are others each time, and need the backbone each time.

    Args:
      model: the backbone; it runs in evaluation mode.
      variables: its variables, {"params": …} and other collections.
      images: (n, height, width, channels); uint8 pictures are scaled to 0…1.
      batch_size: pictures at once; it changes the memory needed, not the result.
      cache: a file to keep the features in. It is read if it was made from the same model,
        variables and pictures, and written anew otherwise.

    Returns:
      (n, …), the backbone's output.

    Raises:
      ValueError: if there are no images.
    """
    images = np.asarray(images)
    if len(images) == 0:
        raise ValueError("There are no pictures to compute features of.")
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
        found.append(np.asarray(_features(variables, full, Fixed(model)))[: len(batch)])
    result = np.concatenate(found)
    if path is not None:
        save_arrays(path, {"of": np.array(name), "features": result})
    return result


def _fingerprint(model: nn.Module, variables: Any, images: np.ndarray) -> str:
    """Names what the features depend on: what the model computes, not what it is called."""
    traced = jax.make_jaxpr(lambda known, seen: _apply(known, seen, model))(variables, images[:1])
    text = re.sub(r" at 0x[0-9a-f]+", "", str(traced))
    digest = hashlib.sha256(text.encode())
    for keys, leaf in jax.tree_util.tree_leaves_with_path((variables, images, traced.consts)):
        leaf = np.asarray(leaf)
        digest.update(f"{_path(keys)} {leaf.dtype} {leaf.shape}".encode())
        digest.update(np.ascontiguousarray(leaf).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
