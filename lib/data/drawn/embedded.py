"""The stand-ins for MNIST and Fashion-MNIST: tens of thousands of small grey pictures.

Every class has a few dozen drawings (`digits`, `clothes`) that are made once. An image moves,
rotates, stretches and bends one of them, and gives it its own ink or cloth and noise. Images are
made in blocks. A block depends only on the seed and its number, so the images do not depend on how
many you ask for.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lib.data.dataset import SETS, Split
from lib.data.drawn.clothes import draw_garment
from lib.data.drawn.digits import draw_digit
from lib.data.drawn.drawing import FINE, GRID, soften
from lib.data.progress import progress
from lib.data.rng import RngBits

VERSION = "1"
"""Changes whenever a drawing changes: accuracy targets belong to one version."""

SIZE = 28
BLOCK = 100
"""Images made at once: few enough to stay in the cache, with every class equally often."""
_CLASSES = 10

_CANVAS = 128
"""Edge of the stored drawings, GRID cells plus a dark margin; a power of two, so that a position
outside wraps around to the margin on the other side."""
_FRACTION = 9
"""Bits after the point in a position on the canvas; 7 + 9 bits fill a uint16."""
_PIXEL = FINE << _FRACTION

NUMBERS = {"mnist": 0, "fashion_mnist": 1}
"""What names a set in its random streams."""
_DRAWINGS_SEED = 0


@lru_cache(maxsize=2)
def _drawings(name: str) -> np.ndarray:
    """All drawings of a set, (10 * variants, _CANVAS * _CANVAS), class by class."""
    draw_class = draw_digit if name == "mnist" else draw_garment
    outside = 255 if name == "mnist" else 0
    number = NUMBERS[name]
    margin = (_CANVAS - GRID) // 2

    def draw_one(label: int) -> np.ndarray:
        pictures = draw_class(label, RngBits(_DRAWINGS_SEED, number, label))
        edges = ((0, 0), (margin, margin), (margin, margin))
        return np.pad(pictures, edges, constant_values=outside)

    drawn = [draw_one(label) for label in range(_CLASSES)]
    return np.concatenate(drawn).reshape(_CLASSES * len(drawn[0]), -1)


def _positions(
    rng: RngBits, *, shift: int, turn: int, scale: tuple[int, int], bend: int
) -> np.ndarray:
    """The position on the canvas of each pixel of each image of a block.

    Args:
      rng: the block's stream.
      shift: the largest shift of the drawing in each direction, in hundredths of a pixel.
      turn: the largest rotation and slant, in thousandths.
      scale: smallest and largest size, in thousandths.
      bend: the largest bend, in thousandths; 100 moves a border by about a pixel.

    Returns:
      (BLOCK, SIZE, SIZE), uint16, an index into the canvas.
    """
    offset = 2 * np.arange(SIZE, dtype=np.int32) - (SIZE - 1)  # from the middle, in half pixels
    bow = offset * offset - 261  # 261 is the mean of the squares
    one = (BLOCK, 1)

    def along(slope: np.ndarray) -> np.ndarray:
        """The contribution of each row or column to a position: a straight and a bent part."""
        bent = rng.around(0, bend, one) * bow * (_PIXEL // 54)
        return (slope * offset * (_PIXEL // 2) + bent) // 1000

    def middle() -> np.ndarray:
        """The position of the centre of the image."""
        moved = rng.between(-shift, shift, one) * _PIXEL // 100
        return moved + (_CANVAS << (_FRACTION - 1))

    size, stretch = rng.between(*scale, one), rng.around(0, 100, one)
    turned, lean = rng.around(0, turn, one), rng.around(0, turn, one)
    # One term for the rows and one for the columns: each pixel costs only their sum.
    x = along(1000_000 // (size + stretch))[:, None, :]
    x = x + (along(turned + lean) + middle())[:, :, None]
    y = along(1000_000 // (size - stretch))[:, :, None]
    y = y + (along(-turned) + middle())[:, None, :]
    column = (x & 0xFFFF).astype(np.uint16) >> _FRACTION
    row = (y & 0xFFFF).astype(np.uint16) >> _FRACTION
    return row * np.uint16(_CANVAS) + column


def _take(drawings: np.ndarray, which: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Looks up the pixels of a block: drawing `which` of each image, at its positions."""
    start = which.astype(np.int64)[:, None, None] * (_CANVAS * _CANVAS)
    return drawings.ravel().take(start + where, mode="clip")  # clip: no check, none is outside


