"""The stand-in for Happy or Sad: drawn faces of many skin tones; the mouth shows the mood.

Brows and eyes help, but both classes have every kind of eye and brow; some sad faces have a tear.
"""

from __future__ import annotations

import numpy as np

from lib.data.drawn.scenes.painting import Canvas, Dice, Pose, mix, paint_block, smooth, turn
from lib.data.rng import RngBits

HAPPY, SAD = range(2)

_TONES = (
    (250, 210, 60), (250, 210, 60), (255, 225, 110), (245, 180, 70), (240, 195, 160),
    (215, 160, 120), (165, 110, 75), (110, 72, 50), (140, 200, 120), (130, 180, 230),
    (225, 160, 200),
)  # fmt: skip
_DARK = (40, 28, 24)


def _ground(canvas: Canvas, dice: Dice) -> None:
    first = dice.colour(60, 255)
    kind = dice.whole(0, 3)
    if kind == 0:
        canvas.fill(mix(first, (250, 250, 250), 0.7))
    elif kind == 1:
        canvas.gradient(first, dice.colour(60, 255), dice.direction())
    elif kind == 2:
        spots = canvas.steps(canvas.texture(dice.whole(3, 8)), 0.5, dice.uniform(0.1, 0.8))
        canvas.fill(canvas.blend(first, mix(first, dice.colour(), 0.4), spots))
    else:
        stripes = canvas.stripes(dice.uniform(2, 7), dice.direction(), dice.uniform(0.0, 0.5))
        canvas.fill(canvas.blend(first, mix(first, dice.colour(), 0.35), stripes))


def _hair(canvas: Canvas, dice: Dice) -> None:
    tone = dice.near(dice.pick(((60, 40, 30), (35, 30, 30), (150, 95, 50), (220, 180, 90))), 20.0)
    if dice.odds(0.5):
        canvas.ellipse((0.0, -0.25), (1.08, 0.98), tone, shade=0.2)
        canvas.stroke([(-0.95, -0.2), (-0.98, dice.uniform(0.0, 0.9))], 0.3, tone)
        canvas.stroke([(0.95, -0.2), (0.98, dice.uniform(0.0, 0.9))], 0.3, tone)
    else:
        canvas.ellipse((0.0, -0.55), (0.85, 0.65), tone, shade=0.2)


def _eyes(canvas: Canvas, dice: Dice, label: int) -> None:
    kind = dice.whole(0, 3)
    size, gap, high = dice.uniform(0.09, 0.17), dice.uniform(0.3, 0.44), dice.uniform(0.1, 0.32)
    tall = dice.uniform(1.0, 1.7)
    glance = dice.around(0.0, 0.4) * size
    iris = dice.pick(((70, 110, 160), (90, 60, 40), (70, 130, 80), _DARK))
    if kind == 3:
        # Closed eyes: mostly bent upwards in happy faces, downwards in sad ones.
        bend = dice.uniform(0.5, 1.0) * size
        if dice.odds(0.75) == (label == HAPPY):
            bend = -bend
    for side in (-1, 1):
        x, y = side * gap, -high
        if kind == 0:
            canvas.ellipse((x, y), (size * 0.8, size * 0.8 * tall), _DARK)
        elif kind in (1, 2):
            canvas.ellipse((x, y), (size * 1.4, size * 1.2 * tall), (250, 250, 248))
            pupil = (x + glance, y + 0.2 * size)
            canvas.ellipse(pupil, (size * 0.8, size * 0.8), iris)
            canvas.ellipse(pupil, (size * 0.4, size * 0.4), _DARK)
        else:
            arc = [(x - 1.3 * size, y), (x, y + bend), (x + 1.3 * size, y)]
            canvas.stroke(smooth(arc, 3, closed=False), 0.08, _DARK)
    if dice.odds(0.55):
        # Sad brows rise towards the middle, most happy ones do not.
        slope = dice.uniform(-0.05, 0.12) if label == HAPPY else dice.uniform(-0.22, 0.05)
        lift = dice.uniform(0.28, 0.4)
        for side in (-1, 1):
            inner, outer = side * (gap - 0.2), side * (gap + 0.2)
            y = -high - lift
            canvas.stroke([(inner, y + slope), (outer, y - slope)], dice.uniform(0.06, 0.1), _DARK)


