"""Eight kinds of animals in the style of `cats_and_dogs`: the training set of week 7's backbone.

There are no cats or dogs among them, but ears, eyes, muzzles and coats are painted the same way.
"""

from __future__ import annotations

import numpy as np

from lib.data.drawn.scenes.creatures import DARK, FURS, Look, coat, creature, finish, place
from lib.data.drawn.scenes.painting import Canvas, Dice, paint_block
from lib.data.rng import RngBits

BEAR, FOX, FROG, MOUSE, OWL, PANDA, PIG, RABBIT = range(8)

_USUAL = {
    BEAR: ((105, 68, 42), (60, 44, 36), (235, 230, 220), (150, 95, 55)),
    FOX: ((200, 100, 40), (215, 120, 50), (170, 90, 45), (150, 150, 155)),
    FROG: ((90, 160, 60), (120, 180, 70), (70, 120, 60), (150, 140, 60)),
    MOUSE: ((140, 138, 140), (170, 150, 130), (230, 225, 220), (110, 90, 75)),
    OWL: ((140, 105, 70), (110, 95, 85), (200, 190, 175), (90, 70, 50)),
    PANDA: ((240, 238, 232), (225, 215, 200), (215, 190, 150), (200, 205, 210)),
    PIG: ((235, 170, 165), (225, 150, 150), (240, 195, 185), (120, 95, 90)),
    RABBIT: ((205, 185, 160), (240, 238, 232), (150, 130, 115), (120, 118, 120)),
}
"""Frequent coats of each kind; every kind also has all the others."""


def _bear(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.88, 1.0), height=dice.uniform(0.82, 0.95),
        ears="round", ear_size=dice.uniform(0.42, 0.58), ear_length=dice.uniform(0.9, 1.1),
        ear_spread=dice.uniform(0.62, 0.78), eyes="dark", eye_size=dice.uniform(0.08, 0.13),
        eye_gap=dice.uniform(0.3, 0.42), eye_height=dice.uniform(0.12, 0.25),
        muzzle=(dice.uniform(0.38, 0.48), dice.uniform(0.32, 0.42)),
        muzzle_low=dice.uniform(0.4, 0.5), nose="big", nose_size=dice.uniform(0.14, 0.2),
        tongue=dice.odds(0.15), pale=dice.uniform(0.3, 1.0),
    )  # fmt: skip


def _fox(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.78, 0.9), height=dice.uniform(0.72, 0.82),
        ears="pointed", ear_size=dice.uniform(0.6, 0.8), ear_length=dice.uniform(1.2, 1.6),
        ear_spread=dice.uniform(0.6, 0.75), eyes=dice.pick(("slit", "dark", "round")),
        eye_size=dice.uniform(0.11, 0.16), eye_gap=dice.uniform(0.34, 0.44),
        eye_height=dice.uniform(0.05, 0.2),
        muzzle=(dice.uniform(0.2, 0.28), dice.uniform(0.35, 0.5)),
        muzzle_low=dice.uniform(0.6, 0.8), nose="big", nose_size=dice.uniform(0.1, 0.14),
        cheeks=dice.uniform(0.95, 1.2), pale=dice.uniform(0.5, 1.0),
        whiskers=dice.uniform(0.3, 0.6) if dice.odds(0.3) else 0.0,
    )  # fmt: skip


def _frog(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(1.0, 1.15), height=dice.uniform(0.6, 0.75),
        ears="round", ear_size=dice.uniform(0.5, 0.62), ear_length=dice.uniform(0.95, 1.1),
        ear_spread=dice.uniform(0.5, 0.62), eyes="bulging", eye_size=dice.uniform(0.2, 0.26),
        eye_gap=dice.uniform(0.54, 0.62), eye_height=dice.uniform(0.55, 0.65),
        muzzle=(0.0, 0.0), muzzle_low=dice.uniform(0.2, 0.4), nose="nostrils",
        nose_size=dice.uniform(0.08, 0.14), mouth="wide",
    )  # fmt: skip


