"""The stand-in for Flowers: daisies, dandelions, roses, sunflowers and tulips."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lib.data.drawn.scenes.painting import Canvas, Colour, Dice, Point, Pose, mix, paint_block
from lib.data.rng import RngBits

DAISY, DANDELION, ROSES, SUNFLOWERS, TULIPS = range(5)

_QUARTERS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])

LONG = ((0.0, 0.5), (0.55, 1.0), (0.85, 0.8), (1.0, 0.2))
POINTED = ((0.0, 0.6), (0.4, 1.0), (0.75, 0.6), (1.0, 0.02))
ROUND = ((0.0, 0.5), (0.4, 1.0), (0.75, 1.0), (0.95, 0.6), (1.0, 0.1))
RAGGED = ((0.0, 0.4), (0.9, 1.0), (1.0, 0.7), (0.93, 0.15))
"""Petals: their width (1 is the widest) at positions along them (1 is the tip)."""


def directions(shares: np.ndarray) -> np.ndarray:
    """Cosine and sine of shares of the full circle, (n, 2), to three digits."""
    quarters = shares * 4.0
    whole = np.floor(quarters)
    angle = (quarters - whole) * (math.pi / 4)  # half of what is beyond the quarter
    square = angle * angle
    half = angle * (15.0 - square) / (15.0 - 6.0 * square)  # its tangent (Padé)
    cosine = (1.0 - half * half) / (1.0 + half * half)
    sine = 2.0 * half / (1.0 + half * half)
    axis = _QUARTERS[whole.astype(np.int64) % 4]
    return np.stack(
        [axis[:, 0] * cosine - axis[:, 1] * sine, axis[:, 1] * cosine + axis[:, 0] * sine], axis=1
    )


def rosette(
    dice: Dice,
    petals: int,
    inner: float,
    outer: float,
    width: float,
    profile: Sequence[Point],
    uneven: float = 0.1,
) -> np.ndarray:
    """The outline of a ring of petals around (0, 0), for `Canvas.polygon`.

    Each petal is a separate loop from the centre and back; where loops overlap, the polygon is
    still filled.

    Args:
      dice: random numbers for the differences between petals.
      petals: the number of petals.
      inner, outer: the radii where they begin and end.
      width: the largest width of each.
      profile: their form.
      uneven: the differences in their lengths and positions, as a fraction.

    Returns:
      (corners, 2), float64.
    """
    draws = dice.rng.between(-1000, 1000, (2, petals)) * (uneven / 1000.0)
    shares = (np.arange(petals) + draws[0] * 2.0) / petals + dice.uniform(0.0, 1.0)
    along_axis = directions(shares - np.floor(shares))
    lengths = 1.0 + draws[1]
    form = np.array(profile)
    there = inner + form[:, 0] * (outer - inner)
    aside = form[:, 1] * (0.5 * width)
    along = np.concatenate([[0.0], there, there[::-1]])
    across = np.concatenate([[0.0], -aside, aside[::-1]])
    x = along_axis[:, 0, None] * along * lengths[:, None] - along_axis[:, 1, None] * across
    y = along_axis[:, 1, None] * along * lengths[:, None] + along_axis[:, 0, None] * across
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _paler(colour: Colour, share: float) -> Colour:
    return mix(colour, (255, 255, 255), share)


def _darker(colour: Colour, share: float) -> Colour:
    return mix(colour, (20, 0, 10), share)


def _muted(colour: Colour) -> Colour:
    grey = (colour[0] + colour[1] + colour[2]) / 3.0
    return mix(colour, (grey, grey, grey), 0.45)


# Each blossom has its centre at (0, 0) and a radius of about 1.


def _daisy(canvas: Canvas, dice: Dice) -> None:
    colour = dice.near(
        dice.pick(
            ((250, 250, 250), (250, 250, 245), (245, 240, 250), (240, 160, 200), (190, 150, 220),
             (250, 220, 90), (235, 110, 60))
        ),
        15,
    )  # fmt: skip
    petals = dice.whole(11, 22)
    width = dice.uniform(3.6, 5.6) / petals
    form = dice.pick((LONG, LONG, ROUND, POINTED))
    canvas.polygon(rosette(dice, petals, 0.1, 1.0, width, form), _darker(colour, 0.22))
    canvas.polygon(
        rosette(dice, petals, 0.1, dice.uniform(0.85, 1.0), width * 0.85, form), colour, shade=0.12
    )
    radius = dice.uniform(0.2, 0.34)
    middle = dice.near((235, 185, 40), 35)
    canvas.ellipse((0.0, 0.0), (radius, radius), _darker(middle, 0.3))
    canvas.ellipse((0.0, -0.02), (radius * 0.9, radius * 0.88), middle, shade=0.25)


def _dandelion(canvas: Canvas, dice: Dice) -> None:
    if dice.odds(0.4):
        _seed_head(canvas, dice)
        return
    colour = dice.near((245, 200, 30), 28)
    for outer, share in ((1.0, 0.3), (0.82, 0.12), (0.62, 0.0), (0.4, -0.15)):
        petals = dice.whole(18, 30)
        tone = _darker(colour, share) if share >= 0 else _darker(colour, dice.uniform(0.0, 0.25))
        width = 5.6 * outer / petals
        ring = rosette(dice, petals, 0.1 * outer, outer, width, RAGGED, uneven=0.16)
        canvas.polygon(ring, tone)


def _seed_head(canvas: Canvas, dice: Dice) -> None:
    colour = dice.near((235, 235, 230), 18)
    canvas.ellipse((0.0, 0.0), (0.95, 0.95), colour, opacity=dice.uniform(0.2, 0.5), shade=0.2)
    rays = dice.whole(24, 40)
    ray = ((0.0, 1.0), (0.85, 1.0), (0.95, 5.0), (1.0, 4.0))
    for outer, opacity in ((1.0, 0.75), (0.7, 0.6)):
        ring = rosette(dice, rays, 0.1, outer, 0.035, ray, uneven=0.14)
        canvas.polygon(ring, colour, opacity=opacity)
    canvas.ellipse((0.0, 0.0), (0.15, 0.15), dice.near((130, 110, 80), 30))


def _rose(canvas: Canvas, dice: Dice) -> None:
    colour = dice.near(
        dice.pick(
            ((205, 25, 45), (220, 60, 90), (240, 150, 170), (248, 225, 215), (245, 205, 90),
             (235, 130, 70))
        ),
        22,
    )  # fmt: skip
    dim = dice.uniform(0.55, 0.75)
    deep = tuple(each * dim for each in colour)
    pale = _paler(colour, dice.uniform(0.1, 0.3))
    if dice.odds(0.5):
        canvas.polygon(rosette(dice, 5, 0.3, 1.15, 0.25, POINTED), dice.near((60, 110, 50), 20))
    x, y = 0.0, 0.0
    outer = 1.0
    rings = dice.whole(3, 4)
    for ring in range(rings):
        petals = dice.whole(4, 6) if ring < 2 else 3
        size = outer * 0.62
        loops = rosette(dice, petals, 0.15 * outer, outer, outer * 1.25, ROUND, uneven=0.07)
        rim = size * 0.09
        placed = loops + np.array([x, y])
        canvas.polygon(placed * (1.0 + rim), deep)
        canvas.polygon(placed, mix(colour, pale, dice.uniform(0.0, 1.0)), shade=0.28)
        outer *= dice.uniform(0.66, 0.76)
        x, y = x + dice.around(0.0, 0.1), y + dice.around(-0.03, 0.08)
    canvas.ellipse((x, y), (outer * 0.62, outer * 0.5), deep, turn=dice.direction())
    canvas.ellipse((x + 0.02, y + 0.03), (outer * 0.42, outer * 0.3), colour, turn=dice.direction())


def _sunflower(canvas: Canvas, dice: Dice) -> None:
    colour = dice.near(dice.pick(((245, 190, 20), (250, 205, 40), (240, 150, 30))), 22)
    petals = dice.whole(15, 26)
    width = dice.uniform(5.0, 7.0) / petals
    inner = dice.uniform(0.42, 0.6)
    canvas.polygon(rosette(dice, petals, 0.3, 1.0, width, POINTED), _darker(colour, 0.28))
    canvas.polygon(
        rosette(dice, petals, 0.3, dice.uniform(0.85, 1.0), width * 0.85, POINTED),
        colour,
        shade=0.15,
    )
    middle = dice.near(dice.pick(((70, 42, 22), (100, 65, 25), (120, 110, 40))), 18)
    canvas.ellipse((0.0, 0.0), (inner, inner), _darker(middle, 0.3), shade=0.15)
    canvas.ellipse((0.0, 0.0), (inner * 0.82, inner * 0.82), middle, shade=0.2)
    canvas.ellipse(
        (0.0, 0.0), (inner * 0.45, inner * 0.45), mix(middle, (150, 160, 60), dice.uniform(0, 0.6))
    )


def _tulip(canvas: Canvas, dice: Dice) -> None:
    colour = dice.near(
        dice.pick(
            ((210, 30, 45), (235, 90, 120), (245, 170, 185), (248, 205, 50), (245, 235, 225),
             (240, 120, 40), (120, 40, 110))
        ),
        22,
    )  # fmt: skip
    deep, pale = _darker(colour, dice.uniform(0.2, 0.4)), _paler(colour, dice.uniform(0.0, 0.3))
    open_by = dice.uniform(0.0, 0.35)
    high = dice.uniform(0.85, 1.15)
    for x in (-0.3, 0.3):
        tip = x * (1.2 + open_by)
        canvas.polygon(
            _loop((tip - 0.28, -0.1), (tip, -high), (tip + 0.28, -0.1), (0.0, 0.75)), deep
        )
    for side in (-1.0, 1.0):
        tip = side * (0.55 + open_by)
        canvas.polygon(
            _loop(
                (side * 0.05, 0.3), (side * 0.12, -0.25), (tip, -high * 0.92),
                (side * (0.78 + 0.5 * open_by), -0.05), (side * 0.5, 0.62), (0.0, 0.8),
            ),
            colour,
            shade=0.2,
        )  # fmt: skip
    canvas.polygon(
        _loop((-0.42, -0.05), (0.0, -high * dice.uniform(0.8, 1.0)), (0.42, -0.05), (0.0, 0.8)),
        mix(colour, pale, 0.7),
        shade=0.25,
    )


def _loop(*points: Point) -> list[Point]:
    """Points of an outline, with each side bulging a little outwards."""
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    outline: list[Point] = []
    for here, there in zip(points, (*points[1:], points[0]), strict=True):
        middle = (0.5 * (here[0] + there[0]), 0.5 * (here[1] + there[1]))
        outline += [here, (middle[0] + 0.22 * (middle[0] - x), middle[1] + 0.22 * (middle[1] - y))]
    return outline


_BLOSSOMS = {
    DAISY: _daisy,
    DANDELION: _dandelion,
    ROSES: _rose,
    SUNFLOWERS: _sunflower,
    TULIPS: _tulip,
}
_GREEN = (70, 120, 50)


def _background(canvas: Canvas, dice: Dice) -> None:
    """A meadow, leaves, sky, or a dark or plain ground."""
    green = dice.near((75, 115, 55), 40)
    other = dice.pick(
        (_darker(green, 0.6), dice.near((150, 180, 90), 40), _muted(dice.colour(20, 240)))
    )
    kind = dice.whole(0, 3)
    if kind == 0:
        canvas.fill(canvas.blend(green, other, canvas.texture(dice.whole(3, 8), octaves=2)))
    elif kind == 1:
        sky = dice.near((150, 190, 230), 45)
        down, aside = dice.turn(0.3)
        canvas.gradient(sky, green, (aside, down))
    elif kind == 2:
        ground = _muted(dice.colour(15, 235))
        canvas.gradient(ground, dice.near(ground, 60), dice.direction())
    else:
        canvas.fill(canvas.blend(green, other, canvas.stripes(dice.uniform(4, 12), (1.0, 0.1), 1)))
    for _ in range(dice.whole(0, 4)):
        colour = dice.pick((green, other, dice.colour(20, 250)))
        radius = dice.uniform(0.03, 0.2)
        canvas.ellipse(
            (dice.uniform(0, 1), dice.uniform(0, 1)),
            (radius, radius * dice.uniform(0.5, 1.0)),
            colour,
            turn=dice.direction(),
            opacity=dice.uniform(0.3, 0.8),
        )


def _stem(canvas: Canvas, dice: Dice, label: int, at: Point, radius: float) -> None:
    """A stem down from a blossom, with leaves on some."""
    green = dice.near(_GREEN, 30)
    x, y = at
    foot = (x + dice.around(0.0, 0.2), y + dice.uniform(0.5, 1.0))
    bow = (0.5 * (x + foot[0]) + dice.around(0.0, 0.05), 0.5 * (y + foot[1]))
    width = radius * dice.uniform(0.1, 0.17)
    canvas.stroke([at, bow, foot], [width, width, width * 1.2], green, shade=0.2)
    if dice.odds(0.6):
        side = dice.pick((-1.0, 1.0))
        if label == TULIPS:
            tip = (bow[0] + side * radius * dice.uniform(0.5, 1.1), y + radius * 0.8)
            canvas.stroke(
                [foot, (bow[0] + side * radius * 0.45, bow[1] + 0.1), tip],
                [radius * 0.3, radius * 0.4, 0.0],
                _darker(green, dice.uniform(0.0, 0.3)),
                shade=0.2,
            )
        else:
            tip = (bow[0] + side * radius * dice.uniform(0.7, 1.2), bow[1] - dice.uniform(0.0, 0.1))
            middle = (0.5 * (bow[0] + tip[0]), 0.5 * (bow[1] + tip[1]) - 0.03)
            canvas.stroke(
                [bow, middle, tip],
                [width, radius * dice.uniform(0.25, 0.5), 0.0],
                _darker(green, dice.uniform(0.0, 0.3)),
                shade=0.2,
            )


def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
    canvas.light_from = dice.direction()
    _background(canvas, dice)
    count = dice.pick((1, 1, 1, 2, 2, 3))
    largest = (0.46, 0.3, 0.24)[count - 1]
    for _ in range(count):
        radius = largest * dice.uniform(0.5, 1.0)
        at = (dice.around(0.5, 0.4), dice.around(0.45, 0.38))
        _stem(canvas, dice, label, at, radius)
        flat = dice.uniform(0.55, 1.0) if label != TULIPS else dice.uniform(0.8, 1.0)
        pose = Pose.of(
            turn=dice.turn(0.35),
            scale=radius,
            flip=dice.odds(0.5),
            shift=at,
            centre=(0.0, 0.0),
        ).of_pose(Pose(yy=flat))
        with canvas.posed(pose):
            _BLOSSOMS[label](canvas, dice)
    canvas.light(dice)
    canvas.noise(dice.uniform(3.0, 16.0))


def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
    """Paints a block of flowers.

    Args:
      rng: the block's stream.
      labels: (n,), int32, an index into `dataset.FLOWERS`.
      edge: height and width in pixels.

    Returns:
      (n, edge, edge, 3), uint8.
    """
    return paint_block(rng, labels, edge, 3, _paint_one)