def _mouth(canvas: Canvas, dice: Dice, label: int) -> None:
    wide, low = dice.uniform(0.42, 0.62), dice.uniform(0.38, 0.48)
    bend = dice.uniform(0.18, 0.34) * (1.0 if label == HAPPY else -1.0)
    lean = dice.around(0.0, 0.04)
    corners = [(-wide, low - 0.5 * bend - lean), (wide, low - 0.5 * bend + lean)]
    lip = dice.pick((_DARK, (150, 50, 50), (110, 40, 40)))
    curve = [
        corners[0],
        (-0.55 * wide, low + 0.3 * bend),
        (0.0, low + 0.6 * bend),
        (0.55 * wide, low + 0.3 * bend),
        corners[1],
    ]
    if dice.odds(0.35):
        # Open: between a strongly and a weakly bent line.
        gap = (0.65 if label == HAPPY else 0.45) * bend
        weak = [(x, y - (1.0 - (x / wide) * (x / wide)) * gap) for x, y in curve[1:-1]]
        outline = [*curve, *reversed(weak)]
        inside = canvas.polygon(smooth(outline, 3), (110, 30, 40))
        if dice.odds(0.6 if label == HAPPY else 0.3):
            canvas.stroke(
                [(-wide, low - 0.35 * abs(bend)), (wide, low - 0.35 * abs(bend))],
                0.14,
                (250, 250, 246),
                inside=inside,
            )
    else:
        canvas.stroke(smooth(curve, 3, closed=False), dice.uniform(0.08, 0.14), lip)


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    _ground(canvas, dice)
    tone = dice.near(dice.pick(_TONES), 20.0)
    scale = dice.uniform(0.34, 0.44)
    canvas.light_from = dice.direction()
    canvas.pose = Pose.of(
        turn=dice.turn(0.12),
        scale=scale,
        stretch=dice.around(1.0, 0.12),
        shear=dice.around(0.0, 0.1),
        flip=dice.odds(0.5),
        shift=(0.5 + dice.around(0.0, 0.5 - scale), 0.5 + dice.around(0.0, 0.5 - scale)),
        centre=(0.0, 0.0),
    )
    haired = dice.odds(0.35)
    if haired:
        _hair(canvas, dice)
    if dice.odds(0.5):
        canvas.ellipse((0.0, 0.0), (1.05, 1.05), mix(tone, _DARK, 0.6))
    face = canvas.ellipse((0.0, 0.0), (1.0, 1.0), tone, shade=dice.uniform(0.05, 0.25))
    if haired:
        fringe = mix(tone, _DARK, 0.75)
        canvas.ellipse((dice.around(0.0, 0.4), -1.05), (0.95, 0.42), fringe, inside=face)
    if dice.odds(0.3):
        for side in (-1, 1):
            canvas.ellipse((side * 0.62, 0.22), (0.18, 0.13), (235, 110, 100), opacity=0.45)
    _eyes(canvas, dice, label)
    if dice.odds(0.35):
        canvas.ellipse((0.0, 0.12), (0.07, 0.1), mix(tone, _DARK, 0.3))
    _mouth(canvas, dice, label)
    if label == SAD and dice.odds(0.2):
        x = dice.pick((-1.0, 1.0)) * 0.42
        canvas.ellipse((x, 0.25), (0.07, 0.13), (120, 185, 240), turn=turn(0.0), shade=0.2)
    canvas.pose = Pose()
    canvas.light(dice, 0.6)
    canvas.noise(dice.uniform(2.0, 10.0))


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of pictures.

    Args:
      rng: the block's stream.
      labels: (n,), int32; 0 is happy, 1 sad.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
