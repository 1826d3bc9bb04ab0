"""The stand-in for Horses or Humans: full figures in many poses, coats, clothes and places.

Lengths are in heights of the figure: hooves and feet are at y = 0.5, the top is near −0.5.
"""

from __future__ import annotations

import numpy as np

from lib.data.drawn.scenes.creatures import DARK, coat, finish, place
from lib.data.drawn.scenes.painting import (
    Canvas,
    Dice,
    Material,
    Point,
    Pose,
    mix,
    paint_block,
    smooth,
)
from lib.data.rng import RngBits

HORSE, HUMAN = range(2)

_SKINS = (
    (245, 215, 190), (230, 185, 150), (205, 155, 115), (165, 115, 80), (120, 80, 55), (80, 55, 42),
)  # fmt: skip
_HAIRS = (
    (35, 28, 26), (70, 45, 30), (120, 80, 45), (200, 160, 90), (170, 80, 40), (190, 188, 185),
)  # fmt: skip


def _limb(
    canvas: Canvas,
    start: Point,
    bends: tuple[Point, Point],
    widths: tuple[float, float, float],
    tone,
) -> Point:
    """A leg or an arm of two bones, each given by its direction; returns its end."""
    joint = (start[0] + bends[0][0], start[1] + bends[0][1])
    end = (joint[0] + bends[1][0], joint[1] + bends[1][1])
    canvas.stroke([start, joint, end], widths, tone, shade=0.2)
    return end


def _bones(dice: Dice, swing: float, length: float) -> tuple[Point, Point]:
    """Two bones that hang down and swing forward (positive) or back."""
    first = swing * dice.uniform(0.6, 1.1)
    second = first - abs(swing) * dice.uniform(0.0, 1.2)
    return (first * length, (1.0 - 0.4 * first * first) * length), (
        second * length,
        (1.0 - 0.4 * second * second) * length,
    )


def _horse(canvas: Canvas, dice: Dice) -> None:
    """Seen from the side, looking to the right; standing, grazing or galloping."""
    fur, colour = coat(canvas, dice)
    dim = fur * dice.uniform(0.6, 0.9)
    mane = mix(dice.pick((colour, *_HAIRS)), DARK, dice.uniform(0.0, 0.6))
    hoof = mix(colour, DARK, 0.8)
    long, thick = dice.uniform(0.3, 0.38), dice.uniform(0.13, 0.17)
    back = -0.1
    gallop = dice.uniform(0.5, 0.95) if dice.odds(0.4) else dice.uniform(0.0, 0.25)
    bone = 0.5 * (0.5 - back - 0.05)
    # Tail.
    rump = (-long * 0.92, back - 0.06)
    fling = dice.uniform(0.05, 0.25)
    tail = [
        rump,
        (rump[0] - fling, rump[1] + 0.1),
        (rump[0] - fling, rump[1] + dice.uniform(0.2, 0.45)),
    ]
    canvas.stroke(smooth(tail, 3, closed=False), dice.uniform(0.05, 0.1), mane)
    # Legs of the far side, body, legs of the near side.
    for near, tone in ((False, dim), (True, fur)):
        if near:
            canvas.ellipse((0.0, back), (long, thick), fur, shade=0.3)
            canvas.ellipse((-long * 0.6, back - 0.02), (long * 0.45, thick * 1.05), fur, shade=0.2)
        for x, way in ((-long * 0.72, -1.0), (long * 0.7, 1.0)):
            swing = way * gallop + dice.around(0.0, 0.12 + 0.3 * gallop)
            start = (x + (0.0 if near else 0.06), back + 0.05)
            widths = (dice.uniform(0.11, 0.14), 0.06, 0.045)
            end = _limb(canvas, start, _bones(dice, swing, bone), widths, tone)
            canvas.ellipse(end, (0.035, 0.025), hoof)
    # Neck and head.
    pose = dice.whole(0, 4)
    if pose == 0:
        crest = (long + dice.uniform(0.14, 0.22), back + dice.uniform(0.15, 0.3))
        nose = (crest[0] + dice.uniform(0.0, 0.1), crest[1] + 0.2)
    else:
        crest = (long + dice.uniform(0.02, 0.18), back - dice.uniform(0.24, 0.4))
        nose = (crest[0] + dice.uniform(0.14, 0.22), crest[1] + dice.uniform(0.06, 0.18))
    root = (long * 0.72, back - 0.03)
    middle = ((root[0] + crest[0]) / 2, (root[1] + crest[1]) / 2)
    canvas.stroke([root, middle, crest], [0.24, 0.16, 0.12], fur, shade=0.2)
    for _ in range(3):
        ear = (crest[0] - 0.02 + dice.around(0.0, 0.03), crest[1] - dice.uniform(0.1, 0.14))
        canvas.stroke([crest, ear], [0.06, 0.015], fur)
    canvas.stroke([crest, nose], [0.13, 0.085], fur, shade=0.25)
    canvas.ellipse(nose, (0.04, 0.035), mix(colour, DARK, dice.uniform(0.0, 0.6)), opacity=0.7)
    eye = (crest[0] * 0.72 + nose[0] * 0.28, crest[1] * 0.72 + nose[1] * 0.28 - 0.015)
    canvas.ellipse(eye, (0.014, 0.014), DARK)
    if dice.odds(0.85):
        bent = [
            (crest[0] + 0.01, crest[1] - 0.05),
            (middle[0] - 0.06, middle[1] - 0.02),
            (root[0] - 0.08, root[1] - 0.05),
        ]
        canvas.stroke(smooth(bent, 3, closed=False), [0.05] + [0.08] * 5 + [0.03], mane)
    if dice.odds(0.2):
        cloth = dice.colour()
        canvas.ellipse((0.02, back - thick * 0.75), (0.09, 0.06), cloth, shade=0.2)


