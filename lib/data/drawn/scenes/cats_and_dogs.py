"""The stand-in for Cats and Dogs: heads with or without bodies, in every coat and place.

Coats, places, light and poses are the same for both. Ears, eyes, muzzles and whiskers differ, with
some overlap: some dogs have pricked ears, some cats folded ones.
"""

from __future__ import annotations

import numpy as np

from lib.data.drawn.scenes.creatures import Look, coat, creature, finish, place
from lib.data.drawn.scenes.painting import Canvas, Dice, paint_block
from lib.data.rng import RngBits


def _cat(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.85, 1.02),
        height=dice.uniform(0.72, 0.88),
        ears="folded" if dice.odds(0.1) else "pointed",
        ear_size=dice.uniform(0.5, 0.75),
        ear_length=dice.uniform(0.95, 1.4),
        ear_spread=dice.uniform(0.55, 0.72),
        eyes="slit" if dice.odds(0.85) else "round",
        eye_size=dice.uniform(0.17, 0.25),
        eye_gap=dice.uniform(0.36, 0.46),
        eye_height=dice.uniform(0.0, 0.18),
        muzzle=(dice.uniform(0.26, 0.36), dice.uniform(0.18, 0.26)),
        muzzle_low=dice.uniform(0.38, 0.5),
        nose="small",
        nose_size=dice.uniform(0.08, 0.13),
        whiskers=dice.uniform(0.5, 0.95) if dice.odds(0.7) else 0.0,
        pale=dice.uniform(0.0, 1.0),
    )


def _dog(dice: Dice) -> Look:
    kind = dice.whole(0, 9)
    ears = "hanging" if kind < 5 else "pointed" if kind < 8 else "folded"
    return Look(
        width=dice.uniform(0.7, 0.95),
        height=dice.uniform(0.8, 1.0),
        ears=ears,
        ear_size=dice.uniform(0.42, 0.65),
        ear_length=dice.uniform(1.5, 2.6) if ears == "hanging" else dice.uniform(1.1, 1.6),
        ear_spread=dice.uniform(0.55, 0.75),
        eyes="dark" if dice.odds(0.55) else "round",
        eye_size=dice.uniform(0.1, 0.17),
        eye_gap=dice.uniform(0.3, 0.42),
        eye_height=dice.uniform(0.1, 0.3),
        muzzle=(dice.uniform(0.36, 0.52), dice.uniform(0.32, 0.5)),
        muzzle_low=dice.uniform(0.4, 0.6),
        nose="big",
        nose_size=dice.uniform(0.14, 0.22),
        whiskers=dice.uniform(0.3, 0.45) if dice.odds(0.1) else 0.0,
        tongue=dice.odds(0.4),
        pale=dice.uniform(0.0, 1.0),
    )


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    place(canvas, dice)
    fur, colour = coat(canvas, dice)
    creature(canvas, dice, _dog(dice) if label else _cat(dice), fur, colour)
    finish(canvas, dice)


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of pictures.

    Args:
      rng: the block's stream.
      labels: (n,), int32; 0 is a cat, 1 a dog.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
