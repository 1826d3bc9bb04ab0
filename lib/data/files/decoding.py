"""Decoding one picture file of any size, mode and format to grey or RGB at a given size.

The content of a file decides what it is, not its name. libjpeg-turbo decodes JPEG: it shrinks while
it decodes and lets other threads work. Pillow decodes every other format, and the JPEG files that
libjpeg-turbo complains about. Formats that run programs or fetch other files are not read. Error
messages name other common kinds of file, such as a PDF, a film or a web page.
"""

from __future__ import annotations

import functools
import os
import stat
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000", "QOI", "ICO")
FORMATS += ("PSD", "DDS", "SGI", "SUN", "PCX", "DIB", "XPM", "XBM", "TGA")
"""The formats that Pillow may try; those with the least distinctive first bytes are last. Missing
on purpose: formats that run programs (EPS, WMF), hold fractions (SPIDER, FITS), or that Pillow only
recognises (GRIB, MPEG)."""

ENDINGS = frozenset(
    "jpg jpeg jpe jfif png gif bmp dib tif tiff webp ppm pgm pbm pnm avif jp2 j2k jpx qoi ico psd "
    "dds sgi rgb bw ras pcx xpm xbm tga heic heif jxl".split()
)
"""The usual endings of pictures, lower case; they only show which folders may contain pictures."""


def has_ending(name: str) -> bool:
    """Whether a name has the ending of a picture."""
    return name.rpartition(".")[2].lower() in ENDINGS


MOST_PIXELS = 64_000_000
"""A picture that claims more pixels is not decoded: few cameras produce one, it would take 250 MB,
and a file of a few kilobytes can claim any number."""

MOST_REDUCED = 256_000_000
"""The limit for a JPEG that can be shrunk while it is decoded: phones take such pictures."""

MOST_BYTES = 200_000_000
"""A longer file is not read."""

CHANNELS = {"rgb": 3, "grey": 1}

_DARK = (1 << 14) - 1
"""A 16-bit picture with no brighter value is most likely from a camera with fewer bits."""

_MOST_SEGMENTS = 1_000
_ORIENTATION = 0x0112  # the EXIF tag; 1 is upright
# How to turn a stored picture upright: swap rows and columns, then flip rows, flip columns.
_UPRIGHT = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


class OddPictures(UserWarning):
    """Check these pictures: they may not have been read as intended."""


class Unreadable(Exception):
    """A file is not a usable picture; the message says why, without the file's name."""


_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")
_RAW = (b"II*\0", b"MM\0*", b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"IIU\0")
"""First bytes of raw camera files; most claim to be TIFF, but are not."""
_NAMED = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"Rar!", "a rar archive: unpack it"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it"),
    (b"\x1f\x8b", "a gzip archive: unpack it"),
    (b"\xff\x0a", "JPEG XL: save it as PNG or JPEG"),
    (b"\0\0\0\x0cJXL ", "JPEG XL: save it as PNG or JPEG"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"\x89HDF", "an HDF5 file"),
    (b"version https://git-lfs", "a pointer that Git LFS left: run git lfs pull"),
)
"""First bytes of files that are often found among pictures, and what they are."""


def known_beginning(head: bytes) -> bool:
    """Whether the first 32 bytes of a file are those of a common kind of picture."""
    common = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"qoif")
    return head.startswith(common) or head[8:12] == b"WEBP" or _brand(head) in _HEIF + _AVIF


def _brand(content: bytes) -> bytes:
    """The type that a file of the MP4 family claims; empty for another file."""
    if content[4:8] != b"ftyp":
        return b""
    brand = content[8:12]
    either = brand in (b"mif1", b"msf1")  # the container of both; the content's brand follows
    return b"avif" if either and any(each in content[16:64] for each in _AVIF) else brand


