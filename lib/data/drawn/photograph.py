"""A grey picture like a photograph: a house behind a flight of steps, for trying filters.

It has features that show the effect of a filter: long vertical and horizontal edges (walls,
windows, fence, steps), slanted edges (roof, banisters), fine texture (bricks, leaves, grass),
smooth shading (sky) and the grain of a camera.
"""

from __future__ import annotations

import numpy as np

from lib.data.rng import RngBits

EDGE = 512
_FINE = 2 * EDGE
"""It is drawn twice as large and halved at the end, which smooths slanted edges."""
_STREAM = 100


def grey_picture(seed: int = 0) -> np.ndarray:
    """Draws the picture.

    Args:
      seed: a non-negative integer of any size; other seeds slightly move the house, windows and
        light, and draw other bricks, clouds and leaves.

    Returns:
      (512, 512), uint8, 0 is black.
    """
    scene = _Scene(RngBits(seed, _STREAM))
    scene.sky()
    scene.hills()
    scene.house()
    scene.garden()
    scene.tree()
    scene.fence()
    scene.steps()
    scene.lamp()
    return scene.developed()


class _Scene:
    """The unfinished picture: int32, brightness 0 to 255."""

    def __init__(self, rng: RngBits):
        self.rng = rng
        self.pixels = np.zeros((_FINE, _FINE), np.int32)
        self.y, self.x = np.indices((_FINE, _FINE), dtype=np.int32)
        self.middle = _FINE // 2 + self._about(30)
        self.ground = 790 + self._about(16)

    def sky(self) -> None:
        clouds = (3 * self._noise(256) + 2 * self._noise(128) + self._noise(64)) // 6
        self.pixels[:] = 168 + self.y // 16 + np.maximum(clouds - 118, 0) // 2

    def hills(self) -> None:
        for base, tone, cell in ((600, 150, 256), (690, 118, 128)):
            top = base - self._noise(cell)[:1] * 3 // 4
            self._paint(self.y > top, tone + (self._noise(16) - 128) // 12)

    def house(self) -> None:
        left, right = self.middle - 300 + self._about(24), self.middle + 290 + self._about(24)
        eaves, ridge = 330 + self._about(20), 150 + self._about(24)
        # Chimney, then the roof in front of it, with rows of tiles.
        stack = self._box(left + 120, ridge - 30, left + 180, eaves)
        self._paint(stack, 128 - (self.x - left - 120) // 2 + self._courses(14, 30, 20))
        rise = (self.y - ridge) * 150 // (eaves - ridge)
        slope = (self.y >= ridge) & (self.y < eaves + 14)
        roof = slope & (self.x > left + 110 - rise) & (self.x < right - 110 + rise)
        tiles = self._courses(16, 22, 26) + (self._noise(8) - 128) // 10
        self._paint(roof, 84 + (self.x - left) // 24 + tiles)
        # The wall: bricks, darker away from the sun and under the eaves.
        wall = self._box(left, eaves + 14, right, self.ground)
        bricks = self._courses(16, 44, -26) + (self._noise(4) - 128) // 9
        light = 152 - (self.x - left) // 14
        shadow = np.clip(60 - (self.y - eaves), 0, 60)
        self._paint(wall, light + bricks - shadow)
        gap = (right - left) // 4
        for row in (0, 1):
            for column in range(4):
                center = left + gap // 2 + column * gap
                top = eaves + 42 + row * 225
                if row == 1 and column in (1, 2):
                    continue
                self._window(center, top)
        self._door((left + right) // 2, self.ground)

    def _window(self, center: int, top: int) -> None:
        wide, high = 46, 118
        self._paint(self._box(center - wide, top, center + wide, top + high), 226)
        inside = self._box(center - wide + 9, top + 9, center + wide - 9, top + high - 9)
        mirrored = np.where((self.x + self.y) % 160 < 60, 34, 0)
        self._paint(inside, 44 + (self.y - top) // 4 + mirrored)
        bars = (abs(self.x - center) < 4) | (abs(self.y - top - high // 2) < 4)
        self._paint(inside & bars, 214)
        sill = self._box(center - wide - 10, top + high, center + wide + 10, top + high + 12)
        self._paint(sill, 236)
        below = self._box(center - wide - 6, top + high + 12, center + wide + 12, top + high + 30)
        self.pixels[below] -= 46

    def _door(self, center: int, bottom: int) -> None:
        self._paint(self._box(center - 92, bottom - 236, center + 92, bottom), 216)
        self._paint(self._box(center - 74, bottom - 218, center + 74, bottom), 58)
        for side in (-1, 1):
            for low, high in ((202, 122), (104, 20)):
                inner, outer = sorted((center + side * 12, center + side * 60))
                panel = self._box(inner, bottom - low, outer, bottom - high)
                self._paint(panel, 82 + (self.y - bottom + low) // 6)
        self._paint((self.x - center - 4) ** 2 + (self.y - bottom + 112) ** 2 < 60, 240)
        self._paint(self._box(center - 120, bottom - 258, center + 120, bottom - 232), 232)
        self.pixels[self._box(center - 92, bottom - 232, center + 92, bottom - 214)] -= 50

    def garden(self) -> None:
        blades = self._noise(4) // 4 + self._noise(32) // 5
        self._paint(self.y >= self.ground, 62 + blades + (self.y - self.ground) // 10)

    def tree(self) -> None:
        center, top = self.middle + 408 + self._about(20), 360 + self._about(30)
        trunk = abs(self.x - center) < 15 + np.maximum(self.y - 700, 0) // 8
        bark = self._noise(8).T // 5 - (self.x - center) // 2
        self._paint(trunk & (self.y > top) & (self.y < self.ground + 40), 60 + bark)
        away = (self.x - center) ** 2 + (self.y - top) ** 2
        leaves = 120 * self._noise(32) + 90 * self._noise(8) + 46 * self._noise(4)
        crown = away + leaves < 165 * 165 + 128 * 128
        lit = (self.x - center + self.y - top) // 6
        self._paint(crown, 84 - lit + (self._noise(8) - 128) // 4 + (self._noise(4) - 128) // 5)

    def fence(self) -> None:
        top = self.ground - 64
        for rail in (top + 22, top + 72):
            self._paint(self._box(0, rail, _FINE, rail + 10) & self._beside_steps(40), 206)
        post = self.x % 34
        point = abs(post - 9)
        picket = (post < 18) & (self.y > top + point) & (self.y < self.ground + 36)
        self._paint(picket & self._beside_steps(40), 238 - post * 3)

    def steps(self) -> None:
        high = 26
        rows = (_FINE - self.ground) // high + 1
        stone = (self._noise(4) - 128) // 10
        for step in range(rows):
            top = self.ground + step * high
            half = 130 + step * 20
            tread = self._box(self.middle - half, top, self.middle + half, top + 11)
            riser = self._box(self.middle - half, top + 11, self.middle + half, top + high)
            self._paint(tread, 214 + stone)
            self._paint(riser, 118 - (self.y - top) + stone)
        # Banisters run along both sides, on thin bars.
        for side in (-1, 1):
            edge = self.middle + side * (142 + (self.y - self.ground) * 20 // high)
            below = self.y > self.ground - 110
            bar = self.middle + side * (150 + 44 * ((abs(self.x - self.middle) - 150) // 44))
            upright = (abs(self.x - bar) < 4) & (side * (self.x - self.middle) > 136)
            rail_y = self.ground - 110 + (side * (self.x - self.middle) - 142) * high // 20
            self._paint(upright & (self.y > rail_y) & (self.y < rail_y + 110), 40)
            rail = (abs(self.y - rail_y) < 9) & (side * (self.x - self.middle) > 136)
            self._paint(rail & below & (abs(self.x - edge) < 200), 30)

    def lamp(self) -> None:
        center, top = self.middle - 420 + self._about(20), 420
        self._paint(self._box(center - 7, top, center + 7, self.ground + 90), 42 + self.x % 8)
        self._paint(self._box(center - 14, self.ground + 40, center + 14, self.ground + 96), 34)
        lantern = self._box(center - 30, top - 84, center + 30, top)
        self._paint(lantern & (abs(self.x - center) < 16 + (top - self.y) // 6), 40)
        glass = self._box(center - 22, top - 76, center + 22, top - 8)
        self._paint(glass & (abs(self.x - center) < 10 + (top - self.y) // 6), 244)
        hat = self._box(center - 36, top - 104, center + 36, top - 84)
        self._paint(hat & (abs(self.x - center) < self.y - top + 116), 36)

    def developed(self) -> np.ndarray:
        """The finished picture: halved, darker in the corners, with grain."""
        fine = np.clip(self.pixels, 0, 255)
        small = (fine[::2, ::2] + fine[1::2, ::2] + fine[::2, 1::2] + fine[1::2, 1::2]) // 4
        offset = np.arange(EDGE) - EDGE // 2
        corner = (offset[:, None] ** 2 + offset**2) // 4096
        grain = self.rng.around(0, 12, (EDGE, EDGE))
        return np.clip(small - corner + grain, 0, 255).astype(np.uint8)

    def _paint(self, where: np.ndarray, tone: np.ndarray | int) -> None:
        np.copyto(self.pixels, tone, where=where)

    def _box(self, left: int, top: int, right: int, bottom: int) -> np.ndarray:
        inside_x = (self.x[0] >= left) & (self.x[0] < right)
        inside_y = (self.y[:, 0] >= top) & (self.y[:, 0] < bottom)
        return inside_y[:, None] & inside_x

    def _beside_steps(self, margin: int) -> np.ndarray:
        return abs(self.x - self.middle) > 130 + margin

    def _courses(self, high: int, wide: int, depth: int) -> np.ndarray:
        """Bricks or tiles: the joints are darker by `depth` than the rest (lighter if negative)."""
        row = self.y // high
        joint = (self.y % high < 3) | ((self.x + row % 2 * (wide // 2)) % wide < 3)
        return np.where(joint, -depth, 0)

    def _noise(self, cell: int) -> np.ndarray:
        """Smooth random values of 0 to 255, with hills and valleys about `cell` wide."""
        count = _FINE // cell
        knots = self.rng.between(0, 255, (count + 1, count + 1))
        step = np.arange(_FINE, dtype=np.int32) % cell
        step = step * step * (3 * cell - 2 * step) // (cell * cell)  # smooth at the knots
        knot = np.arange(_FINE) // cell
        weight = step[:, None]
        rows = (knots[knot] * (cell - weight) + knots[knot + 1] * weight) // cell
        return (rows[:, knot] * (cell - step) + rows[:, knot + 1] * step) // cell

    def _about(self, spread: int) -> int:
        return int(self.rng.around(0, spread, ())[()])
