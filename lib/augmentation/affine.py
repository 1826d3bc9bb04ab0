"""Moving the pixels of pictures: one 3×3 matrix per picture, and one interpolation.

A matrix maps a position in the *new* picture, (row, column, 1), to the position in the old one that
its colour comes from: row 0, column 0 is the centre of the top left pixel. The rightmost matrix in
a product is therefore the last change to the picture.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def _matrix(*rows: tuple) -> jax.Array:
    """Stacks two rows of numbers or (n,) arrays, and (0, 0, 1), into matrices (…, 3, 3)."""
    entries = [jnp.asarray(entry, jnp.float32) for row in (*rows, (0, 0, 1)) for entry in row]
    entries = jnp.broadcast_arrays(*entries)
    return jnp.stack(entries, -1).reshape(*entries[0].shape, 3, 3)


def rotation_matrix(degrees: jax.Array | float) -> jax.Array:
    """Rotates a picture about the point (0, 0), visibly counterclockwise.

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
    """Shears a picture: lower rows move further.

    Args:
      degrees: the angle, a number or (n,); Keras's `shear`, with the same unit and direction.

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    angle = jnp.deg2rad(jnp.asarray(degrees, jnp.float32))
    return _matrix((jnp.cos(angle), 0, 0), (-jnp.sin(angle), 1, 0))


def zoom_matrix(rows: jax.Array | float, columns: jax.Array | float) -> jax.Array:
    """Stretches a picture about the point (0, 0), each axis separately.

    Args:
      rows: the share of the old height that the new picture shows, a number or (n,): 0.8 enlarges,
        1.2 shrinks; Keras's `zy`.
      columns: the same for the width; Keras's `zx`.

    Returns:
      (3, 3) or (n, 3, 3), float32.
    """
    return _matrix((rows, 0, 0), (0, columns, 0))


def about_centre(matrix: jax.Array, height: int, width: int) -> jax.Array:
    """Makes a matrix act about the centre of the picture instead of its top left pixel.

    Args:
      matrix: (…, 3, 3).
      height: height of the picture in pixels.
      width: width of the picture in pixels.

    Returns:
      (…, 3, 3), float32: a shift to the centre, `matrix`, and the shift back.
    """
    row, column = (height - 1) / 2, (width - 1) / 2
    return product(shift_matrix(row, column), matrix, shift_matrix(-row, -column))


def product(*matrices: jax.Array) -> jax.Array:
    """Multiplies matrices (…, 3, 3); the rightmost is the last change to the picture."""
    # A GPU's fast product has 10 bits of mantissa, an error of a pixel at the edge.
    product = functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST)
    return functools.reduce(product, matrices)


def affine_transform(
    images: jax.Array, matrices: jax.Array, fill_mode: str = "nearest", cval: float = 0.0
) -> jax.Array:
    """Looks up, for each pixel of the new pictures, the colour at its position in the old ones.

    Between pixels, it interpolates bilinearly. Outside the picture, it fills like SciPy's
    `affine_transform` with the modes nearest, reflect, grid-constant and grid-wrap. (Keras
    uses SciPy's older modes constant and wrap: constant does not blend the outermost pixel with
    `cval`, and wrap repeats the picture after height − 1 and width − 1 pixels.)

    Args:
      images: (n, height, width, channels), float32.
      matrices: (n, 3, 3), or (3, 3) for all, from a position (row, column, 1) in the new picture to
        the position in the old one. Coordinates are rounded to about a millionth of the largest.
      fill_mode: "nearest" repeats the outermost pixels (aaa|abcd|ddd), "constant" fills with
        `cval`, "reflect" mirrors (cba|abcd|dcb), "wrap" starts again (bcd|abcd|abc).
      cval: the colour for "constant", in the images' unit.

    Returns:
      (n, height, width, channels), float32.

    Raises:
      ValueError: if there is no such mode, or images does not have four axes.
    """
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode must be one of {', '.join(FILL_MODES)}; got {fill_mode!r}.")
    if jnp.ndim(images) != 4:
        raise ValueError(
            f"affine_transform got images of shape {jnp.shape(images)}, but it takes a batch, "
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
        # With unsigned indices XLA need not check for negative ones, which count from the end.
        places = (rows[i] * width + columns[j]).astype(jnp.uint32)
        return pixels.at[places].get(mode="promise_in_bounds")

    def between(one, other, fraction):
        return one + (other - one) * fraction[..., None]

    above = between(colour(0, 0), colour(0, 1), right)
    found = between(above, between(colour(1, 0), colour(1, 1), right), below)
    if fill_mode != "constant":
        return found
    # If one of two neighbours is outside, both lookups have found the other one.
    inside = _weight_inside(row, below, height) * _weight_inside(column, right, width)
    return found * inside[..., None] + cval * (1 - inside[..., None])


def _weight_inside(index, fraction, size: int) -> jax.Array:
    """The share of the weight at `index` and the next pixel that belongs to pixels inside."""
    first, second = (index >= 0) & (index < size), (index >= -1) & (index < size - 1)
    return jnp.where(first, 1 - fraction, 0) + jnp.where(second, fraction, 0)


def _places(matrix, height: int, width: int):
    """The source position of each pixel: for rows and columns, the whole part and the fraction.

    It is computed in whole numbers, with as many binary places as the largest coordinate allows.
    XLA computes it more than once, in several loops. If it rounded floats differently in two of
    them, the pixel and the fraction would come from different positions.
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
    """The pixels to use for the one at `index`, which may be outside, and for the next one."""
    if fill_mode in ("wrap", "reflect"):
        period = size if fill_mode == "wrap" else 2 * size
        first = _modulo(index, period)
        second = jnp.where(first == period - 1, 0, first + 1)
        if fill_mode == "wrap":
            return first, second
        return jnp.minimum(first, period - 1 - first), jnp.minimum(second, period - 1 - second)
    return jnp.clip(index, 0, size - 1), jnp.clip(index + 1, 0, size - 1)


def _modulo(index, size: int) -> jax.Array:
    # On a CPU, dividing whole numbers is slow, and so is converting floats with a check for
    # overflow. Half a pixel keeps the quotient away from its steps, up to 4 million pixels outside;
    # adding `shifter` rounds it and moves it to the last bits.
    shifter = 1.5 * 2**23
    quotient = (index.astype(jnp.float32) + (0.5 - size / 2)) * (1 / size) + shifter
    quotient = jax.lax.bitcast_convert_type(quotient, jnp.int32)
    return index - (quotient - np.float32(shifter).view(np.int32)) * size
