"""Picture files for the tasks about folders: many sizes and modes, and some broken files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.judge.judge import Judge
from grader.judge.values import as_array

if TYPE_CHECKING:
    from PIL import Image

MODES = ("L", "P", "RGBA", "LA", "1")  # besides RGB


def picture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Returns a picture of soft patches with some grain, (height, width, 3), uint8."""
    rows, columns = -(-height // 6), -(-width // 6)
    patches = rng.integers(20, 236, (rows, columns, 3))
    large = patches.repeat(6, axis=0).repeat(6, axis=1)[:height, :width]
    return np.clip(large + rng.integers(-20, 21, large.shape), 0, 255).astype(np.uint8)


def encoded(rng: np.random.Generator, mode: str, form: str, height: int, width: int) -> bytes:
    """Returns the content of a new picture file.

    Args:
      rng: draws the picture.
      mode: "RGB" or one of `MODES`.
      form: "PNG", "JPEG", "BMP" …
      height, width: in pixels.
    """
    from PIL import Image

    image = Image.fromarray(picture(rng, height, width))
    if mode == "P":
        image = image.quantize(12)
    elif mode in ("RGBA", "LA"):
        image = image.convert(mode)
        clear = picture(rng, height, width)[:, :, 0]
        image.putalpha(Image.fromarray(clear))
    else:
        image = image.convert(mode)
    content = io.BytesIO()
    image.save(content, form)
    return content.getvalue()


def broken(rng: np.random.Generator) -> dict[str, bytes]:
    """Returns files that are not complete pictures, by what is wrong with them."""
    png = encoded(rng, "RGB", "PNG", 40, 30)
    jpeg = encoded(rng, "RGB", "JPEG", 64, 80)
    return {
        "empty": b"",
        "text": b"<html><body>404 Not Found</body></html>\n" * 3,
        "cut": png[: len(png) // 2],
        "cut jpeg": jpeg[: len(jpeg) // 2],
    }


def opened(content: bytes) -> Image.Image:
    """Opens the content of a picture file."""
    from PIL import Image

    return Image.open(io.BytesIO(content))


def new_folder(rng: np.random.Generator) -> str:
    """Returns the name of a folder that does not exist yet."""
    return f"pictures-{int(rng.integers(1 << 40)):x}"


def names_left_out(judge: Judge, got: Any, right: list[str]) -> None:
    """Judges the list of the file names that were left out.

    Args:
      judge: the fixture.
      got: what the student's function returned.
      right: the expected names, sorted.

    Raises:
      Failure: if they differ.
    """
    if type(got) not in (list, tuple) or any(type(name) is not str for name in got):
        judge.fail(
            "The files left out must be a list of file names.",
            "str(path) or path.name turns a path into text.",
            got=got,
            expected="a list of str",
        )
    names = list(got)
    if names == right:
        return
    said = f"a list of {len(names)}: {', '.join(map(repr, names[:5]))}"[:200]
    hint = "List each file once."
    if sorted(names) == right:
        hint = "These are the right names in the wrong order: use sorted(...)."
    elif {name.split("/")[-1] for name in names} == {name.split("/")[-1] for name in right}:
        hint = f"These are the right files, but the names should look like {right[0]!r}."
    elif missing := sorted(set(right) - set(names)):
        hint = f"{missing[0]!r} cannot be read, but is not in the list."
        if all("cut" in name for name in missing):
            hint = (
                f"{missing[0]!r} is cut off. Image.open reads only the beginning of a file; "
                "convert, resize and load read it to the end, and raise: keep them inside the try."
            )
    elif more := sorted(set(names) - set(right)):
        hint = f"{more[0]!r} can be read, so it does not belong in the list."
    judge.fail("These are not the files you must leave out.", hint, said, f"{right}"[:300])


def as_labels(judge: Judge, got: Any, count: int, what: str) -> np.ndarray:
    """Returns labels as an integer array; they may be an array or a list.

    Args:
      judge: the fixture.
      got: what the student's function returned.
      count: how many labels there must be.
      what: what the message calls them.

    Raises:
      Failure: if they are anything else.
    """
    array = as_array(got)
    if array is None and type(got) in (list, tuple):
        items = [as_array(item) for item in got]
        if all(item is not None and item.shape == () for item in items):
            array = np.array(items)
    if array is None or array.shape != (count,) or (count and array.dtype.kind not in "iu"):
        judge.fail(
            f"{what} must be one integer per picture.",
            "Return np.array([...]) of integers.",
            got=got,
            expected=f"shape ({count},), integer",
        )
    return array
