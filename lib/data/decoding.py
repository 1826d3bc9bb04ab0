"""Decoding one picture file of any size, mode and format to grey or RGB at the size asked for.

What a file is, its content says, not its name. JPEG goes through libjpeg-turbo, which shrinks
while it decodes and lets other threads work; what it does not read without a complaint, and every
other format, goes through Pillow. Formats that run programs or fetch other files are not read.
"""

from __future__ import annotations

import functools
import os
import stat

import numpy as np

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""What Pillow may take a file for."""

MOST_PIXELS = 64_000_000
"""A picture that claims more pixels is not decoded: few cameras make one, it would take 250 MB, and
a file of a few kilobytes can claim as many as it likes."""

MOST_BYTES = 200_000_000
"""A file that is longer is not read."""

CHANNELS = {"rgb": 3, "grey": 1}

_ORIENTATION = 0x0112  # the EXIF tag; 1 is upright
# What turns a stored picture upright: swap rows and columns, then flip rows, flip columns.
_UPRIGHT = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


class Unreadable(Exception):
    """A file is not a picture that can be used; the message says why, without the file's name."""


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """The content of an ordinary file.

    Raises:
      Unreadable: if it is empty, too long, not an ordinary file, or cannot be read.
    """
    try:
        # Opening a pipe would otherwise wait for somebody to write into it.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    try:
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("not an ordinary file")
        if state.st_size == 0:
            raise Unreadable("empty")
        if state.st_size > MOST_BYTES:
            raise Unreadable(f"{state.st_size:,} bytes are too many for a picture")
        return os.read(number, state.st_size)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(number)


def decode(content: bytes, height: int, width: int, mode: str) -> np.ndarray:
    """Decodes a picture and stretches or shrinks it to a size, whatever its proportions.

    Pictures are turned upright as their EXIF orientation says. Of an animation the first picture
    counts. Transparency is dropped, not blended, as Keras does. Of 16 bits the upper 8 are kept.
    A pixel of a shrunken picture is the mean of those it covers; enlarging repeats pixels.

    Args:
      content: the file.
      height: rows of the result.
      width: columns of the result.
      mode: "rgb" or "grey".

    Returns:
      (height, width, 3) or (height, width, 1), uint8.

    Raises:
      Unreadable: if it is no picture, damaged, cut short, or claims too many pixels.
    """
    if content[:3] == b"\xff\xd8\xff":
        picture = _decode_jpeg(content, height, width, mode)
        if picture is not None:
            return picture
    return _decode_any(content, height, width, mode)


def read_picture(
    path: str | os.PathLike[str], height: int, width: int, mode: str = "rgb"
) -> np.ndarray:
    """Reads a file and decodes it; arguments, result and errors as `decode`'s."""
    return decode(read_regular(path), height, width, mode)


def _decode_jpeg(content: bytes, height: int, width: int, mode: str) -> np.ndarray | None:
    """What libjpeg-turbo makes of a JPEG file; None where Pillow has to look at it."""
    import simplejpeg
    from PIL import Image

    try:
        rows, columns, colours, _ = simplejpeg.decode_jpeg_header(content)
        if colours not in ("YCbCr", "Gray", "RGB") or int(rows) * int(columns) > MOST_PIXELS:
            return None
        if content.find(b"Exif\0\0", 0, 1 << 17) >= 0 and _jpeg_orientation(content) != 1:
            return None
        pixels = simplejpeg.decode_jpeg(
            content,
            "RGB" if mode == "rgb" else "GRAY",
            min_height=height,
            min_width=width,
        )
    except Exception:  # Pillow may do better, or find the words for what is wrong
        return None
    if pixels.shape[0] <= height and pixels.shape[1] <= width:
        return _enlarged(pixels, height, width)
    pillow_mode = "RGB" if mode == "rgb" else "L"
    image = Image.frombuffer(
        pillow_mode, (pixels.shape[1], pixels.shape[0]), pixels, "raw", pillow_mode, 0, 1
    )
    return _resized(image, height, width)


def _jpeg_orientation(content: bytes) -> int:
    import io

    from PIL import Image

    try:
        return Image.open(io.BytesIO(content), formats=("JPEG",)).getexif()[_ORIENTATION]
    except Exception:  # damaged EXIF data say nothing about the picture
        return 1


def _decode_any(content: bytes, height: int, width: int, mode: str) -> np.ndarray:
    import io

    from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401 - Pillow knows them then

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            columns, rows = image.size
            if rows * columns > MOST_PIXELS:
                raise Unreadable(f"claims {columns:,}×{rows:,} pixels, more than are decoded")
            larger = max(height, width)
            image.draft(None, (larger, larger))
            image.load()
            try:
                orientation = image.getexif().get(_ORIENTATION, 1)
            except Exception:  # damaged EXIF data say nothing about the picture
                orientation = 1
            swap, flip_rows, flip_columns = _UPRIGHT.get(orientation, (False, False, False))
            plain = _in_mode(image, "RGB" if mode == "rgb" else "L")
            pixels = _resized(plain, *((width, height) if swap else (height, width)))
    except Unreadable:
        raise
    except Exception as error:  # what a damaged file does to a decoder is not to be foreseen
        raise Unreadable(_why(error)) from None
    if swap:
        pixels = pixels.swapaxes(0, 1)
    pixels = pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return np.ascontiguousarray(pixels)


def _in_mode(image, mode: str):
    """A loaded Pillow image as "RGB" or "L"."""
    from PIL import Image

    if image.mode == mode:
        return image
    if image.mode.startswith("I"):  # 16 bits, or 32 bits that hold 16
        upper = np.clip(np.asarray(image), 0, 65_535).astype(np.uint16) >> 8
        image = Image.fromarray(upper.astype(np.uint8))
    elif image.mode == "F":
        raise Unreadable("its pixels are fractions, whose black and white are not known")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    return image.convert(mode)


def _resized(image, height: int, width: int) -> np.ndarray:
    from PIL import Image

    if image.width > width or image.height > height:
        image = image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    return _enlarged(pixels, height, width)


def _enlarged(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Repeats pixels: each place shows the one that its middle falls on.

    Pillow's box filter does so too where a picture grows, but keeps other threads from working.
    """
    for axis, new in ((1, width), (0, height)):  # whole rows are quicker to repeat: they come last
        old = pixels.shape[axis]
        if old != new:
            places = _places(old, new)
            pixels = pixels.take(places, axis=axis, mode="clip")  # all are inside: none is checked
    return pixels


@functools.lru_cache(256)
def _places(old: int, new: int) -> np.ndarray:
    """Of each of `new` pixels, which of `old` ones its middle falls on."""
    return (2 * np.arange(new) + 1) * old // (2 * new)


def _why(error: Exception) -> str:
    """A decoder's complaint in a few words."""
    name = type(error).__name__
    if name == "UnidentifiedImageError":
        return "not a picture"
    if name == "DecompressionBombError":
        return "claims more pixels than are decoded"
    if "truncated" in str(error).lower():
        return "cut short"
    words = " ".join(str(error).split()) or name
    return f"damaged: {words[:80]}"