def _clothes(canvas: Canvas, dice: Dice) -> Material:
    """Cloth of any colour, or of a coat's colours and patterns."""
    if dice.odds(0.4):
        return coat(canvas, dice)[0]
    first = dice.colour()
    if dice.odds(0.6):
        return canvas.blend(first, mix(first, DARK, 0.3), canvas.texture(dice.whole(4, 10)))
    stripes = canvas.stripes(dice.uniform(8.0, 24.0), dice.direction(), dice.uniform(0.0, 0.5))
    return canvas.blend(first, dice.colour(), canvas.steps(stripes, 0.5, 0.3))


def _human(canvas: Canvas, dice: Dice) -> None:
    """Seen from the front: standing, walking, waving, sitting or bent."""
    skin = dice.near(dice.pick(_SKINS), 15.0)
    hair = dice.near(dice.pick(_HAIRS), 20.0)
    top, trousers = _clothes(canvas, dice), _clothes(canvas, dice)
    shoe = dice.colour(10, 200)
    wide = dice.uniform(0.085, 0.13)
    shoulder, hip = -0.27, dice.uniform(0.0, 0.05)
    leg = 0.5 * (0.48 - hip)
    lean = dice.around(0.0, 0.14)
    neck = (lean, shoulder - 0.03)
    sitting = dice.odds(0.15)
    skirt = dice.odds(0.25)
    bare = dice.odds(0.25)
    # Legs.
    stride = dice.uniform(0.0, 0.8) if dice.odds(0.6) else 0.15
    for side in (-1, 1):
        start = (side * wide * 0.55, hip)
        swing = side * stride + dice.around(0.0, 0.2)
        bones = _bones(dice, swing, leg)
        if sitting:
            bones = ((side * 0.1 + dice.uniform(-0.1, 0.2), 0.08), (dice.around(0.0, 0.06), leg))
        tone = skin if bare or skirt else trousers
        end = _limb(canvas, start, bones, (wide * 1.05, 0.085, 0.06), tone)
        toe = (end[0] + dice.uniform(0.0, 0.06) * side, end[1] + 0.015)
        canvas.stroke([end, toe], [0.065, 0.05], shoe)
    far_arm = dice.odds(0.5)
    arms = []
    for side in (-1, 1):
        raised = dice.odds(0.3)
        first = (side * dice.uniform(0.02, 0.15), dice.uniform(-0.14, 0.05) if raised else 0.15)
        second = (
            side * dice.uniform(-0.12, 0.14),
            dice.uniform(-0.18, 0.02) if raised else dice.uniform(0.05, 0.15),
        )
        arms.append(((neck[0] + side * wide, shoulder + 0.02), (first, second)))
    sleeve = skin if dice.odds(0.35) else top

    def arm(number: int) -> None:
        start, bones = arms[number]
        hand = _limb(canvas, start, bones, (0.075, 0.06, 0.045), sleeve)
        canvas.ellipse(hand, (0.028, 0.028), skin)

    if far_arm:
        arm(0)
    # Torso, and perhaps a skirt or coat.
    waist = wide * dice.uniform(0.7, 1.0)
    torso = [
        (neck[0] - wide, shoulder),
        (neck[0], shoulder - 0.03),
        (neck[0] + wide, shoulder),
        (0.5 * lean + waist, 0.5 * (shoulder + hip)),
        (wide * 0.95, hip + 0.03),
        (0.0, hip + 0.05),
        (-wide * 0.95, hip + 0.03),
        (0.5 * lean - waist, 0.5 * (shoulder + hip)),
    ]
    if skirt:
        hem = hip + dice.uniform(0.1, 0.3)
        flare = wide * dice.uniform(1.1, 1.8)
        cloth = top if dice.odds(0.5) else trousers
        canvas.polygon(
            [(-waist, hip - 0.06), (waist, hip - 0.06), (flare, hem), (-flare, hem)],
            cloth,
            shade=0.2,
        )
    canvas.polygon(smooth(torso, 3), top, shade=0.3)
    # Head.
    centre = (neck[0] + 0.3 * lean, shoulder - dice.uniform(0.12, 0.14))
    radius = dice.uniform(0.065, 0.085)
    style = dice.whole(0, 3)
    if style == 1:
        canvas.stroke(
            [(centre[0], centre[1]), (centre[0] + dice.around(0.0, 0.04), shoulder + 0.06)],
            radius * 2.3,
            hair,
        )
    canvas.stroke([centre, neck], 0.055, mix(skin, DARK, 0.15))
    canvas.ellipse(centre, (radius * 0.85, radius * 1.1), skin, shade=0.2)
    if style == 2:
        canvas.ellipse(
            (centre[0], centre[1] - 0.55 * radius), (radius * 0.95, radius * 0.65), dice.colour()
        )
        canvas.stroke(
            [
                (centre[0] - radius, centre[1] - 0.3 * radius),
                (centre[0] + 1.3 * radius, centre[1] - 0.3 * radius),
            ],
            0.02,
            dice.colour(),
        )
    elif style != 3:
        canvas.ellipse((centre[0], centre[1] - 0.55 * radius), (radius * 0.95, radius * 0.7), hair)
    for side in (-1, 1):
        canvas.ellipse((centre[0] + side * 0.3 * radius, centre[1] + 0.05), (0.008, 0.008), DARK)
    if not far_arm:
        arm(0)
    arm(1)


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    place(canvas, dice)
    scale = dice.uniform(0.55, 1.0)
    space = max(0.5 - 0.45 * scale, 0.06)
    canvas.light_from = dice.direction()
    canvas.pose = Pose.of(
        turn=dice.turn(0.18),
        scale=scale,
        stretch=dice.around(1.0, 0.15),
        shear=dice.around(0.0, 0.15),
        flip=dice.odds(0.5),
        shift=(0.5 + dice.around(0.0, 0.2), 0.5 + dice.around(0.0, space)),
        centre=(0.0, 0.0),
    )
    canvas.ellipse((0.0, 0.5), (0.3, 0.04), DARK, opacity=dice.uniform(0.0, 0.5))
    if label == HORSE:
        _horse(canvas, dice)
    else:
        _human(canvas, dice)
    canvas.pose = Pose()
    finish(canvas, dice)


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of pictures.

    Args:
      rng: the block's stream.
      labels: (n,), int32; 0 is a horse, 1 a human.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
