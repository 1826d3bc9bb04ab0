"""Freezing parameters: a pre-trained part stays frozen, the rest learns.

Patterns choose parameters by path, such as "backbone/conv1/kernel". In a pattern, `*` stands for
any letters within one part of a path, `?` for one letter, and `**` for any number of parts; a
pattern that matches a branch of the tree means everything in it. "backbone" and "backbone/**" match
the entire backbone, "conv*" matches the layers conv1, conv2 …, and "**/bias" matches all biases.
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
    """A regular expression that matches the start of "path/" if the pattern matches the path."""
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
    """Labels every parameter as frozen or trainable.

    Args:
      params: a tree of parameters.
      patterns: one or several patterns for the paths to freeze.

    Returns:
      A tree like `params` with "frozen" or "trainable" instead of each array.

    Raises:
      ValueError: if a pattern matches no parameter: it is misspelt, or for another model.
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
    """Makes an optimizer that leaves some parameters unchanged, bit for bit.

    It keeps no state for them. Nothing uses their gradients, so a compiled training step does not
    compute them either.

    Args:
      optimizer: the optimizer for the other parameters, such as `optax.rmsprop(0.0001)`.
      params: the tree of parameters to optimize.
      patterns: one or several patterns for the paths to freeze: in a pattern, `*` stands for any
        letters within one part of a path, `?` for one letter, and `**` for any number of parts.
        A branch, such as "backbone", means everything in it.

    Returns:
      The optimizer, for `lib.create_state`.

    Raises:
      ValueError: if a pattern matches no parameter.
    """
    return optax.partition(
        {TRAINABLE: optimizer, FROZEN: optax.set_to_zero()}, labels(params, patterns)
    )


def trainable(params: Any, patterns: Patterns) -> dict[str, jax.Array]:
    """The parameters that are trained.

    Args:
      params: a tree of parameters.
      patterns: one or several patterns for the frozen paths.

    Returns:
      Path to array, in the order of the tree.

    Raises:
      ValueError: if a pattern matches no parameter.
    """
    kinds = jax.tree.leaves(labels(params, patterns))
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return {
        _path(keys): leaf
        for (keys, leaf), kind in zip(leaves, kinds, strict=True)
        if kind == TRAINABLE
    }


def count_trainable(params: Any, patterns: Patterns) -> int:
    """Counts the trainable numbers.

    Args:
      params: a tree of parameters, or of their shapes (`jax.eval_shape`).
      patterns: one or several patterns for the frozen paths.

    Raises:
      ValueError: if a pattern matches no parameter.
    """
    return sum(int(np.prod(leaf.shape)) for leaf in trainable(params, patterns).values())