def _what_it_is(content: bytes) -> str:
    """Says in a few words what a file is that Pillow cannot identify as a picture."""
    brand = _brand(content)
    if brand in _HEIF:
        return "HEIC, which needs a plugin: pip install pillow-heif"
    if brand in _AVIF:
        return "AVIF, which this Pillow does not read: pip install --upgrade pillow"
    if content.startswith(_RAW) or brand == b"crx ":
        return "a raw photograph, or a damaged TIFF: save it as JPEG or PNG"
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if brand:
        what = "a film"
    elif head.startswith((b"<!doctype html", b"<html")):
        what = "a web page"
    elif b"<svg" in head:
        what = "an SVG drawing: save it as PNG"
    else:
        what = next((each for start, each in _NAMED if content.startswith(start)), "")
    return f"not a picture: {what}" if what else "not a picture"


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """The content of a regular file.

    Raises:
      Unreadable: if it is empty, too long, not a regular file, or cannot be read.
    """
    try:
        # Without this flag, opening a pipe would wait for a writer.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    try:
        state = os.fstat(number)
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("not a regular file")
        if state.st_size == 0:
            raise Unreadable("empty")
        if state.st_size > MOST_BYTES:
            raise Unreadable(f"too large for a picture: {state.st_size:,} bytes")
        return os.read(number, state.st_size)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(number)


def decode(
    content: bytes,
    height: int,
    width: int,
    mode: str,
    out: np.ndarray | None = None,
    notes: list[str] | None = None,
) -> np.ndarray:
    """Decodes a picture and stretches or shrinks it to a size, whatever its proportions.

    Pictures are turned upright by their EXIF orientation. The first frame of an animation is used.
    Transparency is dropped, not blended, as Keras does. Of 16 bits the upper 8 are kept. If the
    upper 8 bits of all values in a grey picture are 0, its values are read as 8-bit, and this is
    reported; a picture that seems to have 9 to 14 bits is reported as well.
    A pixel of a shrunk picture is the mean of the pixels it covers; enlarging repeats pixels.

    Args:
      content: the file.
      height: rows of the result.
      width: columns of the result.
      mode: "rgb" or "grey".
      out: the array to decode into, like the result and contiguous in memory; None for a new one.
        After an error its content is undefined.
      notes: a list that receives a few words about an odd picture; None warns instead.

    Returns:
      (height, width, 3) or (height, width, 1), uint8: `out`, if it was given.

    Raises:
      Unreadable: if it is not a picture, is damaged or cut short, or claims too many pixels.
    """
    if out is None:
        out = np.empty((height, width, CHANNELS[mode]), np.uint8)
    if content[:3] != b"\xff\xd8\xff" or not _decode_jpeg(content, mode, out):
        odd = _decode_any(content, mode, out)
        if odd and notes is not None:
            notes.append(odd)
        elif odd:
            warnings.warn(f"A picture {odd}.", OddPictures, stacklevel=2)
    return out


def read_picture(
    path: str | os.PathLike[str],
    height: int,
    width: int,
    mode: str = "rgb",
    out: np.ndarray | None = None,
    notes: list[str] | None = None,
) -> np.ndarray:
    """Reads a file and decodes it; arguments, result and errors as in `decode`."""
    return decode(read_regular(path), height, width, mode, out, notes)


def _decode_jpeg(content: bytes, mode: str, out: np.ndarray) -> bool:
    """Decodes a JPEG file with libjpeg-turbo; returns False if Pillow has to try."""
    import simplejpeg
    from PIL import Image

    try:
        *shape, colours, _ = simplejpeg.decode_jpeg_header(content)
        rows, columns = map(int, shape)
        if colours not in ("YCbCr", "Gray", "RGB"):
            return False
        if rows * columns > MOST_PIXELS:
            return _is_in_one_scan(content) and _decode_reduced(content, mode, out, rows, columns)
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
    except Unreadable:
        raise
    except Exception:  # Pillow may be able to read it, or give a better reason
        return False
    if (rows, columns) == (height, width):
        return True  # it is already in `out`
    if pixels.shape[0] <= height and pixels.shape[1] <= width:
        _enlarge(pixels, out)
    else:
        pillow_mode = "RGB" if mode == "rgb" else "L"
        image = Image.frombuffer(
            pillow_mode, (pixels.shape[1], pixels.shape[0]), pixels, "raw", pillow_mode, 0, 1
        )
        _resize(image, out)
    return True


