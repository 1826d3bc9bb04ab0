"""Augmentation: training pictures turned, moved, sheared, zoomed and flipped, anew in every step.

It has two halves. What is random, the parameters of each picture, is drawn from a key
(`Augment.draw`); what is done with them is not (`Augment.apply`, `affine_transform`). All that
moves pixels goes into one 3×3 matrix per picture, so that a picture is interpolated once.

A matrix maps a place in the *new* picture, (row, column, 1), to the place in the old one where its
colour comes from: row 0, column 0 is the middle of the top left pixel. What stands furthest to the
right in a product is therefore done last.
"""

import dataclasses
import functools
import math
import numbers
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lib.inputs import as_input

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def _matrix(*rows: tuple) -> jax.Array:
    """Stacks two rows of numbers or (n,) arrays, and (0, 0, 1), to matrices (…, 3, 3)."""
    entries = [jnp.asarray(entry, jnp.float32) for row in (*rows, (0, 0, 1)) for entry in row]
    entries = jnp.broadcast_arrays(*entries)
    return jnp.stack(entries, -1).reshape(*entries[0].shape, 3, 3)


def rotation_matrix(degrees: jax.Array | float) -> jax.Array:
    """Turns a picture about the point (0, 0), counterclockwise for the eye.

    Args:
      degrees: the angle, a number or (n,); Keras's `theta`.

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    angle = jnp.deg2rad(jnp.asarray(degrees, jnp.float32))
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    return _matrix((cosine, sine, 0), (-sine, cosine, 0))


def shift_matrix(rows: jax.Array | float, columns: jax.Array | float) -> jax.Array:
    """Moves a picture up and to the left.

    Args:
      rows: how far up in pixels, a number or (n,).
      columns: how far to the left in pixels, a number or (n,).

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    return _matrix((1, 0, rows), (0, 1, columns))


def shear_matrix(degrees: jax.Array | float) -> jax.Array:
    """Slants a picture: the lower a row, the further it is pushed.

    Args:
      degrees: the angle, a number or (n,); Keras's `shear`, of the same unit and sense.

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    angle = jnp.deg2rad(jnp.asarray(degrees, jnp.float32))
    return _matrix((jnp.cos(angle), 0, 0), (-jnp.sin(angle), 1, 0))


def zoom_matrix(rows: jax.Array | float, columns: jax.Array | float) -> jax.Array:
    """Stretches a picture about the point (0, 0), each axis by itself.

    Args:
      rows: how much of the old height the new picture shows, a number or (n,): 0.8 enlarges, 1.2
        makes smaller; Keras's `zy`.
      columns: the same for the width; Keras's `zx`.

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    return _matrix((rows, 0, 0), (0, columns, 0))


def about_centre(matrix: jax.Array, height: int, width: int) -> jax.Array:
    """Makes a matrix act about the middle of the picture in place of its top left pixel.

    Args:
      matrix: (…, 3, 3).
      height: of the picture in pixels.
      width: of the picture in pixels.

    Returns:
      (…, 3, 3), float32: to the middle, `matrix`, and back.
    """
    row, column = (height - 1) / 2, (width - 1) / 2
    return _product(shift_matrix(row, column), matrix, shift_matrix(-row, -column))


def _product(*matrices: jax.Array) -> jax.Array:
    # A GPU's quick product has 10 bits of mantissa: a pixel off at the edge.
    product = functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST)
    return functools.reduce(product, matrices)


def affine_transform(
    images: jax.Array, matrices: jax.Array, fill_mode: str = "nearest", cval: float = 0.0
) -> jax.Array:
    """Looks up, for each pixel of the new pictures, the colour at its place in the old ones.

    Between pixels it is interpolated, bilinearly. What lies outside is filled as SciPy's
    `affine_transform` does with the modes nearest, reflect, grid-constant and grid-wrap. (Keras
    uses SciPy's older modes constant and wrap: constant does not blend the outermost pixel with
    `cval`, and wrap repeats the picture after height − 1 and width − 1 pixels.)

    Args:
      images: (n, height, width, channels), float32.
      matrices: (n, 3, 3), or (3, 3) for all, from a place (row, column, 1) in the new picture to
        the place in the old one. Coordinates are rounded to about a millionth of the largest.
      fill_mode: "nearest" repeats the outermost pixels (aaa|abcd|ddd), "constant" puts `cval`
        there, "reflect" mirrors (cba|abcd|dcb), "wrap" begins again (bcd|abcd|abc).
      cval: the colour of "constant", in the images' unit.

    Returns:
      (n, height, width, channels), float32.

    Raises:
      ValueError: if there is no such mode, or images have not four axes.
    """
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode is {fill_mode!r}; it is one of {', '.join(FILL_MODES)}.")
    if jnp.ndim(images) != 4:
        raise ValueError(
            f"affine_transform was given images of shape {jnp.shape(images)}; it takes a batch, "
            "(n, height, width, channels): images[None] makes a batch of one picture."
        )
    matrices = jnp.broadcast_to(jnp.asarray(matrices, jnp.float32), (len(images), 3, 3))
    return _transform(jnp.asarray(images, jnp.float32), matrices, cval, fill_mode=fill_mode)


