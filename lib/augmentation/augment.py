"""Augmentation: rotates, shifts, shears, zooms and flips training pictures at random in every step.

It has two halves. The random half draws the parameters of each picture from a key
(`Augment.draw`); the other half applies them (`Augment.apply`, `affine_transform`). Everything that
moves pixels is combined into one 3×3 matrix per picture, so a picture is interpolated only once.
"""

import dataclasses
import functools
import math
import numbers
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lib.augmentation.affine import (
    FILL_MODES,
    about_centre,
    affine_transform,
    product,
    rotation_matrix,
    shear_matrix,
    shift_matrix,
    zoom_matrix,
)
from lib.inputs import as_input


def _are_factors(pair: Any) -> bool:
    """Whether a value is a pair of factors, the smaller first."""
    try:
        least, largest = pair
        return 0 <= least <= largest < math.inf and largest > 0
    except (TypeError, ValueError):
        return False


class Drawn(NamedTuple):
    """The parameters drawn for each of n pictures; every array has shape (n,).

    Attributes:
      rotation: degrees, counterclockwise.
      row_shift: how far up, as a fraction of the height.
      column_shift: how far to the left, as a fraction of the width.
      shear: degrees.
      row_zoom: the share of the height that is shown: 0.8 enlarges.
      column_zoom: the share of the width that is shown.
      horizontal_flip: whether to swap left and right.
      vertical_flip: whether to swap top and bottom.
      brightness: factor.
      channel_shift: the amount added to every channel, on a scale of 0…1.
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
    """Changes each picture of a batch at random, differently for every key.

    Pass it to `lib.create_state(…, augment=lib.Augment(…))`: training steps then change their
    pictures; evaluation and prediction never do. Meanings, units and order (moves, channel shift,
    brightness) are those of Keras's `ImageDataGenerator`, except as noted below. This class does
    not copy some oddities of Keras: on pictures that are not square, Keras rotates about a point
    beside the centre; its height shift moves columns and its width shift rows; it clips a channel
    shift to the range of the picture's own values, and stretches each picture to the full range of
    grey values before it changes the brightness.

    Attributes:
      rotation: largest angle in degrees, in both directions (`rotation_range`).
      width_shift: largest shift to the left or right, as a fraction of the width
        (`width_shift_range` below 1; whole pixels are not supported).
      height_shift: largest shift up or down, as a fraction of the height (`height_shift_range`).
      shear: largest shear angle, in degrees as in Keras (`shear_range`): 0.2 hardly shears.
      zoom: the visible share of the height and of the width is in 1 − zoom … 1 + zoom, or
        between two numbers, (least, largest), drawn for each axis separately: below 1 enlarges
        (`zoom_range`).
      horizontal_flip: swap left and right in half of the pictures.
      vertical_flip: swap top and bottom in half of the pictures.
      brightness: (least, largest) factor for all channels, clipped to 0…1; None for no change
        (`brightness_range`).
      channel_shift: the largest amount added to or subtracted from all channels of a picture,
        clipped to 0…1; a fraction of the full range, where Keras counts grey levels: 0.1 is 25.5 in
        Keras (`channel_shift_range`).
      fill_mode: how to fill new pixels from outside the picture, see `affine_transform`.
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
        """Refuses impossible values."""
        if self.fill_mode not in FILL_MODES:
            raise ValueError(
                f"fill_mode must be one of {', '.join(FILL_MODES)}; got {self.fill_mode!r}."
            )
        for name in ("rotation", "width_shift", "height_shift", "shear", "channel_shift"):
            value = getattr(self, name)
            if not (isinstance(value, numbers.Real) and 0 <= float(value) < math.inf):
                raise ValueError(
                    f"{name} must be one number, 0 or more, the largest change in both "
                    f"directions; got {value}."
                )
        if not (isinstance(self.cval, numbers.Real) and 0 <= float(self.cval) <= 1):
            raise ValueError(f"cval must be a colour, 0 to 1; got {self.cval}.")
        for name in ("width_shift", "height_shift"):
            if getattr(self, name) > 1:
                raise ValueError(
                    f"{name} must be a fraction of the picture, 0 to 1; got "
                    f"{getattr(self, name)}. 0.2 shifts it by at most a fifth."
                )
        if self.channel_shift > 1:
            raise ValueError(
                f"channel_shift must be a fraction of the full range, 0 to 1; got "
                f"{self.channel_shift}. Keras counts grey levels: divide by 255."
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
                    f"{name} is {getattr(self, name)}, but it must be two factors, the smaller "
                    "first, such as (0.8, 1.2)"
                    + (", or their distance from 1." if name == "zoom" else ".")
                )
            # A tuple is hashable: training is compiled once for each kind of augmentation.
            object.__setattr__(self, name, tuple(pair))
        if zoom[0] == 0:
            raise ValueError(f"zoom is {self.zoom}, which could leave nothing of the picture.")

    def draw(self, key: jax.Array, count: int) -> Drawn:
        """Draws the parameters of each picture.

        Args:
          key: a random key.
          count: the number of pictures, n.

        Returns:
          A `Drawn`; its flips are bool, the rest float32. A change that is switched off has a value
          that changes nothing.
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

        # All in one draw: separate draws take XLA longer to compile.
        numbers = jax.random.uniform(key, (len(ranges) * count,)).reshape(len(ranges), count)
        least, largest = jnp.array(list(ranges.values()), jnp.float32).T[..., None]
        numbers = least + (largest - least) * numbers
        drawn = Drawn(**dict(zip(ranges, numbers, strict=True)))
        return drawn._replace(
            horizontal_flip=(drawn.horizontal_flip < 0.5) & self.horizontal_flip,
            vertical_flip=(drawn.vertical_flip < 0.5) & self.vertical_flip,
        )

    def matrices(self, drawn: Drawn, height: int, width: int) -> jax.Array:
        """Combines rotation, shift, shear, zoom and flips, in the order of Keras.

        Args:
          drawn: the parameters of each picture.
          height: height of the pictures in pixels.
          width: width of the pictures in pixels.

        Returns:
          (n, 3, 3), float32, for `affine_transform`.
        """
        moved = product(
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
        """Applies the drawn parameters to each picture; nothing here is random.

        Args:
          drawn: the parameters of n pictures.
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
          ValueError: if images does not have four axes.
        """
        if jnp.ndim(images) != 4:
            raise ValueError(
                f"Augment got images of shape {jnp.shape(images)}, but it takes a batch, "
                "(n, height, width, channels): images[None] makes a batch of one picture."
            )
        return _augment(self, key, images)


def _each(values: jax.Array) -> jax.Array:
    """(n,) as (n, 1, 1, 1): one number for each picture."""
    return values[:, None, None, None]


@functools.partial(jax.jit, static_argnums=0)
def _augment(augment: Augment, key: jax.Array, images: jax.Array) -> jax.Array:
    images = as_input(images)
    # The barrier makes XLA draw a picture's numbers once, not again for each of its pixels.
    drawn = jax.lax.optimization_barrier(augment.draw(key, len(images)))
    return augment.apply(drawn, images)
