"""Splitting examples into two parts by chance, every class in proportion."""

from __future__ import annotations

import numpy as np

from lib.data.dataset import Split
from lib.data.rng import RngBits


def held_out(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Chooses examples at random, as evenly over the classes as the numbers allow.

    Args:
      labels: (n,), integers.
      size: how many to choose, 0…n; a larger choice of the same seed contains the smaller ones.
      seed: a non-negative integer.

    Returns:
      (n,), bool, True for the chosen ones.
    """
    # How far down the shuffled list of its class an example stands, as a share of that list.
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = RngBits(seed, int(label)).order(len(members))
        place[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    chosen = np.zeros(len(labels), bool)
    chosen[np.argsort(place, kind="stable")[:size]] = True
    return chosen


def split_off(split: Split, size: int, seed: int) -> tuple[Split, Split]:
    """Takes examples out of a split, as `held_out` chooses them.

    Args:
      split: the examples.
      size: how many to take out.
      seed: a non-negative integer.

    Returns:
      What is left, and what was taken out, both in their old order.
    """
    chosen = held_out(split.labels, size, seed)
    return (
        Split(split.images[~chosen], split.labels[~chosen]),
        Split(split.images[chosen], split.labels[chosen]),
    )
