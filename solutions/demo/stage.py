"""What the demonstrations share: the command line, headings, and small figure files."""

from __future__ import annotations

import argparse
import io
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.plots import DOTS_PER_INCH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = (128, 48, 24)  # palette sizes to try until a file is small enough for a lesson page
_MOST_BYTES = 75_000


class Stage:
    """The output of one demonstration: headings in the terminal, figures in a folder."""

    def __init__(self, week: str, folder: pathlib.Path):
        """Stores the week's name and the folder for its figures, which `save` creates."""
        self.week = week
        self.folder = folder

    def heading(self, text: str) -> None:
        """Prints a heading."""
        print(f"\n── {text} " + "─" * max(0, 76 - len(text)), flush=True)

    def save(self, figure: Figure, name: str) -> None:
        """Saves a figure as a small PNG and prints its path.

        Args:
          figure: any matplotlib Figure.
          name: the file's name without ".png".
        """
        from PIL import Image

        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
        picture = Image.open(drawn).convert("RGB")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.png"
        for colours in _COLOURS:
            small = io.BytesIO()
            picture.quantize(colours, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
            if small.tell() <= _MOST_BYTES:
                break
        path.write_bytes(small.getvalue())
        print(f"figure: {path}", flush=True)


def parser(week: str, about: str, *, train_size: int | None = None) -> argparse.ArgumentParser:
    """Creates the command-line parser of a demonstration.

    Args:
      week: "week1" and so on.
      about: one sentence for `--help`.
      train_size: default number of training pictures; None for a week without pictures.

    Returns:
      A parser with `--save`, and, for weeks with pictures, `--data` and `--train-size`.
    """
    result = argparse.ArgumentParser(prog=f"python -m solutions {week}", description=about)
    result.add_argument(
        "--save",
        type=pathlib.Path,
        default=pathlib.Path("figures") / week,
        metavar="DIR",
        help="folder for the figures (default: %(default)s)",
    )
    if train_size is not None:
        result.add_argument(
            "--data",
            default="embedded",
            help="embedded (drawn stand-ins, the default), tfds, or a folder of IDX files",
        )
        result.add_argument(
            "--train-size",
            type=int,
            default=train_size,
            metavar="N",
            help="training pictures of each set (default: %(default)s)",
        )
    return result


def percent(values: Sequence[float]) -> str:
    """Writes accuracies as percentages, in a row."""
    return "  ".join(f"{100 * value:.1f} %" for value in values)
