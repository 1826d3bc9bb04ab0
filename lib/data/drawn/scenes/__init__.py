"""Drawn colour scenes: stand-ins for the photographs of weeks 4 to 8 and the project.

Each set has a module with `paint(rng, labels, edge)`, which paints a block of pictures. A block
depends only on the seed and its number, so the pictures do not depend on how many you ask for. One
thread paints: the steps are so short that a second thread would only wait for Python's lock.
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
    """Paints the first `size` pictures of one stream of a seed.

    Args:
      name: one of `NUMBERS`.
      size: number of pictures, at least 0.
      seed: a non-negative integer of any size.
      stream: 0 for training, 1 for test, 2 for fresh pictures.
      edge: height and width of a picture in pixels.

    Returns:
      The pictures, uint8 (size, edge, edge, channels), and their labels, int32. Rounds of all
      classes, each in random order, so the numbers of pictures per class differ by at most one.
    """
    paint = importlib.import_module(f"lib.data.drawn.scenes.{name}").paint
    classes = drawn_labels(name)
    images = np.empty((size, edge, edge, SETS[name].channels), np.uint8)
    labels = np.empty(size, np.int32)
    # Complete rounds of all classes, so that each class has the same number of pictures.
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
