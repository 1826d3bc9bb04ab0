"""The stand-in for MNIST: how each digit is written.

A digit is one or more pen strokes through a few points. Some digits have several forms, because
people write them in different ways. Points are in a box of 1×1, y downwards. A form is stored as
the distance of every grid cell to its strokes, so that each image can have its own pen width.
"""

from __future__ import annotations

import numpy as np

from lib.data.drawn.drawing import GRID, UNITS, distance_to, spline
from lib.data.rng import RngBits

# Each form is a tuple of strokes "x,y x,y …", in hundredths of the box; a point written twice makes
# a corner, a final "o" closes the curve.
FORMS: dict[int, tuple[tuple[str, ...], ...]] = {
    0: (
        ("50,0 15,16 0,50 14,84 50,100 86,84 100,50 85,16 o",),
        ("62,2 25,10 4,50 16,88 48,100 84,82 97,45 80,8 48,0 36,12",),
    ),
    1: (
        ("50,0 50,35 50,70 50,100",),
        ("60,0 54,35 48,70 42,100",),
        ("22,26 40,14 54,0 54,0 54,50 54,100",),
        ("24,24 52,0 52,0 52,50 52,100", "22,100 50,100 80,100"),
    ),
    2: (
        ("6,26 28,2 68,2 90,28 70,56 36,80 3,99 3,99 50,98 98,98",),
        ("8,20 40,0 84,10 86,40 52,70 16,94 4,90 22,78 56,92 98,98",),
        ("6,30 22,5 60,0 88,20 80,48 44,74 6,100 6,100 40,92 70,100 96,94",),
    ),
    3: (
        ("8,12 45,0 84,16 76,38 38,47 38,47 80,56 95,76 66,98 24,98 2,84",),
        ("8,3 50,2 86,2 86,2 42,42 42,42 84,52 94,76 62,99 20,97 2,84",),
        ("12,14 50,0 82,20 60,42 44,46 78,54 88,80 54,100 8,94",),
    ),
    4: (
        ("34,2 18,32 4,60 4,60 50,60 98,58", "72,26 70,60 66,100"),
        ("70,0 36,34 4,66 4,66 50,66 100,66", "70,0 70,50 70,100"),
        ("14,4 10,30 14,50 50,54 84,48", "86,2 82,50 78,100"),
    ),
    5: (
        ("88,2 56,2 26,3 26,3 20,24 15,44 15,44 52,36 88,54 86,84 48,100 5,90",),
        ("24,6 18,26 16,46 16,46 60,40 90,64 74,94 36,100 6,88", "24,5 56,4 92,0"),
    ),
    6: (
        ("74,1 36,20 8,54 12,88 48,100 84,84 84,60 52,50 14,68",),
        ("48,0 20,32 6,68 26,98 68,98 88,74 66,54 32,60 10,78",),
    ),
    7: (
        ("4,6 50,4 96,3 96,3 66,44 48,70 38,100",),
        ("4,5 50,5 94,3 94,3 64,48 36,100", "26,52 52,50 82,48"),
        ("4,20 8,4 8,4 50,4 96,3 96,3 60,50 44,100",),
    ),
    8: (
        ("80,16 50,0 18,16 32,40 70,56 90,80 62,99 26,98 10,78 36,54 72,38 84,18 o",),
        ("50,0 22,8 20,34 50,47 80,34 78,8 o", "50,47 16,56 10,86 50,100 90,86 84,56 o"),
    ),
    9: (
        ("86,24 56,0 16,12 12,38 44,52 80,36 88,14 88,14 82,56 70,100",),
        ("84,22 54,0 14,14 16,40 50,52 82,34 86,14 86,14 90,60 72,94 40,100 14,92",),
        ("60,0 22,6 12,30 36,50 76,42 88,16 60,0 60,0 88,10 86,50 84,100",),
    ),
}

VARIANTS = 48
"""Drawn variants of a digit, distributed evenly over its forms."""
_TREMBLE = 6
"""How far a point may lie from where the form has it, in hundredths of the box."""


def draw_digit(digit: int, rng: RngBits) -> np.ndarray:
    """Draws the variants of one digit.

    Args:
      digit: 0 to 9.
      rng: random numbers for the differences between variants.

    Returns:
      (VARIANTS, GRID, GRID), uint8: distances to the strokes (see `drawing.distance_to`).
    """
    forms = FORMS[digit]
    pictures = []
    for number, form in enumerate(forms):
        variants = len(range(number, VARIANTS, len(forms)))
        width = rng.between(900, 1350, (variants, 1)) / 100
        if digit == 1:
            width = width * 0.7
        height = rng.between(1750, 2000, (variants, 1)) / 100
        nearest = np.full((variants, GRID, GRID), 255, np.uint8)
        for stroke in form:
            closed = stroke.endswith("o")
            corners = stroke.removesuffix("o").split()
            points = np.array([[int(n) for n in corner.split(",")] for corner in corners])
            tremble = rng.between(-_TREMBLE, _TREMBLE, (variants, len(points), 2))
            # A corner is a point written twice: both copies tremble together.
            again = np.all(points[1:] == points[:-1], axis=1)
            tremble[:, 1:][:, again] = tremble[:, :-1][:, again]
            placed = (points + tremble) / 100 - 0.5
            x = UNITS / 2 + placed[..., 0] * width
            y = UNITS / 2 + placed[..., 1] * height
            curve = spline(np.stack([x, y], axis=-1), samples=8, closed=closed)
            nearest = np.minimum(nearest, distance_to(curve))
        pictures.append(nearest)
    return np.concatenate(pictures)
