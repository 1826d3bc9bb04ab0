"""Frozen parameters by path: trees, the rule for what is frozen, and wrong rules people write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Tree = dict[str, Any]


def leaves_of(tree: Any, path: str = "") -> dict[str, Any]:
    """Returns path to leaf; an empty dict has no leaves."""
    if not isinstance(tree, Mapping):
        return {path: tree}
    return {
        place: leaf
        for name, value in tree.items()
        for place, leaf in leaves_of(value, f"{path}/{name}" if path else str(name)).items()
    }


def is_frozen(path: str, frozen: Sequence[str]) -> bool:
    """Returns whether a path is one of the frozen ones, or below one of them."""
    return any(f"{path}/".startswith(f"{each}/") for each in frozen)


def draw_trees(rng: np.random.Generator) -> list[tuple[Tree, list[str], str]]:
    """Draws trees of several depths, with the frozen paths and a description of each case."""

    def layer(*shape: int) -> Tree:
        kernel = rng.normal(size=shape).astype(np.float32)
        return {"kernel": kernel, "bias": rng.normal(size=shape[-1]).astype(np.float32)}

    few = [int(n) for n in rng.integers(2, 6, 4)]
    flat = {
        "conv1": layer(3, 3, few[0], few[1]),
        "conv10": layer(3, 3, few[1], few[2]),
        "my_conv1": layer(few[2], few[3]),
    }
    deep = {
        "backbone": {"conv1": layer(2, few[1]), "block": {"conv1": layer(few[1], few[2])}},
        "head": {"dense": layer(few[2], few[3]), "backbone": layer(few[3], 2)},
    }
    return [
        (flat, ["conv1"], "one layer of a flat tree"),
        (deep, ["backbone"], "a part with layers inside layers"),
        (
            deep,
            ["backbone/block/conv1/kernel", "head/dense"],
            "several paths, one of them to a single array",
        ),
        (flat, [], "nothing frozen"),
    ]


def first_part_is_frozen(path: str, frozen: Sequence[str]) -> bool:
    """Returns whether the first name of a path is frozen: a wrong rule."""
    return path.split("/")[0] in frozen


NOT_AT_THE_TOP = (
    "You look for the names anywhere in the path. A path begins at the top of the tree: the same "
    "name further down is another part."
)


WRONG_LABELS: tuple[tuple[str, Callable[[str, Sequence[str]], bool]], ...] = (
    ("You swapped the two words.", lambda path, frozen: not is_frozen(path, frozen)),
    ('Every label is "frozen": only the paths in `frozen` should be.', lambda path, frozen: True),
    (
        'Every label is "trainable": the paths in `frozen` should not be.',
        lambda path, frozen: False,
    ),
    (
        "You compare the beginnings of names. Compare whole parts of the path, with the '/' "
        "after them.",
        lambda path, frozen: path.startswith(tuple(frozen)),
    ),
    (
        NOT_AT_THE_TOP,
        lambda path, frozen: any(f"/{each}/" in f"/{path}/" for each in frozen),
    ),
    (
        NOT_AT_THE_TOP,
        lambda path, frozen: path in frozen or not set(path.split("/")).isdisjoint(frozen),
    ),
    (
        "You look for the letters anywhere in the path. Compare whole parts, from the top of "
        "the tree.",
        lambda path, frozen: any(each in path for each in frozen),
    ),
    (
        "You compare only the first name of the path. A path in `frozen` may be longer: "
        '"head/dense".',
        first_part_is_frozen,
    ),
    (
        "You freeze only paths that name the array itself. Everything in a frozen dict is frozen "
        "too, at any depth.",
        lambda path, frozen: path in frozen,
    ),
    (
        "You compare only the dict around the array. Everything in a frozen dict is frozen too, "
        "at any depth.",
        lambda path, frozen: path in frozen or path.rpartition("/")[0] in frozen,
    ),
    (
        "You look only at the first path in `frozen`: look at all of them.",
        lambda path, frozen: is_frozen(path, frozen[:1]),
    ),
    (
        "You look only at the last path in `frozen`: look at all of them.",
        lambda path, frozen: is_frozen(path, frozen[-1:]),
    ),
)
"""Wrong rules for what is frozen."""


def labels_of(paths: Iterable[str], frozen: Sequence[str], rule: Any = is_frozen) -> dict[str, str]:
    """Returns path to label."""
    return {path: "frozen" if rule(path, frozen) else "trainable" for path in paths}


def same_bits(one: Any, other: Any) -> bool:
    """Returns whether two arrays have the same shape, dtype and bytes."""
    one, other = np.asarray(one), np.asarray(other)
    return (one.shape, one.dtype, one.tobytes()) == (other.shape, other.dtype, other.tobytes())
