"""Moving the pixels of pictures: one 3×3 matrix per picture, and one interpolation.

A matrix maps a place in the *new* picture, (row, column, 1), to the place in the old one where its
colour comes from: row 0, column 0 is the middle of the top left pixel. What stands furthest to the
right in a product is therefore done last.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

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
    return product(shift_matrix(row, column), matrix, shift_matrix(-row, -column))


def product(*matrices: jax.Array) -> jax.Array:
    """Multiplies matrices (…, 3, 3); what stands furthest to the right is done last."""
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
