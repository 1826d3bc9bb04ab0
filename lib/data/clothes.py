"""The stand-in for Fashion-MNIST: how each garment is drawn."""

from __future__ import annotations

import numpy as np

from lib.data.chance import Chance
from lib.data.drawing import fill, soften

VARIANTS = 48

_OUTLINES = {
    0: "6,8 11,5 17,5 22,8 25,12 21,14 20,12 20,24 8,24 8,12 7,14 3,12",
    1: "9,3 19,3 21,26 16,26 14,9 12,26 7,26",
    2: "6,8 11,5 17,5 22,8 25,23 22,23 20,12 20,24 8,24 8,12 6,23 3,23",
    3: "11,3 12,3 14,7 16,3 17,3 18,10 17,13 22,26 6,26 11,13 10,10",
    4: "6,7 11,3 17,3 22,7 25,22 22,22 20,12 21,27 7,27 8,12 6,22 3,22",
    5: "2,20 8,18 14,14 20,10 26,8 27,18 26,18 24,14 14,20 2,21",
    6: "6,8 11,5 14,8 17,5 22,8 25,21 22,22 20,12 20,25 8,25 8,12 6,22 3,21",
    7: "2,18 10,14 14,10 17,12 24,11 26,14 26,20 2,21",
    8: "4,12 8,12 10,6 18,6 20,12 24,12 25,24 3,24",
    9: "3,22 4,18 12,14 13,4 22,4 23,14 24,23 20,23 19,21 3,24",
}


def draw_garment(label: int, chance: Chance) -> np.ndarray:
    """Draws the variants of one garment: (VARIANTS, GRID, GRID), uint16, cloth + 256·trim."""
    points = np.array([[int(n) for n in p.split(",")] for p in _OUTLINES[label].split()])
    outline = points + chance.around(0, 80, (VARIANTS, len(points), 2)) / 100
    return soften(fill(outline) * 255).astype(np.uint16)
