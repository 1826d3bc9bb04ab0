"""python -m lib.data: contact sheets of the images, and preparing the real data sets."""

from __future__ import annotations

import argparse
import sys

import numpy as np

from lib.data.dataset import CLASS_NAMES, DataError
from lib.data.loading import load


def contact_sheet(images: np.ndarray, labels: np.ndarray, columns: int, zoom: int) -> np.ndarray:
    """One row of images per class.

    Args:
      images: (n, 28, 28, 1), uint8.
      labels: (n,), integers.
      columns: images in a row.
      zoom: pixels of the sheet along one pixel of an image.

    Returns:
      (rows, columns), uint8.
    """
    classes = int(labels.max()) + 1
    sheet = np.full((classes * 30, columns * 30), 90, np.uint8)
    for label in range(classes):
        for column, image in enumerate(images[labels == label][:columns]):
            top, left = label * 30 + 1, column * 30 + 1
            sheet[top : top + 28, left : left + 28] = image[..., 0]
    return sheet.repeat(zoom, axis=0).repeat(zoom, axis=1)


def main(arguments: list[str] | None = None) -> int:
    """Runs one of the commands; 0 when done, 2 when it could not be."""
    parser = argparse.ArgumentParser(prog="python -m lib.data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sheet = commands.add_parser("sheet", help="a picture with many images of every class")
    sheet.add_argument("name", choices=CLASS_NAMES)
    sheet.add_argument("--save", required=True, metavar="FILE.png")
    sheet.add_argument("--source", default="embedded", help="embedded, tfds or a folder")
    sheet.add_argument("--columns", type=int, default=20)
    sheet.add_argument("--zoom", type=int, default=2)
    chosen = parser.parse_args(arguments)
    try:
        from PIL import Image

        data = load(chosen.name, chosen.source, train_size=chosen.columns * 20, test_size=1)
        pixels = contact_sheet(*data.train, chosen.columns, chosen.zoom)
        Image.fromarray(pixels).save(chosen.save)
        print(f"{chosen.save}: {data.describe()}")
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