def _noise(rng: RngBits, least: int, most: int) -> np.ndarray:
    """Noise for every pixel, (BLOCK, SIZE, SIZE), int16, with a different strength per image."""
    noise = rng.bytes((BLOCK, SIZE, SIZE)).astype(np.int16)
    noise -= 128
    noise *= rng.between(least, most, (BLOCK, 1, 1)).astype(np.int16)
    noise >>= 7
    return noise


def _digits_block(rng: RngBits, drawings: np.ndarray, which: np.ndarray) -> np.ndarray:
    one = (BLOCK, 1, 1)
    where = _positions(rng, shift=300, turn=280, scale=(780, 1120), bend=120)
    ink = rng.between(18, 32, one).astype(np.int16) - _take(drawings, which, where)
    ink *= rng.between(14, 22, one).astype(np.int16)
    np.clip(ink, 0, 255, out=ink)
    ink *= rng.between(70, 127, one).astype(np.int16)
    ink >>= 7
    ink += _noise(rng, 8, 56)
    return np.clip(ink, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _weaves() -> np.ndarray:
    """Patterns of cloth, 0 to 127, (patterns, _CANVAS * _CANVAS), uint8."""
    row, column = np.indices((_CANVAS, _CANVAS))
    patterns = []
    for period in (8, 10, 13, 18):
        stripe = (row % period < period // 2, column % period < period // 2)
        patterns += [stripe[0] * 254, stripe[1] * 254, (stripe[0] * 127 + stripe[1] * 127)]
        patterns += [(stripe[0] & stripe[1]) * 254]
    rng = RngBits(_DRAWINGS_SEED, len(NUMBERS))
    for coarse in (4, 8, 16):
        cells = rng.between(0, 254, (_CANVAS // coarse, _CANVAS // coarse))
        patterns.append(cells.repeat(coarse, axis=0).repeat(coarse, axis=1))
    stacked = np.stack(patterns) // 2
    return soften(stacked).astype(np.uint8).reshape(len(stacked), -1)


def _clothes_block(rng: RngBits, drawings: np.ndarray, which: np.ndarray) -> np.ndarray:
    one = (BLOCK, 1, 1)
    where = _positions(rng, shift=400, turn=120, scale=(740, 1020), bend=60)
    packed = _take(drawings, which, where)
    cloth = (packed & 255).astype(np.int16)
    trim = (packed >> 8).astype(np.int16)
    shade = rng.between(52, 127, one)
    contrast = rng.between(45, 105, one)
    # Trim is darker on most bright cloth and lighter on most dark cloth.
    darker = (rng.between(52, 127, one) < shade) * 2 - 1
    trim *= (-contrast * darker).astype(np.int16)
    trim >>= 7
    # About half of the garments have a pattern.
    weaves = _weaves()
    weave = _take(weaves, rng.between(0, len(weaves) - 1, (BLOCK,)), where).astype(np.int16)
    weave *= -np.maximum(rng.between(-60, 70, one), 0).astype(np.int16)
    weave >>= 7
    weave += 127
    weave *= shade.astype(np.int16)
    weave >>= 7
    cloth *= weave
    cloth >>= 7
    cloth += trim
    cloth += _noise(rng, 4, 30)
    return np.clip(cloth, 0, 255).astype(np.uint8)


def draw_stream(name: str, size: int, seed: int, stream: int) -> Split:
    """Draws the first `size` images of one stream of a seed.

    Args:
      name: "mnist" or "fashion_mnist".
      size: number of images, at least 0.
      seed: a non-negative integer of any size.
      stream: 0 for training, 1 for test, 2 for fresh pictures.

    Returns:
      The images and their labels; every class equally often in each BLOCK, in random order.
    """
    number = NUMBERS[name]
    drawings = _drawings(name)
    variants = len(drawings) // _CLASSES
    draw_block = _digits_block if name == "mnist" else _clothes_block
    images = np.empty((size, SIZE, SIZE, 1), np.uint8)
    labels = np.empty(size, np.int32)

    with progress(size, f"Drawing {SETS[name].title}") as show:
        for block in range(-(-size // BLOCK)):
            rng = RngBits(seed, number, stream, block)
            here = slice(block * BLOCK, min((block + 1) * BLOCK, size))
            wanted = here.stop - here.start
            block_labels = (rng.order(BLOCK) % _CLASSES).astype(np.int32)
            labels[here] = block_labels[:wanted]
            which = block_labels * variants + rng.between(0, variants - 1, (BLOCK,))
            images[here, :, :, 0] = draw_block(rng, drawings, which)[:wanted]
            show(here.stop)
    return Split(images, labels)
