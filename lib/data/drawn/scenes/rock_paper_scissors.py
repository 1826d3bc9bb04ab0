"""The stand-in for Rock, Paper, Scissors: hands of all skin colours, from the palm or the back."""

from __future__ import annotations

import numpy as np

from lib.data.drawn.scenes.hand import FINGERS, INDEX, LITTLE, MIDDLE, RING, Hand, any_skin
from lib.data.drawn.scenes.painting import Canvas, Colour, Dice, Pose, mix, paint_block
from lib.data.rng import RngBits

PAPER, ROCK, SCISSORS = range(3)


def _background(canvas: Canvas, dice: Dice, skin: Colour) -> None:
    """A plain wall, a rough one, cloth with stripes, or something out of focus.

    It is brighter or darker than the skin, brighter more often.
    """
    level = (skin[0] + skin[1] + skin[2]) / 3.0
    brighter, darker = (level + 50.0, 245.0), (15.0, level - 50.0)
    room = [each for each in (brighter, brighter, darker) if each[1] - each[0] > 20.0]
    low, high = dice.pick(room)
    grey = dice.uniform(low, high)
    first = mix((grey, grey, grey), dice.near((grey, grey, grey), 90.0), dice.uniform(0.0, 1.0))
    second = dice.near(first, dice.uniform(5.0, 45.0))
    kind = dice.whole(0, 3)
    if kind == 1:
        canvas.fill(canvas.blend(first, second, canvas.texture(dice.whole(2, 6), octaves=2)))
    elif kind == 2:
        stripes = canvas.stripes(dice.uniform(2.0, 9.0), dice.direction(), warp=dice.uniform(0, 1))
        canvas.fill(canvas.blend(first, second, stripes))
    else:
        canvas.gradient(first, second, dice.direction())
    if kind == 3:
        for _ in range(dice.whole(1, 3)):
            centre = (dice.uniform(0, 1), dice.uniform(0, 1))
            radii = (dice.uniform(0.05, 0.3), dice.uniform(0.05, 0.3))
            canvas.ellipse(
                centre,
                radii,
                dice.near(first, 120.0),
                turn=dice.direction(),
                opacity=dice.uniform(0.2, 0.6),
            )


def _paper(hand: Hand, dice: Dice, back: bool) -> None:
    spread = dice.uniform(0.02, 0.34)
    for finger in (LITTLE, RING, INDEX, MIDDLE):
        lean = spread * (1.4 - finger) + dice.around(0.0, 0.06)
        reach = dice.uniform(0.85, 1.0)
        hand.finger(finger, lean, reach, dice.around(0.0, 0.15))
        if back:
            hand.nail(finger, lean, reach)
    hand.palm()
    out = dice.uniform(0.72, 0.86)
    hand.thumb((0.6, 0.7), (0.5 * (0.64 + out), 0.62), (out, dice.uniform(0.42, 0.58)))


def _rock(hand: Hand, dice: Dice, back: bool) -> None:
    if back:
        for finger in (LITTLE, RING, INDEX, MIDDLE):
            hand.knuckle(finger, dice.uniform(0.1, 0.3))
        hand.palm()
        if dice.odds(0.6):
            hand.thumb((0.61, 0.7), (0.675, 0.6), (0.66, dice.uniform(0.46, 0.53)))
        return
    hand.palm()
    for finger in FINGERS:
        hand.folded(finger, dice.uniform(0.11, 0.15), raised=dice.uniform(0.0, 0.03))
    if dice.odds(0.7):
        hand.thumb((0.62, 0.74), (0.66, 0.66), (dice.uniform(0.46, 0.56), 0.6))
    else:
        hand.thumb((0.62, 0.74), (0.68, 0.62), (0.67, 0.5))


def _scissors(hand: Hand, dice: Dice, back: bool) -> None:
    open_by = dice.uniform(0.1, 0.32)
    lean = dice.around(0.0, 0.1)
    leans = {INDEX: lean + open_by, MIDDLE: lean - open_by * 0.8}
    reaches = {finger: dice.uniform(0.85, 1.0) for finger in leans}
    if back:
        for finger in (LITTLE, RING):
            hand.knuckle(finger, dice.uniform(0.1, 0.3))
    for finger in leans:
        hand.finger(finger, leans[finger], reaches[finger], dice.around(0.0, 0.1))
        if back:
            hand.nail(finger, leans[finger], reaches[finger])
    hand.palm()
    if back:
        if dice.odds(0.5):
            hand.thumb((0.61, 0.7), (0.69, 0.6), (dice.uniform(0.64, 0.74), 0.5))
        return
    for finger in (RING, LITTLE):
        hand.folded(finger, dice.uniform(0.11, 0.15), raised=dice.uniform(0.0, 0.03))
    hand.thumb((0.62, 0.74), (0.645, 0.64), (dice.uniform(0.45, 0.53), 0.58))


_SHAPES = {PAPER: _paper, ROCK: _rock, SCISSORS: _scissors}


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    skin = any_skin(dice)
    _background(canvas, dice, skin)
    # The centre of a hand with folded fingers is below the centre of the square.
    middle = (0.5, 0.64 if label == ROCK else 0.54)
    canvas.light_from = dice.direction()
    canvas.pose = Pose.of(
        turn=dice.turn(0.4),
        scale=dice.uniform(0.9, 1.25) * (1.2 if label == ROCK else 1.0),
        stretch=dice.uniform(0.82, 1.08),
        shear=dice.around(0.0, 0.15),
        flip=dice.odds(0.5),
        shift=(dice.around(0.5 - middle[0], 0.13), dice.around(0.5 - middle[1], 0.13)),
        centre=middle,
    )
    hand = Hand(canvas, dice, skin, mix(skin, (30, 10, 5), dice.uniform(0.25, 0.5)))
    end = (dice.uniform(0.25, 0.75), 1.7)
    hand.forearm(end)
    if dice.odds(0.5):
        hand.sleeve(dice.colour(), end, dice.uniform(0.02, 0.3))
    _SHAPES[label](hand, dice, back=dice.odds(0.5))
    canvas.light(dice, 0.7)
    canvas.noise(dice.uniform(2.0, 12.0))


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of hands.

    Args:
      rng: the block's stream.
      labels: (n,), int32: paper, rock, scissors.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
