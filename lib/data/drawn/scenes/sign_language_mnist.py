"""The stand-in for Sign Language MNIST: a hand for each letter that is signed without movement.

Every letter has a few dozen drawings that are made once. A picture moves, rotates and stretches
one of them, and gives it its own skin, sleeve, background, light and noise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from lib.data.dataset import LETTERS, MOVING_LETTERS
from lib.data.drawn.scenes.hand import FINGERS, INDEX, LITTLE, MIDDLE, RING, Hand
from lib.data.drawn.scenes.painting import Canvas, Dice, Pose, turn
from lib.data.rng import RngBits

SIZE = 28
VARIANTS = 24
"""Drawings of a letter."""

_FINE = 3
"""Pixels of a drawing along one pixel of a picture."""
_GRID = SIZE * _FINE
_MARGIN = 22
_CANVAS = _GRID + 2 * _MARGIN
"""Edge of the stored drawings: 128, so that 16 bits hold a position with 9 bits after the point."""
_FRACTION = 9
_PIXEL = _FINE << _FRACTION
_DRAWINGS_SEED = 0

# A drawing has three layers: the brightness of the skin, 128 on average; the area of the hand; the
# area of the sleeve. The last two are painted stronger than full, because shading weakens them.
_FULL = 340.0
_SLEEVE = (128.0, 0.0, _FULL)


def _fold(hand: Hand, dice: Dice, *fingers: int, length: float = 0.13) -> None:
    """Folds fingers into the palm."""
    for finger in fingers:
        hand.folded(finger, length + dice.around(0.0, 0.02), raised=dice.uniform(0.0, 0.025))


def _across(hand: Hand, dice: Dice, tip: float = 0.47, height: float = 0.6) -> None:
    """Lays the thumb across the palm."""
    y = height + dice.around(0.0, 0.02)
    hand.thumb((0.63, 0.74), (0.645, y + 0.05), (tip + dice.around(0.0, 0.02), y))


def _a(hand: Hand, dice: Dice) -> None:
    hand.palm()
    _fold(hand, dice, *FINGERS)
    hand.thumb((0.63, 0.76), (0.695, 0.63), (0.69 + dice.around(0.0, 0.03), 0.465))


def _b(hand: Hand, dice: Dice) -> None:
    for finger in FINGERS:
        hand.finger(finger, 0.03 * (1.5 - finger) + dice.around(0.0, 0.03))
    hand.palm()
    _across(hand, dice, tip=0.48, height=0.62)


def _c(hand: Hand, dice: Dice) -> None:
    gap = dice.uniform(0.0, 0.06)
    hand.limb([(0.46, 0.76), (0.4, 0.6)], [0.2, 0.17])
    hand.limb([(0.4, 0.6), (0.42, 0.44), (0.52, 0.36 - gap), (0.68, 0.4 - gap)],
              [0.17, 0.15, 0.13, 0.1])  # fmt: skip
    hand.thumb((0.46, 0.76), (0.6, 0.73), (0.72, 0.62 + gap))


def _d(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(0.02, 0.06))
    hand.palm()
    for finger in (LITTLE, RING, MIDDLE):
        x = 0.42 + 0.05 * (LITTLE - finger)
        hand.limb([(x, 0.5), (x + 0.08, 0.47), (x + 0.15, 0.56)], [0.08, 0.08, 0.065])
    hand.thumb((0.63, 0.76), (0.7, 0.68), (0.665, 0.58))


def _e(hand: Hand, dice: Dice) -> None:
    hand.palm()
    _fold(hand, dice, *FINGERS, length=0.075)
    hand.thumb((0.64, 0.74), (0.64, 0.68), (0.42 + dice.around(0.0, 0.02), 0.655))


def _f(hand: Hand, dice: Dice) -> None:
    open_by = dice.uniform(0.1, 0.22)
    for finger in (LITTLE, RING, MIDDLE):
        hand.finger(finger, open_by * (0.8 - (finger - MIDDLE)) + dice.around(0.0, 0.03))
    hand.palm()
    hand.limb([(0.614, 0.5), (0.72, 0.47), (0.755, 0.55)], [0.08, 0.075, 0.065])
    hand.thumb((0.62, 0.74), (0.7, 0.69), (0.755, 0.575))


def _g(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(0.0, 0.06))
    hand.palm()
    _fold(hand, dice, MIDDLE, RING, LITTLE)
    hand.thumb((0.64, 0.7), (0.715, 0.6), (0.715 + dice.around(0.0, 0.03), 0.36))


def _h(hand: Hand, dice: Dice) -> None:
    lean = dice.around(0.0, 0.05)
    hand.finger(MIDDLE, lean + 0.02)
    hand.finger(INDEX, lean - 0.03)
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    _across(hand, dice, tip=0.5)


def _i(hand: Hand, dice: Dice) -> None:
    hand.finger(LITTLE, dice.around(-0.08, 0.08), 1.1)
    hand.palm()
    _fold(hand, dice, INDEX, MIDDLE, RING)
    _across(hand, dice)


def _k(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(-0.02, 0.05))
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    hand.finger(MIDDLE, dice.around(-0.42, 0.06), 0.9)
    hand.thumb((0.64, 0.74), (0.635, 0.62), (0.565 + dice.around(0.0, 0.015), 0.4))


def _l(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(0.0, 0.07))
    hand.palm()
    _fold(hand, dice, MIDDLE, RING, LITTLE)
    hand.thumb((0.6, 0.72), (0.7, 0.67), (0.86, 0.62 + dice.around(0.0, 0.05)))


def _m(hand: Hand, dice: Dice) -> None:
    hand.palm()
    hand.thumb((0.63, 0.76), (0.55, 0.69), (0.415, 0.66))
    _fold(hand, dice, LITTLE, length=0.1)
    _fold(hand, dice, RING, MIDDLE, INDEX, length=0.19)


def _n(hand: Hand, dice: Dice) -> None:
    hand.palm()
    _fold(hand, dice, LITTLE, RING, length=0.1)
    hand.thumb((0.63, 0.76), (0.57, 0.68), (0.47, 0.63))
    _fold(hand, dice, MIDDLE, INDEX, length=0.19)


def _o(hand: Hand, dice: Dice) -> None:
    hand.limb([(0.47, 0.78), (0.41, 0.62)], [0.19, 0.16])
    tip = (0.68, 0.56 + dice.around(0.0, 0.02))
    hand.thumb((0.47, 0.78), (0.6, 0.73), tip)
    hand.limb([(0.41, 0.62), (0.43, 0.47), (0.54, 0.41), tip], [0.16, 0.15, 0.13, 0.085])


def _p(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(0.3, 0.06))
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    hand.finger(MIDDLE, dice.around(-0.4, 0.08), 0.85)
    hand.thumb((0.64, 0.74), (0.65, 0.6), (0.6 + dice.around(0.0, 0.015), 0.4))


def _q(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(-0.05, 0.06), 0.85)
    hand.palm()
    _fold(hand, dice, MIDDLE, RING, LITTLE, length=0.1)
    hand.thumb((0.62, 0.72), (0.75, 0.6), (0.77 + dice.around(0.0, 0.03), 0.4))


def _r(hand: Hand, dice: Dice) -> None:
    hand.finger(INDEX, dice.around(-0.2, 0.04), 0.95)
    hand.finger(MIDDLE, dice.around(0.2, 0.05))
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    _across(hand, dice)


def _s(hand: Hand, dice: Dice) -> None:
    hand.palm()
    _fold(hand, dice, *FINGERS)
    hand.thumb((0.63, 0.76), (0.655, 0.66), (0.44 + dice.around(0.0, 0.03), 0.585))


def _t(hand: Hand, dice: Dice) -> None:
    hand.palm()
    _fold(hand, dice, MIDDLE, RING, LITTLE)
    hand.thumb((0.63, 0.76), (0.62, 0.62), (0.58, 0.435 + dice.around(0.0, 0.015)))
    hand.limb([(0.625, 0.5), (0.67, 0.5), (0.665, 0.61)], [0.08, 0.08, 0.07])


def _u(hand: Hand, dice: Dice) -> None:
    lean = dice.around(0.0, 0.05)
    hand.finger(INDEX, lean - 0.02)
    hand.finger(MIDDLE, lean + 0.01)
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    _across(hand, dice)


def _v(hand: Hand, dice: Dice) -> None:
    open_by = dice.uniform(0.16, 0.28)
    hand.finger(INDEX, open_by)
    hand.finger(MIDDLE, -open_by)
    hand.palm()
    _fold(hand, dice, RING, LITTLE)
    _across(hand, dice)


def _w(hand: Hand, dice: Dice) -> None:
    open_by = dice.uniform(0.16, 0.3)
    hand.finger(INDEX, open_by)
    hand.finger(MIDDLE, dice.around(0.0, 0.04))
    hand.finger(RING, -open_by)
    hand.palm()
    _fold(hand, dice, LITTLE)
    _across(hand, dice, tip=0.42)


def _x(hand: Hand, dice: Dice) -> None:
    lean = dice.around(0.0, 0.02)
    hand.limb(
        [(0.6, 0.53), (0.6 + lean, 0.36), (0.68 + lean, 0.33), (0.715 + lean, 0.4)],
        [0.085, 0.08, 0.075, 0.062],
    )
    hand.palm()
    _fold(hand, dice, MIDDLE, RING, LITTLE)
    _across(hand, dice)


def _y(hand: Hand, dice: Dice) -> None:
    hand.finger(LITTLE, dice.around(-0.45, 0.1), 1.15)
    hand.palm()
    _fold(hand, dice, INDEX, MIDDLE, RING)
    hand.thumb((0.6, 0.72), (0.71, 0.63), (0.85, 0.52 + dice.around(0.0, 0.05)))


Sign = Callable[[Hand, Dice], None]
_SIGNS: dict[str, Sign] = {
    "A": _a, "B": _b, "C": _c, "D": _d, "E": _e, "F": _f, "G": _g, "H": _h, "I": _i, "K": _k,
    "L": _l, "M": _m, "N": _n, "O": _o, "P": _p, "Q": _q, "R": _r, "S": _s, "T": _t, "U": _u,
    "V": _v, "W": _w, "X": _x, "Y": _y,
}  # fmt: skip

_FISTS = "AEMNST"
_SIDEWAYS = {"G": 0.9, "H": 0.9, "P": 1.4, "Q": 5.0}
"""The tangent of half the rotation of the letters that do not point upwards."""


def _draw(letter: str, dice: Dice) -> np.ndarray:
    """One drawing, (_CANVAS, _CANVAS, 3), uint8: brightness of the skin, hand, sleeve."""
    canvas = Canvas(_CANVAS, 3, dice)
    canvas.light_from = dice.direction()
    # The unit square of the hand is a picture; the canvas has a margin around it.
    picture = _GRID / _CANVAS
    centre = (0.51, 0.64 if letter in _FISTS else 0.54)
    pose = Pose.of(
        turn=turn(_SIDEWAYS.get(letter, 0.0)),
        flip=letter in "GHQ",
        scale=1.5 if letter in _FISTS else 1.3,
        shift=(0.5 - centre[0], 0.5 - centre[1]),
        centre=centre,
    )
    canvas.pose = Pose(xx=picture, yy=picture, x0=_MARGIN / _CANVAS, y0=_MARGIN / _CANVAS).of_pose(
        pose
    )
    line = (dice.uniform(15.0, 50.0), _FULL, 0.0)
    hand = Hand(canvas, dice, (128.0, _FULL, 0.0), line, crease=0.013)
    end = (dice.uniform(0.25, 0.75), 1.9)
    if letter in "PQ":
        end = (dice.uniform(-0.3, 0.2), 1.9)
    hand.forearm(end)
    if dice.odds(0.5):
        hand.sleeve(_SLEEVE, end, dice.uniform(0.02, 0.2))
    _SIGNS[letter](hand, dice)
    canvas.soften()  # over the pixels of the drawing that make one pixel of a picture
    return canvas.picture()


_lock = threading.Lock()
_stored: list[np.ndarray] = []


def _drawings() -> np.ndarray:
    """All drawings, (26 * VARIANTS, _CANVAS * _CANVAS), uint32, three layers of 8 bits each."""
    with _lock:
        if not _stored:
            _stored.append(_draw_all())
    return _stored[0]


def _draw_all() -> np.ndarray:
    drawn = np.zeros((len(LETTERS) * VARIANTS, _CANVAS, _CANVAS), np.uint32)
    for number, letter in enumerate(LETTERS):
        if letter in MOVING_LETTERS:
            continue
        dice = Dice(RngBits(_DRAWINGS_SEED, number))
        for variant in range(VARIANTS):
            layers = _draw(letter, dice).astype(np.uint32)
            skin, hand, sleeve = layers[..., 0], layers[..., 1], layers[..., 2]
            drawn[number * VARIANTS + variant] = skin | hand << 8 | sleeve << 16
    return drawn.reshape(len(drawn), -1)


def _positions(rng: RngBits, count: int) -> np.ndarray:
    """The position on the drawings of each pixel of each picture: (count, SIZE, SIZE), int64."""
    one = (count, 1, 1)
    offset = 2 * np.arange(SIZE, dtype=np.int64) - (SIZE - 1)  # from the middle, in half pixels
    right, down = offset[None, None, :], offset[None, :, None]
    size, stretch = rng.between(900, 1150, one), rng.around(0, 90, one)
    turned, lean = rng.around(0, 220, one), rng.around(0, 120, one)
    shift = rng.around(0, 300, (2, count, 1, 1)) * _PIXEL // 100
    middle = _CANVAS << (_FRACTION - 1)
    half = _PIXEL // 2
    x = (1000_000 // (size + stretch) * right + (turned + lean) * down) * half // 1000
    y = (1000_000 // (size - stretch) * down - turned * right) * half // 1000
    column = np.clip((x + shift[0] + middle) >> _FRACTION, 0, _CANVAS - 1)
    row = np.clip((y + shift[1] + middle) >> _FRACTION, 0, _CANVAS - 1)
    return row * _CANVAS + column


def _slope(rng: RngBits, count: int, most: int) -> np.ndarray:
    """A plane that is 0 in the middle and up to `most` at the borders: int32."""
    offset = 2 * np.arange(SIZE, dtype=np.int32) - (SIZE - 1)
    right = rng.around(0, most, (count, 1, 1)) * offset
    down = rng.around(0, most, (count, 1, 1)) * offset[:, None]
    return (right + down) // (SIZE - 1)


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of signs.

    Args:
      rng: the block's stream.
      labels: (n,), int32, 0 to 24 without 9.
      edge: height and width in pixels: 28.

    Returns:
      (n, 28, 28, 1), uint8.
    """
    if edge != SIZE:
        raise ValueError(f"Signs must be {SIZE} pixels wide and high, not {edge}.")
    count = len(labels)
    one = (count, 1, 1)
    drawings = _drawings()
    which = labels.astype(np.int64) * VARIANTS + rng.between(0, VARIANTS - 1, (count,))
    where = _positions(rng, count)
    packed = drawings.ravel().take(which[:, None, None] * (_CANVAS * _CANVAS) + where, mode="clip")
    packed = packed.astype(np.int32)
    skin, hand, sleeve = packed & 255, packed >> 8 & 255, packed >> 16
    # A wall, and on some a table or a second wall before it.
    # Most hands are brighter than their background.
    tone = rng.between(100, 230, one)
    apart = rng.between(45, 130, one)
    apart = np.where(rng.between(0, 9, one) < 7, -apart, apart // 2 + 20)
    behind = np.clip(tone + apart, 15, 240) + _slope(rng, count, 40)
    row = np.arange(SIZE)[:, None] + _slope(rng, count, 3)
    table = row > rng.between(16, 70, one)
    behind = np.where(table, rng.between(20, 220, one), behind)
    cloth = rng.between(15, 230, one)
    tone = tone + _slope(rng, count, 30)
    contrast = rng.between(90, 140, one)
    tone = tone + ((skin - 128) * contrast * tone >> 14)
    picture = behind + ((cloth - behind) * sleeve >> 8)
    picture = picture + ((tone - picture) * hand >> 8)
    noise = rng.bytes((count, SIZE, SIZE)).astype(np.int32) - 128
    picture = picture + (noise * rng.between(3, 14, one) >> 7)
    return np.clip(picture, 0, 255).astype(np.uint8)[..., None]
