"""Splitting examples into two parts at random, with every class in proportion."""

from __future__ import annotations

import numpy as np

from lib.data.dataset import Split
from lib.data.rng import RngBits


def held_out(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Chooses examples at random, as evenly over the classes as the numbers allow.

    Args:
      labels: (n,), integers.
      size: how many to choose, 0…n; with the same seed, a larger choice contains every smaller one.
      seed: a non-negative integer.

    Returns:
      (n,), bool, True for the chosen ones.
    """
    # How far down the shuffled list of its class an example is, as a share of that list.
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = RngBits(seed, int(label)).order(len(members))
        place[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    chosen = np.zeros(len(labels), bool)
    chosen[np.argsort(place, kind="stable")[:size]] = True
    return chosen


def held_out_of_each(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Chooses a share of the examples as `held_out` does, but never all examples of a class.

    At least one example of every class stays. At least one is chosen if the class has several and
    its share is at least half an example.

    Args:
      labels: (n,), integers.
      share: of the examples, 0…1.
      seed: a non-negative integer.

    Returns:
      (n,), bool, True for the chosen ones.
    """
    chosen = held_out(labels, round(share * len(labels)), seed)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = members[RngBits(seed, int(label)).order(len(members))]
        if chosen[members].all():
            chosen[order[-1]] = False
        elif share * len(members) >= 0.5 and len(members) > 1 and not chosen[members].any():
            chosen[order[0]] = True
    return chosen


def kept_of_each(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Chooses a share to keep as `held_out` does, but keeps some of every class.

    At least one example of every class is chosen. At least one is not if the class has several and
    the share left over is at least half an example.

    Args:
      labels: (n,), integers.
      share: of the examples, 0…1; 0 chooses none and 1 chooses all.
      seed: a non-negative integer.

    Returns:
      (n,), bool, True for the chosen ones.
    """
    kept = held_out(labels, round(share * len(labels)), seed)
    if not 0 < share < 1:
        return kept
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = members[RngBits(seed, int(label)).order(len(members))]
        left = round((1 - share) * len(members), 9)
        if not kept[members].any():
            kept[order[0]] = True
        elif left >= 0.5 and len(members) > 1 and kept[members].all():
            kept[order[-1]] = False
    return kept


def split_off(split: Split, size: int, seed: int) -> tuple[Split, Split]:
    """Takes examples out of a split, as `held_out` chooses them.

    Args:
      split: the examples.
      size: how many to take out.
      seed: a non-negative integer.

    Returns:
      The examples left, and the examples taken out, both in their original order.
    """
    chosen = held_out(split.labels, size, seed)
    return (
        Split(split.images[~chosen], split.labels[~chosen]),
        Split(split.images[chosen], split.labels[chosen]),
    )