def _mouse(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.7, 0.82), height=dice.uniform(0.7, 0.85),
        ears="round", ear_size=dice.uniform(0.85, 1.15), ear_length=dice.uniform(0.9, 1.1),
        ear_spread=dice.uniform(0.85, 1.05), eyes="dark", eye_size=dice.uniform(0.11, 0.17),
        eye_gap=dice.uniform(0.28, 0.38), eye_height=dice.uniform(0.05, 0.15),
        muzzle=(dice.uniform(0.2, 0.28), dice.uniform(0.24, 0.34)),
        muzzle_low=dice.uniform(0.5, 0.65), nose="small", nose_size=dice.uniform(0.08, 0.12),
        whiskers=dice.uniform(0.45, 0.8) if dice.odds(0.85) else 0.0,
        teeth=dice.odds(0.3), pale=dice.uniform(0.0, 1.0),
    )  # fmt: skip


def _owl(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.85, 1.0), height=dice.uniform(0.82, 0.98),
        ears="tufts" if dice.odds(0.7) else "none", ear_size=dice.uniform(0.5, 0.7),
        ear_length=dice.uniform(0.7, 1.1), ear_spread=dice.uniform(0.65, 0.8), eyes="disc",
        eye_size=dice.uniform(0.2, 0.26), eye_gap=dice.uniform(0.36, 0.44),
        eye_height=dice.uniform(0.0, 0.15), muzzle=(0.0, 0.0),
        muzzle_low=dice.uniform(0.2, 0.32), nose="beak", nose_size=dice.uniform(0.1, 0.16),
        mouth="none",
    )  # fmt: skip


def _panda(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.92, 1.05), height=dice.uniform(0.82, 0.92),
        ears="round", ear_size=dice.uniform(0.42, 0.56), ear_length=dice.uniform(0.9, 1.1),
        ear_spread=dice.uniform(0.68, 0.82), eyes="round", eye_size=dice.uniform(0.09, 0.13),
        eye_gap=dice.uniform(0.36, 0.45), eye_height=dice.uniform(0.05, 0.18),
        muzzle=(dice.uniform(0.3, 0.4), dice.uniform(0.24, 0.32)),
        muzzle_low=dice.uniform(0.42, 0.52), nose="big", nose_size=dice.uniform(0.1, 0.15),
        patches=dice.near(DARK, 25.0), pale=dice.uniform(0.3, 1.0),
    )  # fmt: skip


def _pig(dice: Dice) -> Look:
    size = dice.uniform(0.3, 0.4)
    return Look(
        width=dice.uniform(0.88, 1.0), height=dice.uniform(0.82, 0.95),
        ears=dice.pick(("folded", "pointed")), ear_size=dice.uniform(0.5, 0.65),
        ear_length=dice.uniform(0.8, 1.1), ear_spread=dice.uniform(0.6, 0.75),
        eyes=dice.pick(("dark", "round")), eye_size=dice.uniform(0.08, 0.13),
        eye_gap=dice.uniform(0.4, 0.52), eye_height=dice.uniform(0.1, 0.22),
        muzzle=(size, size * dice.uniform(0.7, 0.85)), muzzle_low=dice.uniform(0.28, 0.4),
        nose="snout", nose_size=size, mouth="line", pale=dice.uniform(0.0, 0.5),
    )  # fmt: skip


def _rabbit(dice: Dice) -> Look:
    return Look(
        width=dice.uniform(0.68, 0.8), height=dice.uniform(0.68, 0.8),
        ears="long", ear_size=dice.uniform(0.45, 0.62), ear_length=dice.uniform(2.2, 3.2),
        ear_spread=dice.uniform(0.3, 0.5), eyes=dice.pick(("dark", "round")),
        eye_size=dice.uniform(0.12, 0.18), eye_gap=dice.uniform(0.36, 0.46),
        eye_height=dice.uniform(0.0, 0.15),
        muzzle=(dice.uniform(0.24, 0.34), dice.uniform(0.18, 0.26)),
        muzzle_low=dice.uniform(0.42, 0.52), nose="small", nose_size=dice.uniform(0.07, 0.11),
        whiskers=dice.uniform(0.4, 0.75) if dice.odds(0.5) else 0.0,
        teeth=dice.odds(0.5), pale=dice.uniform(0.2, 1.0),
    )  # fmt: skip


_LOOKS = (_bear, _fox, _frog, _mouse, _owl, _panda, _pig, _rabbit)


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    place(canvas, dice)
    fur, colour = coat(canvas, dice, _USUAL[label] if dice.odds(0.6) else FURS)
    creature(canvas, dice, _LOOKS[label](dice), fur, colour)
    finish(canvas, dice)


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of pictures.

    Args:
      rng: the block's stream.
      labels: (n,), int32, an index into `dataset.ANIMALS`.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
