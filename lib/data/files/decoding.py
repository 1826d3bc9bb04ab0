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


def decode(
    content: bytes, height: int, width: int, mode: str, out: np.ndarray | None = None
) -> np.ndarray:
    """Decodes a picture and stretches or shrinks it to a size, whatever its proportions.

    Pictures are turned upright as their EXIF orientation says. Of an animation the first picture
    counts. Transparency is dropped, not blended, as Keras does. Of 16 bits the upper 8 are kept.
    A pixel of a shrunken picture is the mean of those it covers; enlarging repeats pixels.

    Args:
      content: the file.
      height: rows of the result.
      width: columns of the result.
      mode: "rgb" or "grey".
      out: takes the picture: an array like the result, its elements side by side in memory; None
        for a new one. It holds anything after an error.

    Returns:
      (height, width, 3) or (height, width, 1), uint8: `out`, where it was given.

    Raises:
      Unreadable: if it is no picture, damaged, cut short, or claims too many pixels.
    """
    if out is None:
        out = np.empty((height, width, CHANNELS[mode]), np.uint8)
    if content[:3] != b"\xff\xd8\xff" or not _decode_jpeg(content, mode, out):
        _decode_any(content, mode, out)
    return out


def read_picture(
    path: str | os.PathLike[str],
    height: int,
    width: int,
    mode: str = "rgb",
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Reads a file and decodes it; arguments, result and errors as `decode`'s."""
    return decode(read_regular(path), height, width, mode, out)


def _decode_jpeg(content: bytes, mode: str, out: np.ndarray) -> bool:
    """Decodes a JPEG file by libjpeg-turbo; False where Pillow has to look at it."""
    import simplejpeg
    from PIL import Image

    try:
        rows, columns, colours, _ = simplejpeg.decode_jpeg_header(content)
        if colours not in ("YCbCr", "Gray", "RGB") or int(rows) * int(columns) > MOST_PIXELS:
            return False
        if content.find(b"Exif\0\0", 0, 1 << 17) >= 0 and _jpeg_orientation(content) != 1:
            return False
        height, width, _ = out.shape
        pixels = simplejpeg.decode_jpeg(
            content,
            "RGB" if mode == "rgb" else "GRAY",
            min_height=height,
            min_width=width,
            buffer=out if (rows, columns) == (height, width) else None,
        )
    except Exception:  # Pillow may do better, or find the words for what is wrong
        return False
    if (rows, columns) == (height, width):
        return True  # it lies there already
    if pixels.shape[0] <= height and pixels.shape[1] <= width:
        _enlarge(pixels, out)
    else:
        pillow_mode = "RGB" if mode == "rgb" else "L"
        image = Image.frombuffer(
            pillow_mode, (pixels.shape[1], pixels.shape[0]), pixels, "raw", pillow_mode, 0, 1
        )
        _resize(image, out)
    return True


def _jpeg_orientation(content: bytes) -> int:
    import io

    from PIL import Image

    try:
        return Image.open(io.BytesIO(content), formats=("JPEG",)).getexif()[_ORIENTATION]
    except Exception:  # damaged EXIF data say nothing about the picture
        return 1


def _decode_any(content: bytes, mode: str, out: np.ndarray) -> None:
    import io

    from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401 - Pillow knows them then

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            columns, rows = image.size
            if rows * columns > MOST_PIXELS:
                raise Unreadable(f"claims {columns:,}×{rows:,} pixels, more than are decoded")
            larger = max(out.shape[:2])
            image.draft(None, (larger, larger))
            image.load()
            try:
                orientation = image.getexif().get(_ORIENTATION, 1)
            except Exception:  # damaged EXIF data say nothing about the picture
                orientation = 1
            swap, flip_rows, flip_columns = _UPRIGHT.get(orientation, (False, False, False))
            plain = _in_mode(image, "RGB" if mode == "rgb" else "L")
            if orientation not in _UPRIGHT:
                _resize(plain, out)
                return
            pixels = np.empty_like(out.swapaxes(0, 1) if swap else out, order="C")
            _resize(plain, pixels)
    except Unreadable:
        raise
    except Exception as error:  # what a damaged file does to a decoder is not to be foreseen
        raise Unreadable(_why(error)) from None
    if swap:
        pixels = pixels.swapaxes(0, 1)
    out[:] = pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


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


def _resize(image, out: np.ndarray) -> None:
    """Stretches or shrinks a loaded Pillow image to the size of `out`, and puts it there."""
    from PIL import Image

    height, width, _ = out.shape
    if image.width > width or image.height > height:
        image = image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)
    _enlarge(np.asarray(image).reshape(image.height, image.width, -1), out)


def _enlarge(pixels: np.ndarray, out: np.ndarray) -> None:
    """Repeats pixels: each place of `out` shows the one that its middle falls on.

    Pillow's box filter does so too where a picture grows, but keeps other threads from working.
    """
    rows, columns, channels = pixels.shape
    height, width, _ = out.shape
    if columns != width:  # whole rows are quicker to repeat: they come last
        flat = pixels.reshape(rows, -1)  # NumPy is quicker with single bytes than with three
        flat = flat.take(_bytes(columns, width, channels), axis=1, mode="clip")
        pixels = flat.reshape(rows, width, channels)
    if rows != height:
        pixels.take(_places(rows, height), axis=0, out=out, mode="clip")
    else:
        out[:] = pixels


@functools.lru_cache(256)
def _places(old: int, new: int) -> np.ndarray:
    """Of each of `new` pixels, which of `old` ones its middle falls on."""
    return (2 * np.arange(new) + 1) * old // (2 * new)


@functools.lru_cache(256)
def _bytes(old: int, new: int, channels: int) -> np.ndarray:
    """`_places` for rows of pixels of several bytes: of each byte, which one it repeats."""
    return (_places(old, new)[:, None] * channels + np.arange(channels)).ravel()


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