def _decode_reduced(content: bytes, mode: str, out: np.ndarray, rows: int, columns: int) -> bool:
    """Decodes a very large JPEG file at a fraction of its size.

    Returns:
      False if that is still too large.

    Raises:
      Unreadable: if it is damaged.
    """
    import simplejpeg
    from PIL import Image

    turn = _UPRIGHT.get(_exif_orientation(content), (False, False, False))
    pixels = np.empty_like(out.swapaxes(0, 1) if turn[0] else out, order="C")
    height, width, _ = pixels.shape
    eighths = min(8, -(-8 * max(height * columns, width * rows) // (rows * columns)))
    if rows * columns > MOST_REDUCED or rows * columns * eighths**2 > 64 * MOST_PIXELS:
        return False
    try:
        small = simplejpeg.decode_jpeg(
            content, "RGB" if mode == "rgb" else "GRAY", min_height=height, min_width=width
        )
    except ValueError as error:
        raise Unreadable(_why(error)) from None
    _resize(Image.fromarray(small.squeeze(2) if mode == "grey" else small), pixels)
    _turn(pixels, turn, out)
    return True


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The kinds and contents of a JPEG file's segments, up to the first scan."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        if content[place : place + 1] != b"\xff" or length < 2:
            return
        yield content[place + 1], content[place + 4 : place + 2 + length]
        place += 2 + length


def _is_in_one_scan(content: bytes) -> bool:
    """Whether a JPEG file can be decoded row by row: others need memory for the full size."""
    channels = 0
    for kind, segment in _segments(content):
        if kind in (0xC0, 0xC1) and len(segment) > 5:  # a frame header that is not progressive
            channels = segment[5]
        elif kind == 0xDA:  # the first scan
            return 0 < channels == segment[0]
    return False


def _exif_orientation(content: bytes) -> int:
    """The orientation of a JPEG file that is too large for Pillow to open."""
    from PIL import Image

    exif = Image.Exif()
    for kind, segment in _segments(content):
        if kind == 0xE1 and segment.startswith(b"Exif\0\0"):
            try:
                exif.load(segment)
            except Exception:  # the picture may be fine although its EXIF data are damaged
                return 1
            return exif.get(_ORIENTATION, 1)
        if kind == 0xDA:
            break
    return 1


def _jpeg_orientation(content: bytes) -> int:
    import io

    from PIL import Image

    try:
        return Image.open(io.BytesIO(content), formats=("JPEG",)).getexif()[_ORIENTATION]
    except Exception:  # the picture may be fine although its EXIF data are damaged
        return 1


def _decode_any(content: bytes, mode: str, out: np.ndarray) -> str:
    """Decodes a file with Pillow; returns what is odd about it."""
    import io

    from PIL import Image

    formats = _formats(_brand(content) in _HEIF)
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            columns, rows = image.size
            if rows * columns > MOST_PIXELS:
                raise Unreadable(f"claims {columns:,}×{rows:,} pixels, more than can be decoded")
            larger, deep = max(out.shape[:2]), _sixteen_bits(image)
            image.draft(None, (larger, larger))
            image.load()
            try:
                orientation = image.getexif().get(_ORIENTATION, 1)
            except Exception:  # the picture may be fine although its EXIF data are damaged
                orientation = 1
            plain, odd = _in_mode(image, "RGB" if mode == "rgb" else "L", deep)
            if orientation not in _UPRIGHT:
                _resize(plain, out)
                return odd
            swap = _UPRIGHT[orientation][0]
            pixels = np.empty_like(out.swapaxes(0, 1) if swap else out, order="C")
            _resize(plain, pixels)
    except Unreadable:
        raise
    except Exception as error:  # a damaged file can make a decoder raise anything
        if type(error).__name__ == "UnidentifiedImageError":
            raise Unreadable(_what_it_is(content)) from None
        raise Unreadable(_why(error)) from None
    _turn(pixels, _UPRIGHT[orientation], out)
    return odd


def _turn(pixels: np.ndarray, turn: tuple[bool, bool, bool], out: np.ndarray) -> None:
    """Turns a stored picture upright; `turn` is one of `_UPRIGHT`."""
    swap, flip_rows, flip_columns = turn
    if swap:
        pixels = pixels.swapaxes(0, 1)
    out[:] = pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


@functools.lru_cache(2)
def _formats(heif: bool) -> tuple[str, ...]:
    """The `FORMATS` that this Pillow supports; for HEIF only that, if its plugin is installed."""
    from PIL import Image

    Image.init()
    if heif:
        try:
            import pillow_heif  # pyright: ignore[reportMissingImports]
        except ImportError:
            return ()
        pillow_heif.register_heif_opener()
        return ("HEIF",)
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _in_mode(image, mode: str, deep: bool) -> tuple[Any, str]:
    """A loaded Pillow image as "RGB" or "L", and what is odd about it; `deep` means 16 bits."""
    from PIL import Image

    odd = ""
    if image.mode.startswith("I"):  # 16 bits, or 32 bits that hold 16
        values = np.asarray(image)
        most, fits = int(values.max(initial=0)), values.min(initial=0) >= 0
        if not fits or most > 65_535:
            odd = "has 32 bits and values beyond 16 bits, which were clipped"
            values = np.clip(values, 0, 65_535)
        elif 0 < most <= 255:
            odd = "has 16 bits but uses only the lowest 8, so it was read as 8-bit"
        elif 0 < most <= _DARK:
            odd = f"has 16 bits but uses only the lowest {most.bit_length()} and is almost black"
            odd += "; save it with 8 bits"
        values = values.astype(np.uint16)
        image = Image.fromarray((values if 0 < most <= 255 else values >> 8).astype(np.uint8))
    elif image.mode == "F":
        raise Unreadable("its pixels are fractions with unknown values for black and white")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    elif deep:
        most = int(np.asarray(image)[..., :3].max(initial=0))
        if not most:
            odd = "has 16 bits but nothing in the upper 8, so it is black; save it with 8 bits"
        elif most <= _DARK >> 8:
            odd = (
                f"has 16 bits but uses only the lowest {most.bit_length() + 8} and is almost black"
            )
            odd += "; save it with 8 bits"
    return image if image.mode == mode else image.convert(mode), odd


def _sixteen_bits(image) -> bool:
    """Whether a picture that is not loaded yet has 16 bits per channel."""
    if image.format == "PNG":
        return any(str(tile[3]).endswith("16B") for tile in image.tile)
    bits = getattr(image, "tag_v2", {}).get(258, ())  # BitsPerSample
    return 16 in (bits if isinstance(bits, tuple) else (bits,))


def _resize(image, out: np.ndarray) -> None:
    """Stretches or shrinks a loaded Pillow image to the size of `out`, and writes it there."""
    from PIL import Image

    height, width, _ = out.shape
    if image.width > width or image.height > height:
        image = image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)
    _enlarge(np.asarray(image).reshape(image.height, image.width, -1), out)


def _enlarge(pixels: np.ndarray, out: np.ndarray) -> None:
    """Repeats pixels: each pixel of `out` copies the one under its centre.

    Pillow's box filter also does this when it enlarges, but it blocks other threads.
    """
    rows, columns, channels = pixels.shape
    height, width, _ = out.shape
    if columns != width:  # rows are faster to repeat, so they are repeated last
        flat = pixels.reshape(rows, -1)  # NumPy is faster with single bytes than with three
        flat = flat.take(_bytes(columns, width, channels), axis=1, mode="clip")
        pixels = flat.reshape(rows, width, channels)
    if rows != height:
        pixels.take(_places(rows, height), axis=0, out=out, mode="clip")
    else:
        out[:] = pixels


@functools.lru_cache(256)
def _places(old: int, new: int) -> np.ndarray:
    """For each of `new` pixels, the index of the one of `old` pixels under its centre."""
    return (2 * np.arange(new) + 1) * old // (2 * new)


@functools.lru_cache(256)
def _bytes(old: int, new: int, channels: int) -> np.ndarray:
    """`_places` for rows of pixels of several bytes: for each byte, the index of its source."""
    return (_places(old, new)[:, None] * channels + np.arange(channels)).ravel()


def _why(error: Exception) -> str:
    """A decoder's complaint in a few words."""
    name = type(error).__name__
    if name == "DecompressionBombError":
        return "claims more pixels than can be decoded"
    if "truncated" in str(error).lower():
        return "cut short"
    words = " ".join(str(error).split()) or name
    return f"damaged: {words[:80]}"
