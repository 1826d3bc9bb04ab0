"""Coloured scenes, drawn here: stand-ins for the photographs of weeks 4 to 8 and the project.

A module per set, each with `paint(rng, labels, edge)`, which paints a block of pictures. A
block depends on nothing but the seed and its number, so the number of pictures asked for changes no
picture. One thread paints: the steps are so small that a second one only fights for Python's lock.
"""

from __future__ import annotations

import importlib

import numpy as np

from lib.data.dataset import MOVING_LETTERS, SETS, Split
from lib.data.progress import progress
from lib.data.rng import RngBits

BLOCK = 20
"""Pictures painted at once."""

NUMBERS = {
    "horse_or_human": 10,
    "happy_or_sad": 11,
    "cats_and_dogs": 12,
    "rock_paper_scissors": 13,
    "sign_language_mnist": 14,
    "flowers": 15,
    "animals": 16,
}
"""What names a set in its random streams."""

VERSIONS = dict.fromkeys(NUMBERS, "1")
"""Change whenever a set's pictures change: accuracy targets belong to one version."""


def drawn_labels(name: str) -> np.ndarray:
    """The labels of the classes that a set has pictures of, int32."""
    names = SETS[name].class_names
    still = [
        k
        for k, each in enumerate(names)
        if name != "sign_language_mnist" or each not in MOVING_LETTERS
    ]
    return np.array(still, np.int32)


def draw_scenes(name: str, size: int, seed: int, stream: int, edge: int) -> Split:
    """Paints the first `size` pictures of one of the streams of a seed.

    Args:
      name: one of `NUMBERS`.
      size: number of pictures, at least 0.
      seed: a non-negative integer of any size.
      stream: 0 for training, 1 for test, 2 for fresh pictures.
      edge: height and width of a picture in pixels.

    Returns:
      The pictures, uint8 (size, edge, edge, channels), and their labels, int32; the classes differ
      by one picture at most every so often as all have had their turn, in random order.
    """
    paint = importlib.import_module(f"lib.data.drawn.scenes.{name}").paint
    classes = drawn_labels(name)
    images = np.empty((size, edge, edge, SETS[name].channels), np.uint8)
    labels = np.empty(size, np.int32)
    # Whole rounds of all classes, so that each has as many pictures as the others.
    rounds = -(-size // len(classes))
    turns = RngBits(seed, NUMBERS[name], stream, 0)
    for number in range(rounds):
        here = slice(number * len(classes), (number + 1) * len(classes))
        labels[here] = classes[turns.order(len(classes))][: size - here.start]

    with progress(size, f"Drawing {SETS[name].title}") as show:
        for block in range(-(-size // BLOCK)):
            here = slice(block * BLOCK, min((block + 1) * BLOCK, size))
            wanted = np.zeros(BLOCK, np.int32) + labels[here][-1]
            wanted[: here.stop - here.start] = labels[here]
            rng = RngBits(seed, NUMBERS[name], stream, block + 1)
            images[here] = paint(rng, wanted, edge)[: here.stop - here.start]
            show(here.stop)
    return Split(images, labels)