@functools.partial(jax.jit, static_argnames="fill_mode")
def _transform(images, matrices, cval, *, fill_mode: str) -> jax.Array:
    one = functools.partial(_transform_one, fill_mode=fill_mode)
    return jax.vmap(one, in_axes=(0, 0, None))(images, matrices, cval)


def _transform_one(image, matrix, cval, *, fill_mode: str) -> jax.Array:
    height, width, channels = image.shape
    (row, below), (column, right) = _places(matrix, height, width)
    rows, columns = _inside(row, height, fill_mode), _inside(column, width, fill_mode)
    pixels = image.reshape(-1, channels)

    def colour(i, j):
        # Without a sign XLA need not look for places below 0, which count from the end.
        places = (rows[i] * width + columns[j]).astype(jnp.uint32)
        return pixels.at[places].get(mode="promise_in_bounds")

    def between(one, other, fraction):
        return one + (other - one) * fraction[..., None]

    above = between(colour(0, 0), colour(0, 1), right)
    found = between(above, between(colour(1, 0), colour(1, 1), right), below)
    if fill_mode != "constant":
        return found
    # Where one of two neighbours lies outside, both lookups have found the other.
    inside = _weight_inside(row, below, height) * _weight_inside(column, right, width)
    return found * inside[..., None] + cval * (1 - inside[..., None])


def _weight_inside(index, fraction, size: int) -> jax.Array:
    """How much of the weight of the pixels at `index` and the next is of those that are there."""
    first, second = (index >= 0) & (index < size), (index >= -1) & (index < size - 1)
    return jnp.where(first, 1 - fraction, 0) + jnp.where(second, fraction, 0)


def _places(matrix, height: int, width: int):
    """Where each pixel comes from: for rows and for columns, the whole part and the fraction.

    In whole numbers, with as many binary places as the farthest coordinate leaves room for. XLA
    computes such things more than once, in several loops; floats that it rounds differently in two
    of them would take the pixel from one place and the fraction from another.
    """
    reach = (
        jnp.abs(matrix[:2, 0]) * height + jnp.abs(matrix[:2, 1]) * width + jnp.abs(matrix[:2, 2])
    )
    places = jnp.clip(29 - jnp.ceil(jnp.log2(reach.max() + 1)), 0, 22).astype(jnp.int32)
    unit = jnp.left_shift(1, places)
    scale = unit.astype(jnp.float32)
    steps = jnp.round(matrix[:2] * scale).astype(jnp.int32)
    rows, columns = jnp.arange(height)[:, None], jnp.arange(width)[None, :]

    def split(row, column, offset):
        coordinate = row * rows + column * columns + offset
        return coordinate >> places, (coordinate & (unit - 1)).astype(jnp.float32) / scale

    return split(*steps[0]), split(*steps[1])


def _inside(index, size: int, fill_mode: str) -> tuple[jax.Array, jax.Array]:
    """The pixels that stand for one at `index`, which may lie outside, and for the next."""
    if fill_mode in ("wrap", "reflect"):
        period = size if fill_mode == "wrap" else 2 * size
        first = _modulo(index, period)
        second = jnp.where(first == period - 1, 0, first + 1)
        if fill_mode == "wrap":
            return first, second
        return jnp.minimum(first, period - 1 - first), jnp.minimum(second, period - 1 - second)
    return jnp.clip(index, 0, size - 1), jnp.clip(index + 1, 0, size - 1)


def _modulo(index, size: int) -> jax.Array:
    # Whole numbers are slow to divide on a CPU, and floats to convert with a care for those too
    # large. Half a pixel keeps the quotient off its steps, up to 4 million pixels outside; what is
    # then added rounds it and moves it to the last bits.
    shifter = 1.5 * 2**23
    quotient = (index.astype(jnp.float32) + (0.5 - size / 2)) * (1 / size) + shifter
    quotient = jax.lax.bitcast_convert_type(quotient, jnp.int32)
    return index - (quotient - np.float32(shifter).view(np.int32)) * size


def _are_factors(pair: Any) -> bool:
    """Whether something is two factors, the smaller first."""
    try:
        least, largest = pair
        return 0 <= least <= largest < math.inf and largest > 0
    except (TypeError, ValueError):
        return False


