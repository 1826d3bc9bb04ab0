"""A hand on a canvas: forearm, palm, stretched or folded fingers, and a thumb.

The hand is upright in the unit square, with the wrist at the bottom and the thumb on the right,
like the palm of someone who waves at you with the right hand. Lengths are fractions of the square.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lib.data.drawn.scenes.painting import Canvas, Colour, Dice, Point, Shape, mix, smooth

INDEX, MIDDLE, RING, LITTLE = FINGERS = range(4)

KNUCKLES: tuple[Point, ...] = ((0.614, 0.5), (0.542, 0.475), (0.466, 0.485), (0.394, 0.525))
LENGTHS = (0.27, 0.3, 0.275, 0.21)
WIDTHS = (0.082, 0.085, 0.08, 0.07)

SKINS: tuple[Colour, ...] = (
    (252, 222, 198),
    (240, 200, 165),
    (222, 172, 130),
    (186, 130, 90),
    (138, 90, 60),
    (96, 62, 44),
    (62, 42, 34),
)
"""From light to dark."""


def any_skin(dice: Dice) -> Colour:
    """A skin colour between those of `SKINS`."""
    place = dice.uniform(0.0, len(SKINS) - 1.001)
    number = int(place)
    return dice.near(mix(SKINS[number], SKINS[number + 1], place - number), 10.0)


class Hand:
    """Paints the parts of one hand; later parts cover earlier ones.

    Args:
      canvas: the canvas to paint on, with its pose.
      dice: random numbers for the length and width of the fingers.
      skin: colour of the skin.
      line: colour of the folds between the parts.
      crease: width of these folds.
    """

    def __init__(
        self, canvas: Canvas, dice: Dice, skin: Colour, line: Colour, crease: float = 0.012
    ):
        self.canvas = canvas
        self.dice = dice
        self.skin = skin
        self.line = line
        self.crease = crease
        self.thick = dice.uniform(0.88, 1.12)
        self.long = dice.uniform(0.88, 1.1)
        self.shade = dice.uniform(0.12, 0.28)

    def limb(self, points: Sequence[Point], widths: Sequence[float]) -> Shape:
        """A finger, a thumb or an arm along a line of points."""
        broad = [width * self.thick for width in widths]
        around = [width + 2.0 * self.crease for width in broad]
        self.canvas.stroke(points, around, self.line)
        return self.canvas.stroke(points, broad, self.skin, shade=self.shade)

    def forearm(self, end: Point = (0.5, 1.6)) -> None:
        """An arm from the wrist to a point, usually outside the picture."""
        self.limb([(0.5, 0.74), (0.503, 0.86), end], [0.2, 0.17, 0.24])

    def sleeve(self, colour: Colour, end: Point = (0.5, 1.6), start: float = 0.2) -> None:
        """A sleeve over the arm, from `start` (0 at the wrist, 1 at its end)."""
        x, y = 0.503 + (end[0] - 0.503) * start, 0.86 + (end[1] - 0.86) * start
        self.canvas.stroke([(x, y), end], [0.27, 0.32], colour, shade=self.shade)

    def palm(self) -> None:
        """The palm, or the back of the hand."""
        outline = smooth(
            [
                (0.352, 0.52),
                (0.4, 0.482),
                (0.54, 0.45),
                (0.64, 0.47),
                (0.662, 0.56),
                (0.655, 0.68),
                (0.59, 0.79),
                (0.5, 0.82),
                (0.42, 0.79),
                (0.36, 0.68),
            ],
            samples=3,
        )
        self.canvas.polygon(outline, self.skin, shade=self.shade)

    def finger(self, number: int, lean: float = 0.0, reach: float = 1.0, bend: float = 0.0) -> None:
        """A stretched finger.

        Args:
          number: INDEX, MIDDLE, RING or LITTLE.
          lean: its lean to the right, as a slope.
          reach: the visible share of its length.
          bend: the additional lean of its outer half.
        """
        x, y = KNUCKLES[number]
        width = WIDTHS[number]
        length = LENGTHS[number] * self.long * reach
        first, second = _unit(lean), _unit(lean + bend)
        middle = (x + first[0] * length * 0.5, y + first[1] * length * 0.5)
        tip = (middle[0] + second[0] * length * 0.5, middle[1] + second[1] * length * 0.5)
        root = (x - first[0] * 0.03, y - first[1] * 0.03)
        self.limb([root, middle, tip], [width, width * 0.95, width * 0.74])

    def folded(self, number: int, length: float = 0.14, raised: float = 0.0) -> None:
        """A finger bent into the palm, seen from the side of the palm."""
        x, y = KNUCKLES[number]
        width = WIDTHS[number]
        top = y + 0.005 - raised
        self.limb([(x, top), (x + 0.004, top + length)], [width * 1.02, width * 0.92])

    def knuckle(self, number: int, reach: float = 0.2) -> None:
        """A finger bent away, seen from the back of the hand."""
        self.finger(number, reach=reach)

    def thumb(self, *points: Point) -> None:
        """A thumb from its root to its tip."""
        widths = [0.115] + [0.092] * (len(points) - 2) + [0.07]
        self.limb(points, widths)

    def nail(self, number: int, lean: float = 0.0, reach: float = 1.0) -> None:
        """The nail of a stretched finger."""
        x, y = KNUCKLES[number]
        length = LENGTHS[number] * self.long * reach
        along = _unit(lean)
        centre = (x + along[0] * length * 0.97, y + along[1] * length * 0.97)
        radius = 0.28 * WIDTHS[number] * self.thick
        turned = (-along[1], along[0])
        pale = mix(self.skin, (255, 225, 220), 0.45)
        self.canvas.ellipse(centre, (radius, radius * 1.3), pale, turn=turned)


def _unit(lean: float) -> Point:
    """The direction up, leaning to the right."""
    length = math.sqrt(1.0 + lean * lean)
    return lean / length, -1.0 / length
