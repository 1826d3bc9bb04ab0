"""Transfer learning: a part that has learned before stays as it is, the rest learns.

Parameters are chosen by path, "backbone/conv1/kernel", with patterns of paths. In a pattern `*`
stands for any letters of one part of a path, `?` for one letter, and `**` for any number of parts;
a pattern that fits a folder of the tree means all that is in it. So "backbone" and "backbone/**"
are the whole backbone, "conv*" are the layers conv1, conv2 …, and "**/bias" are all biases.
"""

import re
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import optax

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