class Drawn(NamedTuple):
    """What is done with each of n pictures; every array has shape (n,).

    Attributes:
      rotation: degrees, counterclockwise.
      row_shift: how far up, as a fraction of the height.
      column_shift: how far to the left, as a fraction of the width.
      shear: degrees.
      row_zoom: how much of the height is shown: 0.8 enlarges.
      column_zoom: how much of the width is shown.
      horizontal_flip: whether left and right are swapped.
      vertical_flip: whether top and bottom are swapped.
      brightness: factor.
      channel_shift: what is added to every colour, in a scale of 0…1.
    """

    rotation: jax.Array
    row_shift: jax.Array
    column_shift: jax.Array
    shear: jax.Array
    row_zoom: jax.Array
    column_zoom: jax.Array
    horizontal_flip: jax.Array
    vertical_flip: jax.Array
    brightness: jax.Array
    channel_shift: jax.Array


@dataclasses.dataclass(frozen=True)
class Augment:
    """Changes each picture of a batch at random, another way for every key.

    Give it to `lib.create_state(…, augment=lib.Augment(…))`: training steps then change their
    pictures, evaluation and prediction never do. Meanings and units are those of Keras's
    `ImageDataGenerator`, in its order (moves, channel shift, brightness), except where said. Some
    of Keras's habits are left out: on pictures that are not square it turns about a point beside
    the middle; its height shift moves columns and its width shift rows; it cuts a channel shift to
    the range of the picture's own colours, and stretches each picture to the full range of grey
    values before it changes the brightness.

    Attributes:
      rotation: largest angle in degrees, either way (`rotation_range`).
      width_shift: largest move to either side, as a fraction of the width (`width_shift_range`
        below 1; whole pixels are not offered).
      height_shift: largest move up or down, as a fraction of the height (`height_shift_range`).
      shear: largest angle of slant, in degrees as in Keras (`shear_range`): 0.2 hardly shears.
      zoom: the part of the height and of the width that is shown lies in 1 − zoom … 1 + zoom, or
        between two numbers, (least, largest), drawn for each axis by itself: below 1 enlarges
        (`zoom_range`).
      horizontal_flip: swap left and right in half of the pictures.
      vertical_flip: swap top and bottom in half of the pictures.
      brightness: (least, largest) factor of all colours, cut to 0…1; None leaves them
        (`brightness_range`).
      channel_shift: the largest amount that is added to or taken from all colours of a picture,
        cut to 0…1; a fraction of the full range, where Keras counts grey levels: 0.1 is its 25.5
        (`channel_shift_range`).
      fill_mode: what is put where nothing was, see `affine_transform`.
      cval: the colour for "constant", 0…1.

    Raises:
      ValueError: if a number is out of range or there is no such fill mode.
    """

    rotation: float = 0.0
    width_shift: float = 0.0
    height_shift: float = 0.0
    shear: float = 0.0
    zoom: float | tuple[float, float] = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: tuple[float, float] | None = None
    channel_shift: float = 0.0
    fill_mode: str = "nearest"
    cval: float = 0.0

    def __post_init__(self) -> None:
        """Refuses what cannot be meant."""
        if self.fill_mode not in FILL_MODES:
            raise ValueError(
                f"fill_mode is {self.fill_mode!r}; it is one of {', '.join(FILL_MODES)}."
            )
        for name in ("rotation", "width_shift", "height_shift", "shear", "channel_shift"):
            value = getattr(self, name)
            if not (isinstance(value, numbers.Real) and 0 <= float(value) < math.inf):
                raise ValueError(
                    f"{name} is {value}; it is the largest change either way, one number, 0 or "
                    "more."
                )
        if not (isinstance(self.cval, numbers.Real) and 0 <= float(self.cval) <= 1):
            raise ValueError(f"cval is {self.cval}; it is a colour, 0 to 1.")
        for name in ("width_shift", "height_shift"):
            if getattr(self, name) > 1:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; it is a fraction of the picture, 0 to 1: "
                    "0.2 moves it by a fifth at most."
                )
        if self.channel_shift > 1:
            raise ValueError(
                f"channel_shift is {self.channel_shift}; it is a fraction of the full range, 0 to "
                "1. Keras counts grey levels: divide by 255."
            )
        zoom: Any = self.zoom
        if isinstance(zoom, numbers.Real):
            zoom = (1 - zoom, 1 + zoom)
        factors = {"zoom": zoom}
        if self.brightness is not None:
            factors["brightness"] = self.brightness
        for name, pair in factors.items():
            if not _are_factors(pair):
                raise ValueError(
                    f"{name} is {getattr(self, name)}; it is two factors, the smaller first, such "
                    "as (0.8, 1.2)" + (", or how far they are from 1." if name == "zoom" else ".")
                )
            # A tuple can be hashed: training is compiled once for each kind of augmentation.
            object.__setattr__(self, name, tuple(pair))
        if zoom[0] == 0:
            raise ValueError(f"zoom is {self.zoom}; nothing of the picture would be left to show.")

    def draw(self, key: jax.Array, count: int) -> Drawn:
        """Draws what is to be done with each picture.

        Args:
          key: a random key.
          count: how many pictures, n.

        Returns:
          A `Drawn`; its flips are bool, the rest float32. What is switched off has the value that
          changes nothing.
        """

        def either_way(largest):
            return -largest, largest

        ranges: dict[str, Any] = {
            "rotation": either_way(self.rotation),
            "row_shift": either_way(self.height_shift),
            "column_shift": either_way(self.width_shift),
            "shear": either_way(self.shear),
            "row_zoom": self.zoom,
            "column_zoom": self.zoom,
            "horizontal_flip": (0, 1),
            "vertical_flip": (0, 1),
            "brightness": self.brightness or (1, 1),
            "channel_shift": either_way(self.channel_shift),
        }

        # All in one row: drawn one after the other they take XLA longer to compile.
        numbers = jax.random.uniform(key, (len(ranges) * count,)).reshape(len(ranges), count)
        least, largest = jnp.array(list(ranges.values()), jnp.float32).T[..., None]
        numbers = least + (largest - least) * numbers
        drawn = Drawn(**dict(zip(ranges, numbers, strict=True)))
        return drawn._replace(
            horizontal_flip=(drawn.horizontal_flip < 0.5) & self.horizontal_flip,
            vertical_flip=(drawn.vertical_flip < 0.5) & self.vertical_flip,
        )

    def matrices(self, drawn: Drawn, height: int, width: int) -> jax.Array:
        """Composes all that moves pixels: rotation, shift, shear, zoom and flips, in Keras's order.

        Args:
          drawn: what is to be done with each picture.
          height: of the pictures in pixels.
          width: of the pictures in pixels.

        Returns:
          (n, 3, 3), float32, for `affine_transform`.
        """
        moved = _product(
            rotation_matrix(drawn.rotation),
            shift_matrix(drawn.row_shift * height, drawn.column_shift * width),
            shear_matrix(drawn.shear),
            zoom_matrix(drawn.row_zoom, drawn.column_zoom),
            zoom_matrix(
                jnp.where(drawn.vertical_flip, -1.0, 1.0),
                jnp.where(drawn.horizontal_flip, -1.0, 1.0),
            ),
        )
        return about_centre(moved, height, width)

    @property
    def _moves(self) -> bool:
        still = Augment(
            brightness=self.brightness,
            channel_shift=self.channel_shift,
            fill_mode=self.fill_mode,
            cval=self.cval,
        )
        return self != still

    def apply(self, drawn: Drawn, images: jax.Array) -> jax.Array:
        """Does with each picture what was drawn for it; nothing here is random.

        Args:
          drawn: n of everything.
          images: (n, height, width, channels), float32 in 0…1.

        Returns:
          The same shape and range, float32.
        """
        if self._moves:
            matrices = self.matrices(drawn, *images.shape[1:3])
            images = affine_transform(images, matrices, self.fill_mode, self.cval)
        if self.channel_shift:
            images = jnp.clip(images + _each(drawn.channel_shift), 0, 1)
        if self.brightness is not None:
            images = jnp.clip(images * _each(drawn.brightness), 0, 1)
        return images

    def __call__(self, key: jax.Array, images: jax.Array) -> jax.Array:
        """Changes a batch of pictures.

        Args:
          key: a random key; the same key and pictures give the same bits.
          images: (n, height, width, channels), float32 in 0…1; uint8 pictures are scaled.

        Returns:
          The same shape, float32 in 0…1.

        Raises:
          ValueError: if images have not four axes.
        """
        if jnp.ndim(images) != 4:
            raise ValueError(
                f"Augment was given images of shape {jnp.shape(images)}; it takes a batch, "
                "(n, height, width, channels): images[None] makes a batch of one picture."
            )
        return _augment(self, key, images)


def _each(values: jax.Array) -> jax.Array:
    """(n,) as (n, 1, 1, 1): one number for each picture."""
    return values[:, None, None, None]


@functools.partial(jax.jit, static_argnums=0)
def _augment(augment: Augment, key: jax.Array, images: jax.Array) -> jax.Array:
    images = as_input(images)
    # Behind the barrier a picture's numbers are drawn once, not anew for each of its pixels.
    drawn = jax.lax.optimization_barrier(augment.draw(key, len(images)))
    return augment.apply(drawn, images)
