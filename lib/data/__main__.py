"""python -m lib.data: contact sheets, sets as folders of pictures, and preparing real sets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from lib.data.dataset import SETS, DataError
from lib.data.files.writing import write_folder
from lib.data.loading import load
from lib.data.published import tfds


def contact_sheet(images: np.ndarray, labels: np.ndarray, columns: int, zoom: int) -> np.ndarray:
    """Draws one row of images for each class that has any.

    Args:
      images: (n, edge, edge, channels), uint8.
      labels: (n,), integers.
      columns: images in a row.
      zoom: width and height, in pixels of the sheet, of one pixel of an image.

    Returns:
      (rows, columns) for grey images, (rows, columns, 3) for colour images, uint8.
    """
    classes = np.unique(labels)
    edge, channels = images.shape[2:]
    cell = edge + 2
    sheet = np.full((len(classes) * cell, columns * cell, channels), 90, np.uint8)
    for row, label in enumerate(classes):
        for column, image in enumerate(images[labels == label][:columns]):
            top, left = row * cell + 1, column * cell + 1
            sheet[top : top + edge, left : left + edge] = image
    return (sheet[..., 0] if channels == 1 else sheet).repeat(zoom, axis=0).repeat(zoom, axis=1)


def save_sheet(
    name: str, source: str, columns: int, zoom: int, path: str, edge: int | None = None
) -> None:
    """Saves a contact sheet of a set's training images.

    Raises:
      DataError: if the images cannot be loaded, or the file cannot be written.
    """
    from PIL import Image

    data = load(
        name, source, train_size=min(26 * columns, SETS[name].train_size), test_size=0, edge=edge
    )
    try:
        Image.fromarray(contact_sheet(*data.train, columns, zoom)).save(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"The sheet cannot be saved as {path} ({error}); use another name."
        ) from None
    print(f"{path}: one row per class, top to bottom {', '.join(data.class_names)}.")
    print(data.describe())


def main(arguments: list[str] | None = None) -> int:
    """Runs one of the commands; returns 0 if it succeeded, 2 if it failed."""
    parser = argparse.ArgumentParser(prog="python -m lib.data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="get the real sets for --data tfds")
    prepare.add_argument(
        "names",
        nargs="+",
        choices=tfds.preparable(),
        metavar="SET",
        help=", ".join(tfds.preparable()),
    )
    prepare.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help="take the files in DIR/<set>, or the published archives in DIR, instead of "
        "downloading them",
    )
    prepare.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where to keep the sets (default: TFDS_DATA_DIR, or ~/tensorflow_datasets)",
    )
    write = commands.add_parser("write", help="save a set as a folder of PNG pictures")
    write.add_argument("name", choices=SETS)
    write.add_argument("folder", type=Path, metavar="FOLDER")
    write.add_argument("--source", default="embedded", help="embedded, tfds or a folder")
    write.add_argument("--edge", type=int, help="height and width of a picture in pixels")
    write.add_argument("--train", type=int, metavar="N", help="training pictures")
    write.add_argument("--test", type=int, metavar="M", help="validation pictures")
    write.add_argument("--seed", type=int, default=0)
    sheet = commands.add_parser("sheet", help="save one picture with many images of every class")
    sheet.add_argument("name", choices=SETS)
    sheet.add_argument("--save", required=True, metavar="FILE.png")
    sheet.add_argument("--source", default="embedded", help="embedded, tfds or a folder")
    sheet.add_argument("--columns", type=int, default=20, help="images of every class")
    sheet.add_argument("--zoom", type=int, default=2)
    sheet.add_argument("--edge", type=int, help="height and width of an image in pixels")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "sheet":
            save_sheet(
                chosen.name, chosen.source, chosen.columns, chosen.zoom, chosen.save, chosen.edge
            )
        elif chosen.command == "write":
            data = load(
                chosen.name,
                chosen.source,
                train_size=chosen.train,
                test_size=chosen.test,
                edge=chosen.edge,
                seed=chosen.seed,
            )
            write_folder(data, chosen.folder)
            print(f"{chosen.folder}: {data.describe()}.")
        else:
            for name in chosen.names:
                folder = tfds.prepare(name, chosen.data_dir, chosen.source)
                print(f"{name} is ready in {folder}")
            if chosen.data_dir is not None:
                print(f"To use it, set TFDS_DATA_DIR={chosen.data_dir.absolute()}.")
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
