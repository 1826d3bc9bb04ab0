"""The stand-in for Fashion-MNIST: how each garment is drawn.

A drawing has two layers. Cloth is the garment itself with the shading of its parts. Trim is the
details in another grey: seams, collars, buttons, soles, straps. Each image chooses the brightness
of the cloth, and how much darker or lighter the trim is, so grey values do not reveal the class.
Tops also share their silhouettes, and differ only in collars, buttons, seams and hems.

Units are those of `drawing`: 28×28, y downwards. Garments are symmetric about x = 14; shoes and
sandals point to the left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.data.drawn.drawing import DISTANCE_STEPS, GRID, distance_to, fill, soften, spline
from lib.data.rng import RngBits

VARIANTS = 40
"""Drawings of a garment."""

MIDDLE = 14.0

Number = float | np.ndarray
Point = tuple[Number, Number]


def _points(corners: Sequence[Point]) -> np.ndarray:
    """(VARIANTS, corners, 2) from coordinates that are one number, or one per variant."""
    rows = [
        np.stack([np.broadcast_to(np.asarray(n, np.float64), (VARIANTS,)) for n in corner], axis=-1)
        for corner in corners
    ]
    return np.stack(rows, axis=1)


def _mirrored(half: Sequence[Point]) -> list[Point]:
    """A symmetric outline from its right half, given as (distance from the middle, y)."""
    right: list[Point] = [(MIDDLE + across, y) for across, y in half]
    left: list[Point] = [(MIDDLE - across, y) for across, y in reversed(half)]
    return right + left


class Sketch:
    """The two layers of a garment, all variants at once."""

    def __init__(self, rng: RngBits):
        self.rng = rng
        self.cloth = np.zeros((VARIANTS, GRID, GRID), np.int32)
        self.trim = np.zeros((VARIANTS, GRID, GRID), np.int32)

    def vary(self, low: float, high: float) -> np.ndarray:
        """A number for each variant, from low to high: (VARIANTS,), float64."""
        return low + self.rng.between(0, 1000, (VARIANTS,)) * (high - low) / 1000

    def some(self, percent: int) -> np.ndarray:
        """True for about this share of the variants: (VARIANTS,), bool."""
        return self.rng.between(0, 99, (VARIANTS,)) < percent

    def panel(
        self, corners: Sequence[Point], tone: Number = 230, only: np.ndarray | None = None
    ) -> np.ndarray:
        """Adds a piece of cloth on top; returns its cells, (VARIANTS, GRID, GRID)."""
        inside = fill(_points(corners))
        if only is not None:
            inside &= only[:, None, None]
        tones = np.broadcast_to(np.asarray(tone, np.float64), (VARIANTS,)).astype(np.int32)
        self.cloth = np.where(inside, tones[:, None, None], self.cloth)
        self.trim = np.where(inside, 0, self.trim)
        return inside

    def hole(self, corners: Sequence[Point]) -> None:
        """Cuts out a piece."""
        inside = fill(_points(corners))
        self.cloth[inside] = 0
        self.trim[inside] = 0

    def patch(
        self, corners: Sequence[Point], strength: int = 255, only: np.ndarray | None = None
    ) -> None:
        """Marks a piece of the existing cloth as trim."""
        inside = fill(_points(corners)) & (self.cloth > 0)
        if only is not None:
            inside &= only[:, None, None]
        self.trim[inside] = strength

    def seam(
        self,
        corners: Sequence[Point],
        width: Number = 0.5,
        strength: int = 255,
        only: np.ndarray | None = None,
    ) -> None:
        """Draws a curved line on the existing cloth."""
        inside = self._near(corners, width) & (self.cloth > 0)
        if only is not None:
            inside &= only[:, None, None]
        self.trim[inside] = strength

    def strap(
        self,
        corners: Sequence[Point],
        width: Number,
        tone: int = 230,
        trim: int = 0,
        only: np.ndarray | None = None,
    ) -> None:
        """Adds a curved band of cloth."""
        inside = self._near(corners, width)
        if only is not None:
            inside &= only[:, None, None]
        self.cloth[inside] = tone
        self.trim[inside] = trim

    def fold(self, corners: Sequence[Point], width: Number, depth: int = 45) -> None:
        """Darkens the cloth along a curve."""
        inside = self._near(corners, width) & (self.cloth > depth)
        self.cloth[inside] -= depth

    def packed(self) -> np.ndarray:
        """Both layers with smooth edges: (VARIANTS, GRID, GRID), uint16, cloth + 256·trim."""
        return (soften(self.cloth) + 256 * soften(self.trim)).astype(np.uint16)

    def _near(self, corners: Sequence[Point], width: Number) -> np.ndarray:
        limit = np.broadcast_to(np.asarray(width, np.float64), (VARIANTS,)) * (DISTANCE_STEPS / 2)
        curve = spline(_points(corners), samples=_samples(corners))
        return distance_to(curve) <= limit[:, None, None]


def _samples(corners: Sequence[Point]) -> int:
    """Positions between two points of a curve, so that neighbours are about 0.7 units apart."""
    points = _points(corners)
    steps = np.abs(points[:, 1:] - points[:, :-1])
    return max(2, int(np.ceil(steps.max() / 0.7)))


def _top(
    sketch: Sketch,
    *,
    sleeve: np.ndarray,
    bottom: np.ndarray,
    waist: Number = 0.0,
    flare: Number = 0.0,
    neck_depth: Number = 1.0,
    tail: Number = 0.0,
) -> dict[str, np.ndarray]:
    """Body and sleeves of anything worn on the upper body.

    Args:
      sketch: the sketch to draw on.
      sleeve: length of the sleeves, 0 (none) to 1 (to the wrist).
      bottom: y of the hem.
      waist: how much narrower the body is half-way down.
      flare: how much wider the hem is than the chest.
      neck_depth: how far the neckline dips.
      tail: how much deeper the hem is in the middle.

    Returns:
      The measures for placing collars, cuffs and buttons.
    """
    top = sketch.vary(3.6, 4.6)
    neck = sketch.vary(2.0, 2.9)
    shoulder = sketch.vary(5.4, 6.4)
    chest = shoulder - sketch.vary(0.3, 0.9)
    hem = chest + flare
    slope = sketch.vary(1.0, 1.8)
    spread = sketch.vary(1.6, 4.2)
    length = 4.0 + sleeve * 11.5
    thick = sketch.vary(2.5, 3.2)
    wrist_x = shoulder + spread * (0.45 + 0.55 * sleeve)
    wrist_y = top + slope + length
    cuff = thick - sleeve * 0.6
    tone = sketch.vary(190, 225)
    has = sleeve > 0
    for side in (-1, 1):
        outer = [
            (MIDDLE + side * (shoulder - 0.8), top + slope - 0.4),
            (MIDDLE + side * (shoulder + 0.5), top + slope + 0.6),
            (MIDDLE + side * wrist_x, wrist_y),
            (MIDDLE + side * (wrist_x - cuff), wrist_y + 0.5),
            (MIDDLE + side * (chest - 0.5), top + slope + 4.4),
        ]
        sketch.panel(outer, tone, only=has)
    middle = (top + bottom) / 2 + 1
    half: list[Point] = [
        (0.0, top + neck_depth),
        (neck * 0.6, top + np.asarray(neck_depth) * 0.7),
        (neck, top),
        (shoulder, top + slope),
        (chest, top + slope + 3.5),
        (chest - waist, middle),
        (hem, bottom),
        (hem * 0.5, bottom + np.asarray(tail) * 0.8),
        (0.0, bottom + tail),
    ]
    sketch.panel(_mirrored(half), 235)
    for side in (-1, 1):
        armhole: list[Point] = [
            (MIDDLE + side * (shoulder - 0.2), top + slope),
            (MIDDLE + side * (chest - 0.5), top + slope + 2),
            (MIDDLE + side * chest, top + slope + 4),
        ]
        sketch.fold(armhole, 0.7, 70)
    return {
        "top": top,
        "neck": neck,
        "shoulder": shoulder,
        "chest": chest,
        "hem": np.asarray(hem),
        "bottom": bottom,
        "slope": slope,
        "wrist_x": wrist_x,
        "wrist_y": wrist_y,
        "cuff": cuff,
    }


def _cuffs(sketch: Sketch, at: dict[str, np.ndarray], only: np.ndarray) -> None:
    for side in (-1, 1):
        x, y = MIDDLE + side * at["wrist_x"], at["wrist_y"]
        inner = x - side * at["cuff"]
        corners = [(x + side, y - 1.3), (x + side, y + 1.5), (inner - side, y + 1.5)]
        sketch.patch([*corners, (inner - side * 0.6, y - 1.0)], only=only)


def _t_shirt(sketch: Sketch) -> None:
    sleeve = np.where(sketch.some(18), 0.0, sketch.vary(0.05, 0.3))
    neck_depth = sketch.vary(1.0, 3.0)
    at = _top(
        sketch,
        sleeve=sleeve,
        bottom=sketch.vary(20.0, 23.5),
        waist=sketch.vary(-0.2, 0.7),
        neck_depth=neck_depth,
    )
    neckline: list[Point] = [
        (MIDDLE - at["neck"], at["top"]),
        (MIDDLE - at["neck"] * 0.6, at["top"] + neck_depth * 0.75),
        (MIDDLE, at["top"] + neck_depth + 0.1),
        (MIDDLE + at["neck"] * 0.6, at["top"] + neck_depth * 0.75),
        (MIDDLE + at["neck"], at["top"]),
    ]
    sketch.seam(neckline, 1.3)
    # Some have a print on the chest.
    size = sketch.vary(1.2, 2.8)
    y = at["top"] + sketch.vary(6.5, 8.5)
    square: list[Point] = [(size, y - size), (size, y + size)]
    diamond: list[Point] = [(0.0, y - size * 1.3), (size * 1.3, y), (0.0, y + size * 1.3)]
    kind = sketch.rng.between(0, 3, (VARIANTS,))
    sketch.patch(_mirrored(square), only=kind == 1)
    sketch.patch(_mirrored(diamond), only=kind == 2)


def _trouser(sketch: Sketch) -> None:
    top = sketch.vary(2.0, 3.5)
    bottom = sketch.vary(24.0, 26.0)
    waist = sketch.vary(3.4, 4.6)
    hip = waist + sketch.vary(0.5, 1.3)
    foot = sketch.vary(2.0, 3.4)
    apart = sketch.vary(0.7, 1.9)
    crotch = top + sketch.vary(6.5, 8.5)
    sketch.panel(
        _mirrored(
            [
                (0.0, top),
                (waist, top),
                (hip, top + 5),
                (apart + foot, bottom),
                (apart, bottom),
                (0.0, crotch),
            ]
        ),
        230,
    )
    sketch.patch(_mirrored([(0.0, top), (hip, top), (hip, top + 1.4), (0.0, top + 1.4)]))
    sketch.seam([(MIDDLE, top + 1), (MIDDLE, crotch)], 0.6)
    pocket = sketch.some(60)
    for side in (-1, 1):
        crease: list[Point] = [
            (MIDDLE + side * hip * 0.55, top + 4),
            (MIDDLE + side * (apart + foot * 0.5), bottom),
        ]
        sketch.fold(crease, 0.9, 60)
        slash: list[Point] = [
            (MIDDLE + side * waist * 0.55, top + 1.4),
            (MIDDLE + side * hip, top + 4.2),
        ]
        sketch.seam(slash, 0.6, only=pocket)


def _pullover(sketch: Sketch) -> None:
    bottom = sketch.vary(20.5, 23.5)
    neck_depth = sketch.vary(0.6, 1.6)
    at = _top(
        sketch,
        sleeve=sketch.vary(0.85, 1.0),
        bottom=bottom,
        waist=sketch.vary(-0.6, 0.4),
        neck_depth=neck_depth,
    )
    everywhere = np.ones(VARIANTS, bool)
    _cuffs(sketch, at, everywhere)
    band = sketch.vary(1.3, 2.2)
    wide = at["hem"] + 1
    sketch.patch(_mirrored([(0.0, bottom - band), (wide, bottom - band), (wide, bottom + 1)]))
    # A rolled collar, or a ribbed round neck.
    rolled = sketch.some(40)
    height = sketch.vary(1.5, 2.6)
    collar = _mirrored(
        [
            (at["neck"] * 0.85, at["top"] - height + 0.9),
            (at["neck"] + 0.2, at["top"] + 0.6),
            (0.0, at["top"] + neck_depth + 0.9),
        ]
    )
    sketch.panel(collar, 205, only=rolled)
    ring: list[Point] = [
        (MIDDLE - at["neck"] - 0.2, at["top"] + 0.2),
        (MIDDLE - at["neck"] * 0.6, at["top"] + neck_depth * 0.8 + 0.5),
        (MIDDLE, at["top"] + neck_depth + 0.7),
        (MIDDLE + at["neck"] * 0.6, at["top"] + neck_depth * 0.8 + 0.5),
        (MIDDLE + at["neck"] + 0.2, at["top"] + 0.2),
    ]
    sketch.seam(ring, 1.5)


def _dress(sketch: Sketch) -> None:
    top = sketch.vary(2.2, 3.4)
    bottom = sketch.vary(23.5, 26.0)
    neck = sketch.vary(1.6, 2.6)
    shoulder = neck + sketch.vary(0.9, 2.4)
    chest = sketch.vary(3.4, 4.4)
    waist = chest - sketch.vary(0.4, 1.4)
    hem = sketch.vary(4.6, 8.4)
    line = top + sketch.vary(7.5, 10.0)
    dip = sketch.vary(1.5, 3.5)
    sleeved = sketch.some(35)
    for side in (-1, 1):
        sleeve: list[Point] = [
            (MIDDLE + side * (shoulder - 0.6), top + 0.3),
            (MIDDLE + side * (shoulder + 2.6), top + 4.4),
            (MIDDLE + side * (chest + 0.8), top + 5.6),
            (MIDDLE + side * (chest - 0.6), top + 4.0),
        ]
        sketch.panel(sleeve, 205, only=sleeved)
    sketch.panel(
        _mirrored(
            [
                (0.0, top + dip),
                (neck, top),
                (shoulder, top + 0.4),
                (chest - 0.2, top + 3.4),
                (chest, top + 4.6),
                (waist, line),
                (waist + (hem - waist) * 0.55, (line + bottom) / 2),
                (hem, bottom),
                (hem * 0.5, bottom + 0.6),
                (0.0, bottom + 0.7),
            ]
        ),
        235,
    )
    belt = sketch.some(65)
    sketch.patch(_mirrored([(6.0, line - 0.6), (6.0, line + 0.8)]), only=belt)
    for across in (-0.55, 0.0, 0.55):
        pleat: list[Point] = [
            (MIDDLE + across * waist, line + 1.5),
            (MIDDLE + across * hem, bottom + 0.7),
        ]
        sketch.fold(pleat, 0.9, 60)


def _coat(sketch: Sketch) -> None:
    bottom = sketch.vary(23.5, 26.0)
    at = _top(
        sketch,
        sleeve=sketch.vary(0.85, 1.0),
        bottom=bottom,
        waist=sketch.vary(-0.1, 0.9),
        flare=sketch.vary(0.2, 1.6),
        neck_depth=sketch.vary(1.0, 2.0),
    )
    top, neck = at["top"], at["neck"]
    # Open at the front: a gap or a strong line, and lapels above it.
    closing = top + sketch.vary(6.0, 9.0)
    gap = sketch.vary(0.3, 0.55)
    opened = np.where(sketch.some(40), sketch.vary(0.7, 1.4), gap)
    sketch.hole(
        _mirrored([(0.0, closing), (gap, closing), (opened, bottom + 1), (0.0, bottom + 1)])
    )
    sketch.hole(_mirrored([(0.0, top - 1), (neck * 0.55, top - 1), (0.0, closing + 0.5)]))
    for side in (-1, 1):
        lapel: list[Point] = [
            (MIDDLE + side * neck * 0.55, top - 0.9),
            (MIDDLE + side * (neck + 0.6), top - 0.2),
            (MIDDLE + side * (neck + 1.3), top + 3.2),
            (MIDDLE + side * (neck + 0.2), top + 3.8),
            (MIDDLE + side * gap, closing + 0.5),
        ]
        sketch.panel(lapel, 235)
        sketch.patch(lapel, 170)
    low = top + sketch.vary(12.0, 14.0)
    pocket = sketch.some(75)
    for side in (-1, 1):
        flap: list[Point] = [
            (MIDDLE + side * 1.8, low),
            (MIDDLE + side * 4.3, low - 0.4),
            (MIDDLE + side * 4.3, low + 0.8),
            (MIDDLE + side * 1.8, low + 1.2),
        ]
        sketch.patch(flap, only=pocket)
    belt = sketch.some(25)
    line = top + 10.5
    sketch.patch(_mirrored([(7.0, line - 0.7), (7.0, line + 0.7)]), only=belt)


def _shirt(sketch: Sketch) -> None:
    sleeve = np.where(sketch.some(30), sketch.vary(0.1, 0.35), sketch.vary(0.85, 1.0))
    bottom = sketch.vary(20.0, 23.0)
    at = _top(
        sketch,
        sleeve=sleeve,
        bottom=bottom,
        waist=sketch.vary(-0.1, 0.9),
        tail=sketch.vary(0.3, 1.8),
        neck_depth=sketch.vary(0.2, 0.6),
    )
    top, neck = at["top"], at["neck"]
    # A button border from the collar to the hem, a pointed collar, perhaps a breast pocket.
    placket = sketch.vary(0.75, 1.05)
    for side in (-1, 1):
        sketch.seam(
            [(MIDDLE + side * placket, top + 2), (MIDDLE + side * placket, bottom + 2)], 0.5, 170
        )
    step = sketch.vary(2.7, 3.4)
    for button in range(7):
        y = top + 3.2 + button * step
        sketch.seam([(MIDDLE - 0.2, y), (MIDDLE + 0.2, y)], 1.4, only=y < bottom)
    point = sketch.vary(2.4, 3.6)
    for side in (-1, 1):
        collar: list[Point] = [
            (MIDDLE, top + 0.9),
            (MIDDLE + side * neck * 0.6, top - 1.0),
            (MIDDLE + side * (neck + 0.5), top - 0.1),
            (MIDDLE + side * (neck + 0.1), top + point),
        ]
        sketch.panel(collar, 235)
        sketch.patch(collar, 190)
        sketch.seam([(MIDDLE, top + 1.0), (MIDDLE + side * (neck + 0.1), top + point)], 0.5)
    pocket = sketch.some(55)
    y = top + sketch.vary(5.5, 6.5)
    left, right = MIDDLE + 1.9, MIDDLE + 4.3
    frame: list[Point] = [
        (left, y), (right, y), (right, y), (right, y + 2.6), (right, y + 2.6),
        (left, y + 2.6), (left, y + 2.6), (left, y),
    ]  # fmt: skip
    sketch.seam(frame, 0.5, only=pocket)
    _cuffs(sketch, at, sketch.some(50) & (sleeve > 0.5))


def _sandal(sketch: Sketch) -> None:
    heel = np.where(sketch.some(45), sketch.vary(3.5, 6.5), sketch.vary(0.3, 1.2))
    ground = sketch.vary(20.0, 21.5)
    toe, back = sketch.vary(2.6, 3.8), sketch.vary(24.0, 25.5)
    thick = sketch.vary(1.0, 1.9)
    sole: list[Point] = [
        (toe, ground - 0.4),
        (toe + 6, ground - 0.3),
        (toe + 12, ground - 0.3 - heel * 0.55),
        (back, ground - heel - 0.3),
    ]
    sketch.strap(sole, thick, 225, 110)
    post: list[Point] = [
        (back - 2.6, ground - heel),
        (back + 0.3, ground - heel),
        (back - 0.2, ground + 0.4),
        (back - 1.9, ground + 0.4),
    ]
    sketch.panel(post, 225)
    sketch.patch(post, 110)
    # Straps over the toes, the instep and around the heel, with air between them.
    width = sketch.vary(0.9, 1.6)
    for number, (along, height) in enumerate(((2.2, 2.6), (5.0, 3.8), (7.8, 5.0))):
        base = ground - 0.6 - heel * (0.0, 0.05, 0.25)[number]
        lean = sketch.vary(1.0, 2.6)
        strap: list[Point] = [
            (toe + along, base),
            (toe + along + lean * 0.4, base - height * 0.6),
            (toe + along + lean + 0.8, base - height),
            (toe + along + lean + 2.4, base - height * 0.85),
            (toe + along + lean + 3.2, base - height * 0.1),
        ]
        sketch.strap(strap, width, 230, only=sketch.some((85, 60, 75)[number]))
    rise = sketch.vary(5.0, 7.0)
    loop: list[Point] = [
        (back - 0.2, ground - heel - 0.6),
        (back + 0.3, ground - heel - rise * 0.8),
        (back - 2.2, ground - heel - rise),
        (back - 6.6, ground - heel * 0.8 - rise * 0.85),
        (back - 8.4, ground - heel * 0.5 - 0.8),
    ]
    sketch.strap(loop, width, 230, only=sketch.some(85))


def _sneaker(sketch: Sketch) -> None:
    ground = sketch.vary(20.0, 21.5)
    toe, back = sketch.vary(2.4, 3.6), sketch.vary(24.2, 25.6)
    sole = sketch.vary(1.8, 2.8)
    height = sketch.vary(8.0, 9.8)
    upper = ground - sole
    throat = toe + sketch.vary(9.5, 11.5)
    collar_front = upper - height * 0.86
    sketch.panel(
        [
            (toe + 0.2, upper + 0.6),
            (toe + 0.3, upper - 1.8),
            (toe + 2.0, upper - 3.2),
            (toe + 5.5, upper - 4.2),
            (throat, collar_front + 0.6),
            (throat + 1.6, collar_front),
            (throat + 3.2, upper - height * 0.62),
            (back - 4.0, upper - height * 0.58),
            (back - 1.8, upper - height * 0.8),
            (back - 0.4, upper - height * 0.76),
            (back - 0.5, upper - 2.5),
            (back, upper + 0.6),
        ],
        225,
    )
    bottom = [
        (toe - 0.5, upper),
        (toe + 9, upper + 0.3),
        (back + 0.2, upper - 0.2),
        (back + 0.4, ground - 0.4),
        (back - 0.6, ground),
        (toe + 1.0, ground),
        (toe - 0.6, ground - 0.9),
    ]
    sketch.panel(bottom, 235)
    sketch.patch(bottom)
    # Laces, toe cap, a stripe or two on the side, a heel patch.
    for lace in range(4):
        x = toe + 5.0 + lace * (throat - toe - 4.6) / 4
        y = upper - 3.7 - lace * (height * 0.86 - 4.4) / 4
        sketch.seam([(x - 0.3, y - 0.5), (x + 1.6, y + 1.4)], 0.75)
    cap: list[Point] = [
        (toe + 3.0, upper - 3.8),
        (toe + 4.2, upper - 2.0),
        (toe + 4.4, upper + 0.2),
    ]
    sketch.seam(cap, 0.6, only=sketch.some(70))
    kind = sketch.rng.between(0, 2, (VARIANTS,))
    for stripe in range(3):
        x = throat - 0.6 + stripe * 1.9
        sketch.seam([(x, upper - 4.2), (x + 1.4, upper - 0.4)], 0.8, only=kind == 0)
    swoosh: list[Point] = [
        (throat - 2.4, upper - 2.0),
        (throat + 0.5, upper - 1.2),
        (back - 2.5, upper - 4.2),
    ]
    sketch.seam(swoosh, 1.3, only=kind == 1)
    heel: list[Point] = [
        (back - 2.3, upper - height),
        (back + 1, upper - height),
        (back + 1, upper - 2.4),
        (back - 2.3, upper - 2.4),
    ]
    sketch.patch(heel, only=sketch.some(50))


def _bag(sketch: Sketch) -> None:
    top = sketch.vary(10.0, 13.5)
    bottom = sketch.vary(21.5, 24.5)
    upper = sketch.vary(7.0, 10.0)
    lower = upper + sketch.vary(-0.6, 1.8)
    arch = sketch.vary(4.5, 7.5)
    foot = upper * sketch.vary(0.45, 0.8)
    width = sketch.vary(0.9, 1.7)
    handle: list[Point] = [
        (MIDDLE - foot, top + 0.8),
        (MIDDLE - foot * 0.92, top - arch * 0.6),
        (MIDDLE - foot * 0.45, top - arch),
        (MIDDLE + foot * 0.45, top - arch),
        (MIDDLE + foot * 0.92, top - arch * 0.6),
        (MIDDLE + foot, top + 0.8),
    ]
    sketch.strap(handle, width, 215)
    corner = sketch.vary(0.4, 1.6)
    sketch.panel(
        _mirrored(
            [
                (0.0, top),
                (upper - corner, top),
                (upper, top + corner),
                (lower, bottom - corner),
                (lower - corner, bottom),
                (0.0, bottom),
            ]
        ),
        235,
    )
    # A flap with a clasp, a zip with a pocket, or side straps.
    kind = sketch.rng.between(0, 2, (VARIANTS,))
    flap = top + sketch.vary(4.0, 6.0)
    lid: list[Point] = [
        (MIDDLE - upper, top + 1.0),
        (MIDDLE - upper * 0.8, flap - 0.8),
        (MIDDLE, flap),
        (MIDDLE + upper * 0.8, flap - 0.8),
        (MIDDLE + upper, top + 1.0),
    ]
    sketch.seam(lid, 0.7, only=kind == 0)
    clasp = _mirrored([(1.1, flap - 0.9), (1.1, flap + 1.1)])
    sketch.patch(clasp, only=kind == 0)
    sketch.seam([(MIDDLE - upper, top + 1.7), (MIDDLE + upper, top + 1.7)], 0.8, only=kind == 1)
    pocket = _mirrored([(upper * 0.6, bottom - 5.5), (upper * 0.6, bottom - 1.5)])
    sketch.patch(pocket, 170, only=kind == 1)
    for side in (-1, 1):
        x = MIDDLE + side * foot
        sketch.seam([(x, top), (x, bottom)], 1.0, only=kind == 2)


def _ankle_boot(sketch: Sketch) -> None:
    ground = sketch.vary(22.0, 23.5)
    toe, back = sketch.vary(3.4, 4.8), sketch.vary(22.0, 23.5)
    heel = np.where(sketch.some(45), sketch.vary(2.4, 4.2), sketch.vary(1.2, 2.0))
    top = sketch.vary(4.0, 7.0)
    shaft = sketch.vary(6.4, 8.2)
    front = back - shaft
    instep = ground - 1.0 - sketch.vary(4.4, 5.6)
    sketch.panel(
        [
            (toe, ground - 1.0),
            (toe + 0.2, ground - 3.0),
            (toe + 2.4, ground - 4.2),
            (front - 1.4, instep - 1.0),
            (front + 0.3, instep - 3.4),
            (front, top + 0.4),
            (back + 0.3, top),
            (back - 0.2, instep - 3.0),
            (back + 0.5, ground - heel),
            (back - 5.0, ground - np.minimum(heel, 2.0)),
            (toe + 6, ground - 0.8),
        ],
        228,
    )
    post: list[Point] = [
        (back - 4.6, ground - heel - 0.2),
        (back + 0.6, ground - heel - 0.2),
        (back + 0.3, ground),
        (back - 3.8, ground),
    ]
    sketch.panel(post, 220)
    sketch.patch(post)
    sole: list[Point] = [
        (toe, ground - 0.6),
        (toe + 6, ground - 0.5),
        (back - 4.5, ground - np.minimum(heel, 2.0) * 0.9),
    ]
    sketch.strap(sole, 1.1, 225, 255)
    kind = sketch.rng.between(0, 2, (VARIANTS,))
    # A zip along the shaft, laces up the front, or an elastic gusset.
    sketch.seam([(back - 2.4, top), (back - 2.8, ground - 4.6)], 0.7, only=kind == 0)
    for lace in range(5):
        y = top + 1.4 + lace * 1.9
        sketch.seam([(front - 0.4, y), (front + 2.0, y + 0.5)], 0.75, only=kind == 1)
    gusset: list[Point] = [
        (back - shaft * 0.72, top),
        (back - shaft * 0.28, top),
        (back - shaft * 0.42, top + 6.5),
        (back - shaft * 0.58, top + 6.5),
    ]
    sketch.patch(gusset, 200, only=kind == 2)
    sketch.patch(
        [(front - 1, top - 1), (back + 1, top - 1), (back + 1, top + 1), (front - 1, top + 1.2)],
        only=sketch.some(40),
    )


GARMENTS = (
    _t_shirt,
    _trouser,
    _pullover,
    _dress,
    _coat,
    _sandal,
    _shirt,
    _sneaker,
    _bag,
    _ankle_boot,
)


def draw_garment(label: int, rng: RngBits) -> np.ndarray:
    """Draws the variants of one garment.

    Args:
      label: 0 to 9, in the order of `dataset.CLOTHES`.
      rng: random numbers for the differences between variants.

    Returns:
      (VARIANTS, GRID, GRID), uint16: cloth + 256·trim, each 0 to 255.
    """
    sketch = Sketch(rng)
    GARMENTS[label](sketch)
    return sketch.packed()
