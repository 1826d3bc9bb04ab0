"""A canvas for colour scenes: shapes with smooth edges, materials, light and noise.

Coordinates are fractions of the picture, x to the right and y downwards, so that a scene can be
painted at any size; the canvas's current `Pose` transforms all of them. Colours are red, green
and blue (or one grey), 0 to 255.

The bits are the same on every machine: the code uses only integers, and floating-point operations
that the IEEE standard rounds exactly (+ - * / and square roots), one element at a time. A rotation
is a (cosine, sine) pair computed from a rational number, see `turn`.

How a set uses it, one picture at a time:

    def _paint_one(canvas: Canvas, dice: Dice, label: int) -> None:
        canvas.gradient((90, 140, 220), (200, 220, 250))
        canvas.pose = Pose.of(turn=turn(0.2), scale=0.8)
        head = canvas.ellipse((0.5, 0.5), (0.3, 0.25), dice.colour(), shade=0.3)
        canvas.stroke([(0.4, 0.6), (0.6, 0.6)], [0.02, 0.02], (0, 0, 0), inside=head)
        canvas.light(dice)
        canvas.noise(dice.uniform(2, 10))

    def paint(rng: RngBits, labels: np.ndarray, edge: int) -> np.ndarray:
        return paint_block(rng, labels, edge, 3, _paint_one)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from lib.data.drawn.drawing import spline
from lib.data.rng import RngBits

Point = tuple[float, float]
Turn = tuple[float, float]
Colour = Sequence[float]
Material = np.ndarray
"""A colour for every pixel: (channels, edge, edge), float32."""

UPRIGHT: Turn = (1.0, 0.0)
_SUBROWS = 3
"""Lines of a polygon to follow in each row of pixels."""


def turn(half: float) -> Turn:
    """Cosine and sine of an angle, from the tangent of half of it.

    0.1 rotates by 11°, 0.2 by 23°, 0.414 by 45°, 1 by 90°; positive is clockwise on the picture.
    """
    square = half * half
    return (1.0 - square) / (1.0 + square), 2.0 * half / (1.0 + square)


def mix(first: Colour, second: Colour, share: float) -> tuple[float, ...]:
    """A colour between two: `share` 0 is the first, 1 the second."""
    return tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))


class Pose(NamedTuple):
    """An affine map: (x, y) to (xx * x + xy * y + x0, yx * x + yy * y + y0)."""

    xx: float = 1.0
    xy: float = 0.0
    x0: float = 0.0
    yx: float = 0.0
    yy: float = 1.0
    y0: float = 0.0

    @classmethod
    def of(
        cls,
        *,
        turn: Turn = UPRIGHT,
        scale: float = 1.0,
        stretch: float = 1.0,
        shear: float = 0.0,
        flip: bool = False,
        shift: Point = (0.0, 0.0),
        centre: Point = (0.5, 0.5),
    ) -> Pose:
        """Flips, shears, scales and rotates about a centre, then shifts.

        Args:
          turn: a (cosine, sine) pair.
          scale: factor of both axes.
          stretch: further factor of the x axis; the y axis is divided by it.
          shear: the move in x per y.
          flip: whether to swap left and right.
          shift: the shift at the end, in fractions of the picture.
          centre: the point that only the shift moves.
        """
        wide, high = scale * stretch * (-1.0 if flip else 1.0), scale / stretch
        cosine, sine = turn
        xx, xy = cosine * wide, cosine * wide * shear - sine * high
        yx, yy = sine * wide, sine * wide * shear + cosine * high
        x, y = centre
        return cls(
            xx, xy, x + shift[0] - (xx * x + xy * y), yx, yy, y + shift[1] - (yx * x + yy * y)
        )

    def of_pose(self, inner: Pose) -> Pose:
        """The map that applies `inner` first and then this one."""
        xx, xy, x0, yx, yy, y0 = self
        a, b, c, d, e, f = inner
        return Pose(
            xx * a + xy * d,
            xx * b + xy * e,
            xx * c + xy * f + x0,
            yx * a + yy * d,
            yx * b + yy * e,
            yx * c + yy * f + y0,
        )

    def at(self, point: Point) -> Point:
        """The image of a point."""
        x, y = point
        return self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0

    @property
    def size(self) -> float:
        """The scale factor, the geometric mean over all directions."""
        return math.sqrt(abs(self.xx * self.yy - self.xy * self.yx))


class Dice:
    """Random numbers one at a time, as Python numbers; faster at this than `RngBits`."""

    def __init__(self, rng: RngBits):
        self.rng = rng
        self._left: list[int] = []

    def _next(self) -> int:
        if not self._left:
            self._left = self.rng.between(0, 65535, (512,)).tolist()
        return self._left.pop()

    def uniform(self, low: float, high: float) -> float:
        """A number from low to high, high not included."""
        return low + (high - low) * (self._next() / 65536.0)

    def around(self, centre: float, spread: float) -> float:
        """A number within `spread` of a centre, more often near it."""
        return centre + spread * ((self._next() + self._next()) / 65536.0 - 1.0)

    def whole(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self._next() * (high - low + 1) // 65536

    def odds(self, probability: float) -> bool:
        """True with the given probability."""
        return self._next() < probability * 65536.0

    def pick(self, items: Sequence):
        """One of the items, all with the same probability."""
        return items[self.whole(0, len(items) - 1)]

    def colour(self, low: float = 0.0, high: float = 255.0) -> tuple[float, float, float]:
        """Any colour, each channel from low to high."""
        return self.uniform(low, high), self.uniform(low, high), self.uniform(low, high)

    def near(self, colour: Colour, spread: float) -> tuple[float, ...]:
        """A colour near another: each channel within `spread`, kept in 0 to 255."""
        return tuple(min(max(self.around(each, spread), 0.0), 255.0) for each in colour)

    def turn(self, most: float) -> Turn:
        """A rotation in either direction, more often a small one; `most` as in `turn`."""
        return turn(self.around(0.0, most))

    def direction(self) -> Turn:
        """Any direction."""
        cosine, sine = turn(self.uniform(-0.41421356, 0.41421356))
        return self.pick(((cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine)))


class Shape(NamedTuple):
    """The pixels that a shape covers.

    Attributes:
      rows, columns: its box on the canvas.
      cover: the covered share of each pixel of the box, (rows, columns), float32, 0 to 1.
    """

    rows: slice
    columns: slice
    cover: np.ndarray

    def clipped(self, other: Shape) -> Shape:
        """The part inside another shape."""
        rows = slice(max(self.rows.start, other.rows.start), min(self.rows.stop, other.rows.stop))
        columns = slice(
            max(self.columns.start, other.columns.start),
            min(self.columns.stop, other.columns.stop),
        )
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return EMPTY
        return Shape(rows, columns, self._at(rows, columns) * other._at(rows, columns))

    def _at(self, rows: slice, columns: slice) -> np.ndarray:
        top, left = self.rows.start, self.columns.start
        return self.cover[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]


EMPTY = Shape(slice(0, 0), slice(0, 0), np.zeros((0, 0), np.float32))


def smooth(points: Sequence[Point], samples: int = 5, closed: bool = True) -> np.ndarray:
    """A smooth curve through points, (positions, 2); for `polygon` and `stroke`."""
    return spline(np.array([points], np.float64), samples, closed)[0]


class Canvas:
    """A picture being painted.

    Painting functions share these arguments: `colour` is a colour or a `Material`; `opacity` 0 to
    1; `shade` darkens the side away from `light_from` and brightens the other side by up to that
    fraction; `inside` paints only inside an earlier shape. They return the `Shape` they covered.
    """

    def __init__(self, edge: int, channels: int = 3, dice: Dice | None = None):
        """Starts black.

        Args:
          edge: height and width in pixels.
          channels: 3 for colours, 1 for grey.
          dice: random numbers for textures and noise, if any.
        """
        self.edge = edge
        self.channels = channels
        self.dice = dice or Dice(RngBits(0))
        self.pose = Pose()
        self.light_from: Turn = (-0.6, -0.8)
        self.planes = np.zeros((channels, edge, edge), np.float32)
        halves = np.arange(edge) + 0.5
        self._halves = halves.astype(np.float32)
        self._centres = (halves / edge).astype(np.float32)

    @contextmanager
    def posed(self, pose: Pose):
        """Adds a pose inside the current one, for a `with` block."""
        before = self.pose
        self.pose = before.of_pose(pose)
        try:
            yield
        finally:
            self.pose = before

    # Shapes without painting them.

    def ellipse_shape(self, centre: Point, radii: Point, turn: Turn = UPRIGHT) -> Shape:
        """An ellipse: its centre, its two radii, and the rotation of its axes."""
        cosine, sine = turn
        local = self.pose.of_pose(
            Pose(
                cosine * radii[0],
                -sine * radii[1],
                centre[0],
                sine * radii[0],
                cosine * radii[1],
                centre[1],
            )
        )
        determinant = local.xx * local.yy - local.xy * local.yx
        if determinant == 0.0:
            return EMPTY
        wide = math.sqrt(local.xx * local.xx + local.xy * local.xy)
        high = math.sqrt(local.yx * local.yx + local.yy * local.yy)
        box = self._box(local.x0 - wide, local.y0 - high, local.x0 + wide, local.y0 + high)
        if box is None:
            return EMPTY
        rows, columns = box
        x = self._centres[columns] - local.x0
        y = (self._centres[rows] - local.y0)[:, None]
        u = x * (local.yy / determinant) - y * (local.xy / determinant)
        v = y * (local.xx / determinant) - x * (local.yx / determinant)
        u *= u
        v *= v
        u += v
        np.sqrt(u, out=u)
        squares = wide * wide + high * high
        spread = math.sqrt(max(squares * squares - 4.0 * determinant * determinant, 0.0))
        narrow = math.sqrt(max((squares - spread) * 0.5, 0.0)) * self.edge
        u *= -narrow
        u += narrow + 0.5
        _limit(u)
        return Shape(rows, columns, u)

    def polygon_shape(self, points: Sequence[Point] | np.ndarray) -> Shape:
        """The inside of an outline, (corners, 2), that does not cross itself."""
        corners = self._placed(points)
        box = self._box_around(corners)
        if box is None:
            return EMPTY
        rows, columns = box
        height, width = rows.stop - rows.start, columns.stop - columns.start
        x, y = np.array([*corners, corners[0]]).T
        x = x * self.edge - columns.start
        y = (y * self.edge - rows.start) * _SUBROWS
        lines = np.arange(height * _SUBROWS) + 0.5
        passed = y[:, None] <= lines
        side, line = (passed[:-1] != passed[1:]).nonzero()
        x0, y0 = x[side], y[side]
        side += 1
        x1, y1 = x[side], y[side]
        slope = (x1 - x0) / (y1 - y0)
        across = x0 + (lines[line] - y0) * slope
        np.maximum(across, 0.0, out=across)
        np.minimum(across, width, out=across)
        across *= 256.0
        fixed = np.rint(across, out=across).astype(np.int64)
        sign = np.where(y1 > y0, 1, -1)
        part = (fixed & 255) * sign
        cell = line // _SUBROWS * (width + 2) + (fixed >> 8)
        cells = height * (width + 2)
        # Sums of integers are exact in any order. In each row they are 0 at the end.
        steps = np.bincount(cell, sign * 256 - part, cells)
        steps += np.bincount(cell + 1, part, cells)
        inside = steps.cumsum().reshape(height, width + 2)
        cover = inside[:, :width].astype(np.float32)
        np.abs(cover, out=cover)
        cover *= 1.0 / (256 * _SUBROWS)
        np.minimum(cover, 1.0, out=cover)
        return Shape(rows, columns, cover)

    def stroke_shape(
        self, points: Sequence[Point] | np.ndarray, widths: Sequence[float] | float
    ) -> Shape:
        """A line through points with round ends, with the width `widths` at each point."""
        corners = self._placed(points)
        if isinstance(widths, (int, float)):
            widths = [widths] * len(corners)
        size = self.pose.size
        radii = [0.5 * width * size for width in widths]
        box = self._box_around(corners, max(radii))
        if box is None:
            return EMPTY
        rows, columns = box
        parts = []
        for (ax, ay), (bx, by), first, last in zip(
            corners[:-1], corners[1:], radii[:-1], radii[1:], strict=True
        ):
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy or 1.0
            parts.append((ax, ay, dx, dy, dx / length, dy / length, first, last - first))
        several = len(parts) > 1
        # All parts of the line at once, (parts, rows, columns).
        measures = np.array(parts, np.float32).T[..., None, None] if several else parts[0]
        ax, ay, dx, dy, x_share, y_share, first, more = measures
        x = self._centres[columns] - ax
        y = self._centres[rows][:, None] - ay
        along = x * x_share + y * y_share
        _limit(along)
        across, down = x - along * dx, y - along * dy
        across *= across
        down *= down
        across += down
        np.sqrt(across, out=across)
        along *= more
        along += first
        along -= across
        along *= self.edge
        along += 0.5
        cover = along.max(axis=0) if several else along
        _limit(cover)
        return Shape(rows, columns, cover)

    # Painting.

    def paint(
        self,
        shape: Shape,
        colour: Colour | Material,
        *,
        opacity: float = 1.0,
        shade: float = 0.0,
        inside: Shape | None = None,
    ) -> Shape:
        """Paints a colour over the pixels of a shape."""
        painted = shape if inside is None else shape.clipped(inside)
        rows, columns, cover = painted
        if cover.size == 0:
            return painted
        below = self.planes[:, rows, columns]
        if isinstance(colour, np.ndarray) and colour.ndim == 3:
            above = colour[:, rows, columns]
        else:
            above = np.array(colour, np.float32)[:, None, None]
        if shade:
            x = self._ramp(shape.columns, columns)
            x *= self.light_from[0] * shade
            x += 1.0
            y = self._ramp(shape.rows, rows)
            y *= self.light_from[1] * shade
            above = above * (x + y[:, None])
        if opacity < 1.0:
            cover = cover * opacity
        change = above - below
        change *= cover
        below += change
        return painted

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        colour: Colour | Material,
        *,
        turn: Turn = UPRIGHT,
        opacity: float = 1.0,
        shade: float = 0.0,
        inside: Shape | None = None,
    ) -> Shape:
        """Paints an ellipse."""
        shape = self.ellipse_shape(centre, radii, turn)
        return self.paint(shape, colour, opacity=opacity, shade=shade, inside=inside)

    def polygon(
        self,
        points: Sequence[Point] | np.ndarray,
        colour: Colour | Material,
        *,
        opacity: float = 1.0,
        shade: float = 0.0,
        inside: Shape | None = None,
    ) -> Shape:
        """Paints the inside of an outline; pass `smooth(points)` for a rounded one."""
        shape = self.polygon_shape(points)
        return self.paint(shape, colour, opacity=opacity, shade=shade, inside=inside)

    def stroke(
        self,
        points: Sequence[Point] | np.ndarray,
        widths: Sequence[float] | float,
        colour: Colour | Material,
        *,
        opacity: float = 1.0,
        shade: float = 0.0,
        inside: Shape | None = None,
    ) -> Shape:
        """Paints a line through points, tapered and with round ends."""
        shape = self.stroke_shape(points, widths)
        return self.paint(shape, colour, opacity=opacity, shade=shade, inside=inside)

    # The whole picture.

    def fill(self, colour: Colour | Material) -> None:
        """Paints over everything."""
        self.planes[:] = self._material(colour)

    def gradient(self, first: Colour, second: Colour, direction: Turn = (0.0, 1.0)) -> None:
        """Paints a gradient between two colours across the picture, by default downwards."""
        share = self.ramp(direction)
        self.planes[:] = self.blend(first, second, share)

    def ramp(self, direction: Turn) -> np.ndarray:
        """0 to 1 across the picture in a direction, (edge, edge), float32."""
        centred = self._centres - 0.5
        wide = abs(direction[0]) + abs(direction[1])
        share = centred * (direction[0] / wide) + (centred * (direction[1] / wide))[:, None]
        return share + 0.5

    def blend(
        self, first: Colour | Material, second: Colour | Material, share: np.ndarray
    ) -> Material:
        """A material: `first` where `share`, (edge, edge), is 0, and `second` where it is 1."""
        start, end = self._material(first), self._material(second)
        return start + (end - start) * share

    def texture(self, cells: int, octaves: int = 1) -> np.ndarray:
        """Soft random spots: smooth noise, (edge, edge), float32, 0 to 1.

        Args:
          cells: the approximate number of spots along the picture.
          octaves: how often to add finer noise, each half as strong.
        """
        total = self._soft(cells)
        strength, most = 1.0, 1.0
        for _ in range(octaves - 1):
            cells *= 2
            strength *= 0.5
            most += strength
            total = total + self._soft(cells) * strength
        return total * (1.0 / most) if octaves > 1 else total

    def stripes(
        self, count: float, direction: Turn, warp: float = 0.0, cells: int = 4
    ) -> np.ndarray:
        """Soft parallel stripes, (edge, edge), float32, 0 to 1 and back `count` times.

        Args:
          count: the number of stripes along the picture.
          direction: the direction across the stripes.
          warp: how far they wind, in stripes.
          cells: how often they wind.
        """
        phase = self.ramp(direction) * count + self.dice.uniform(0.0, 1.0)
        if warp:
            phase = phase + self.texture(cells) * warp
        phase = phase - np.floor(phase)
        return np.abs(phase * 2.0 - 1.0)

    @staticmethod
    def steps(values: np.ndarray, level: float, softness: float = 0.1) -> np.ndarray:
        """0 below a level and 1 above it, with a soft transition of width `softness`."""
        return np.clip((values - level) * (1.0 / softness) + 0.5, 0.0, 1.0)

    def soften(self, share: float = 1.0) -> None:
        """Blurs slightly: mixes each pixel with the mean of its 3×3 pixels, by the given share."""
        padded = np.pad(self.planes, ((0, 0), (1, 1), (1, 1)), mode="edge")
        rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
        mean = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) * (1.0 / 9.0)
        self.planes += (mean - self.planes) * share

    def light(self, dice: Dice, strength: float = 1.0) -> None:
        """Lights the picture: brightness, contrast, tint, and one side brighter than the other."""
        gain = 1.0 + strength * dice.around(0.0, 0.3)
        slope = strength * dice.uniform(0.0, 0.5)
        ramp = self.ramp(dice.direction()) * slope + (gain - 0.5 * slope)
        middle = 128.0 + strength * dice.around(0.0, 50.0)
        contrast = 1.0 - strength * dice.uniform(0.0, 0.4)
        self.planes *= ramp
        self.planes -= middle
        for plane in self.planes:
            plane *= contrast * (1.0 + strength * dice.around(0.0, 0.12))
        self.planes += middle

    def noise(self, strength: float) -> None:
        """Adds noise to every pixel, up to `strength` grey levels in both directions."""
        draws = self.dice.rng.bytes(self.planes.shape).astype(np.float32)
        draws -= 127.5
        draws *= strength / 127.5
        self.planes += draws

    def picture(self) -> np.ndarray:
        """The finished picture, (edge, edge, channels), uint8."""
        return np.clip(self.planes + 0.5, 0.0, 255.0).astype(np.uint8).transpose(1, 2, 0)

    def _material(self, colour: Colour | Material) -> np.ndarray:
        if isinstance(colour, np.ndarray) and colour.ndim == 3:
            return colour
        return np.array(colour, np.float32)[:, None, None]

    def _soft(self, cells: int) -> np.ndarray:
        grid = self.dice.rng.bytes((cells + 2, cells + 2)).astype(np.float32)
        grid *= 1.0 / 255.0
        at = self._centres * cells
        whole = at.astype(np.int64)
        part = at - np.floor(at)  # stays float32
        part = part * part * (3.0 - 2.0 * part)
        left = grid.take(whole, axis=1)
        columns = left + (grid.take(whole + 1, axis=1) - left) * part
        above = columns.take(whole, axis=0)
        return above + (columns.take(whole + 1, axis=0) - above) * part[:, None]

    def _placed(self, points: Sequence[Point] | np.ndarray) -> list[Point]:
        """Points after the pose; for a few points, Python numbers are the fastest."""
        xx, xy, x0, yx, yy, y0 = self.pose
        given = points.tolist() if isinstance(points, np.ndarray) else points
        return [(xx * x + xy * y + x0, yx * x + yy * y + y0) for x, y in given]

    def _box_around(self, points: Sequence[Point], margin: float = 0.0):
        """The `_box` around points, plus a margin."""
        across, down = zip(*points, strict=True)
        return self._box(
            min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin
        )

    def _box(self, left: float, top: float, right: float, bottom: float):
        """Rows and columns of the pixels that a box touches, plus one on each side; or None."""
        edge = self.edge
        first, after = max(int(top * edge) - 1, 0), min(int(bottom * edge) + 2, edge)
        start, stop = max(int(left * edge) - 1, 0), min(int(right * edge) + 2, edge)
        return (slice(first, after), slice(start, stop)) if first < after and start < stop else None

    def _ramp(self, whole: slice, part: slice) -> np.ndarray:
        """−1 to 1 along a box, at the positions of a part of it."""
        extent = max(whole.stop - whole.start, 1)
        ramp = self._halves[part.start - whole.start : part.stop - whole.start] * (2.0 / extent)
        ramp -= 1.0
        return ramp


_ZERO, _ONE = np.zeros((), np.float32), np.ones((), np.float32)


def _limit(cover: np.ndarray) -> None:
    """Clips numbers to 0…1, in place; for small arrays several times as fast as np.clip."""
    np.maximum(cover, _ZERO, out=cover)
    np.minimum(cover, _ONE, out=cover)


def paint_block(
    rng: RngBits,
    labels: np.ndarray,
    edge: int,
    channels: int,
    paint_one: Callable[[Canvas, Dice, int], None],
) -> np.ndarray:
    """Paints a block of pictures, each from its own random numbers.

    Args:
      rng: the block's stream.
      labels: (n,), int32.
      edge: height and width in pixels.
      channels: 3 for colours, 1 for grey.
      paint_one: paints a picture; it gets an empty canvas, dice and the label.

    Returns:
      (n, edge, edge, channels), uint8.
    """
    pictures = np.empty((len(labels), edge, edge, channels), np.uint8)
    for number, label in enumerate(labels.tolist()):
        dice = Dice(RngBits(int.from_bytes(rng.bytes((16,)).tobytes(), "little")))
        canvas = Canvas(edge, channels, dice)
        paint_one(canvas, dice, label)
        pictures[number] = canvas.picture()
    return pictures
