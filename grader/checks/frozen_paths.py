"""Frozen parameters by path: trees of them, which are frozen, and the wrong rules people write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Tree = dict[str, Any]


def leaves_of(tree: Any, path: str = "") -> dict[str, Any]:
    """Path to leaf; an empty dict has none."""
    if not isinstance(tree, Mapping):
        return {path: tree}
    return {
        place: leaf
        for name, value in tree.items()
        for place, leaf in leaves_of(value, f"{path}/{name}" if path else str(name)).items()
    }


def is_frozen(path: str, frozen: Sequence[str]) -> bool:
    """True if a path is one of the frozen ones or below one of them."""
    return any(f"{path}/".startswith(f"{each}/") for each in frozen)


def draw_trees(rng: np.random.Generator) -> list[tuple[Tree, list[str], str]]:
    """Parameters of several depths, what is frozen in them, and what that case is about."""

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
        (deep, ["backbone"], "a whole part with layers inside layers"),
        (
            deep,
            ["backbone/block/conv1/kernel", "head/dense"],
            "several paths, one of a single array",
        ),
        (flat, [], "nothing frozen"),
    ]


def first_part_is_frozen(path: str, frozen: Sequence[str]) -> bool:
    """True if the first name of a path is one of the frozen ones: a wrong rule."""
    return path.split("/")[0] in frozen


NOT_AT_THE_TOP = (
    "The names are looked for anywhere in the path. A path begins at the top of the tree: the same "
    "name further down is another part."
)


WRONG_LABELS: tuple[tuple[str, Callable[[str, Sequence[str]], bool]], ...] = (
    ("The two words are exchanged.", lambda path, frozen: not is_frozen(path, frozen)),
    ('Every label is "frozen".', lambda path, frozen: True),
    ('Every label is "trainable".', lambda path, frozen: False),
    (
        "The beginnings of names are compared. Compare whole parts of the path, with the '/' "
        "behind them.",
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
        "The letters are looked for anywhere in the path. Compare whole parts, from the top of "
        "the tree.",
        lambda path, frozen: any(each in path for each in frozen),
    ),
    (
        "Only the first name of the path is compared. A path in `frozen` may be longer: "
        '"head/dense".',
        first_part_is_frozen,
    ),
    (
        "Only a path that names the array itself is frozen. What is in a frozen dict is frozen "
        "too, at any depth.",
        lambda path, frozen: path in frozen,
    ),
    (
        "Only the dict around the array is compared. What is in a frozen dict is frozen too, at "
        "any depth.",
        lambda path, frozen: path in frozen or path.rpartition("/")[0] in frozen,
    ),
    (
        "Only the first path in `frozen` is looked at.",
        lambda path, frozen: is_frozen(path, frozen[:1]),
    ),
    (
        "Only the last path in `frozen` is looked at.",
        lambda path, frozen: is_frozen(path, frozen[-1:]),
    ),
)
"""Wrong rules for what is frozen."""


def labels_of(paths: Iterable[str], frozen: Sequence[str], rule: Any = is_frozen) -> dict[str, str]:
    """Path to label."""
    return {path: "frozen" if rule(path, frozen) else "trainable" for path in paths}


def same_bits(one: Any, other: Any) -> bool:
    """True if two arrays have one shape, one dtype and the same bytes."""
    one, other = np.asarray(one), np.asarray(other)
    return (one.shape, one.dtype, one.tobytes()) == (other.shape, other.dtype, other.tobytes())
