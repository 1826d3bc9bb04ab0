"""Drawing on a fine grid: curves, filled outlines and pen strokes, many variants at once.

A sketch has 28×28 units, the pixels of the finished images, and is drawn on a grid three times
as fine. Every function takes the points of all variants of a sketch in one array, so a few dozen
variants take little longer than one.

The bits are the same on every machine: only integers, and floating-point operations that the
IEEE standard rounds exactly (+ - * /), decide what is drawn where. The code does not use sine,
cosine, or sums whose order depends on the processor.
"""

from __future__ import annotations

import numpy as np

UNITS = 28
FINE = 3
"""Grid cells along one unit."""
GRID = UNITS * FINE

_STEP = 4
"""Positions of a pen are rounded to this fraction of a grid cell."""
DISTANCE_STEPS = 16
"""Distances to a stroke are in this fraction of a unit."""

_FAR = 255 * FINE * _STEP // DISTANCE_STEPS + 2
"""Distances from here on are all the same, in steps of a pen."""


def _distance_table() -> np.ndarray:
    """uint8 table from a squared distance in steps of a pen to 1/DISTANCE_STEPS of a unit."""
    roots = np.repeat(np.arange(_FAR), 2 * np.arange(_FAR) + 1)  # n² to n² + 2n have root n
    return np.minimum(roots * DISTANCE_STEPS // (FINE * _STEP), 255).astype(np.uint8)


_DISTANCE = _distance_table()


def spline(points: np.ndarray, samples: int = 6, closed: bool = False) -> np.ndarray:
    """A smooth curve through points (Catmull-Rom); a repeated point makes a corner.

    Args:
      points: (variants, points, 2), float64, x and y in units.
      samples: positions on the curve from one point to the next.
      closed: whether the curve goes back to the first point.

    Returns:
      (variants, positions, 2), float64.
    """
    if closed:
        points = np.concatenate([points[:, -1:], points, points[:, :2]], axis=1)
    else:
        points = np.concatenate([points[:, :1], points, points[:, -1:]], axis=1)
    before, start, end, after = (
        points[:, offset : points.shape[1] - 3 + offset, None, :] for offset in range(4)
    )
    t = (np.arange(samples) / samples)[:, None]
    linear = end - before
    square = 2 * before - 5 * start + 4 * end - after
    cubic = 3 * start - before - 3 * end + after
    curve = start + t * (linear + t * (square + t * cubic)) * 0.5
    curve = curve.reshape(len(points), -1, 2)
    if closed:
        return curve
    return np.concatenate([curve, points[:, -1:]], axis=1)


def distance_to(curve: np.ndarray) -> np.ndarray:
    """The distance of every grid cell to a curve, for strokes of any width.

    Args:
      curve: (variants, positions, 2), float64, in units; neighbours less than a unit apart.

    Returns:
      (variants, GRID, GRID), uint8, in 1/DISTANCE_STEPS of a unit, at most 255.
    """
    positions = np.rint(curve * (FINE * _STEP)).astype(np.int32)
    cells = np.arange(GRID, dtype=np.int32) * _STEP + _STEP // 2
    across = (cells - positions[:, :, 0, None]) ** 2
    down = (cells - positions[:, :, 1, None]) ** 2
    nearest = np.full((len(curve), GRID, GRID), _FAR * _FAR - 1, np.int32)
    for variant in range(len(curve)):
        scratch = np.empty((GRID, GRID), np.int32)
        for position in range(curve.shape[1]):
            np.add(across[variant, position], down[variant, position, :, None], out=scratch)
            np.minimum(nearest[variant], scratch, out=nearest[variant])
    return _DISTANCE[nearest]


def fill(outline: np.ndarray) -> np.ndarray:
    """The inside of closed outlines (even-odd rule).

    Args:
      outline: (variants, corners, 2), float64, in units.

    Returns:
      (variants, GRID, GRID), bool.
    """
    start = outline * FINE
    end = np.roll(start, -1, axis=1)
    rows = np.arange(GRID) + 0.5
    x0, y0 = start[..., 0, None], start[..., 1, None]
    x1, y1 = end[..., 0, None], end[..., 1, None]
    crosses = (y0 <= rows) != (y1 <= rows)
    height = np.where(crosses, y1 - y0, 1.0)
    at = x0 + (rows - y0) * (x1 - x0) / height
    column = np.clip(np.ceil(at - 0.5), 0, GRID).astype(np.int64)
    variant, _, row = np.nonzero(crosses)
    cell = (variant * GRID + row) * (GRID + 1) + column[crosses]
    toggles = np.bincount(cell, minlength=len(outline) * GRID * (GRID + 1))
    toggles = toggles.reshape(len(outline), GRID, GRID + 1)[:, :, :GRID]
    return np.cumsum(toggles, axis=2) % 2 == 1


def soften(picture: np.ndarray) -> np.ndarray:
    """The mean over the FINE×FINE cells around each cell, which smooths the sampled edges.

    Args:
      picture: (variants, GRID, GRID), integers of 0 to 255.

    Returns:
      The same shape, int32.
    """
    padded = np.pad(picture.astype(np.int32), ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) // (FINE * FINE)
