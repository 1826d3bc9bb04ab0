"""Pictures in a table of comma-separated values: a label, then one column for each pixel."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import DataError

EDGE = 28
LARGEST_LABEL = 999


class BadRow(NamedTuple):
    """A row that was left out.

    Attributes:
      line: its line in the file, counted from 1; the header is line 1.
      reason: what is wrong with it, a few words.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        """For messages."""
        return f"line {self.line:,}: {self.reason}"


class Table(NamedTuple):
    """The pictures of a table.

    Attributes:
      images: (n, edge, edge, 1), uint8.
      labels: (n,), int32.
      bad_rows: the rows that were left out, each with its line and the reason.
    """

    images: np.ndarray
    labels: np.ndarray
    bad_rows: tuple[BadRow, ...]


def read_csv(path: str | os.PathLike[str], edge: int = EDGE) -> Table:
    """Reads a table whose rows are a label and the grey values of a picture, row by row.

    The first line is a header. A row of another length, or with something that is no whole number
    or out of range, is left out and named; empty lines are nothing.

    Args:
      path: the file, text in UTF-8.
      edge: height and width of a picture, so that a row has 1 + edge² columns.

    Returns:
      The pictures, their labels (0…999), and the bad rows.

    Raises:
      DataError: if the file cannot be read, or has no header or no good row.
    """
    columns = 1 + edge * edge
    rows: list[bytes] = []
    labels: list[int] = []
    bad: list[BadRow] = []
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = _records(file, bad)
            header = next(lines, (1, []))[1]
            if not header:
                raise DataError(f"The file {os.fspath(path)} is empty; download it again.")
            if _whole(header[0]) is not None:
                raise DataError(
                    f"The file {os.fspath(path)} starts with the number {header[0].strip()}, but "
                    "its first line should be a header like label,pixel1,pixel2,…; put one there."
                )
            for line, row in lines:
                pixels = _pixels(row) if len(row) == columns else None
                if pixels is None:
                    bad.append(BadRow(line, _problem(row, columns)))
                    continue
                labels.append(int(row[0]))
                rows.append(pixels)
    except OSError as error:
        raise DataError(
            f"The file {os.fspath(path)} cannot be read ({error.strerror}); check its name."
        ) from None
    if not rows:
        first = f" ({bad[0]})" if bad else ""
        raise DataError(
            f"The file {os.fspath(path)} has no row with a label and {columns - 1} pixels{first}; "
            "check that it is the right file."
        )
    images = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, edge, edge, 1)
    return Table(images, np.array(labels, np.int32), tuple(bad))


def _records(file, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line it starts on."""
    reader = csv.reader(file)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(BadRow(line, str(error)))
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _pixels(row: list[str]) -> bytes | None:
    """The pixels of a good row; None of a bad one."""
    letters = "".join(row)
    if not letters.isascii() or "_" in letters or "+" in letters:  # `int` takes more than digits
        return None
    try:
        pixels = bytes(map(int, row[1:]))
        return pixels if 0 <= int(row[0]) <= LARGEST_LABEL else None
    except ValueError:
        return None


def _problem(row: list[str], columns: int) -> str:
    """What is wrong with a bad row."""
    if len(row) != columns:
        return f"{len(row)} columns instead of {columns}"
    label = _whole(row[0])
    if label is None or not 0 <= label <= LARGEST_LABEL:
        return f"the label {_shown(row[0])} is no whole number of 0 to {LARGEST_LABEL}"
    for number, cell in enumerate(row[1:], 1):
        pixel = _whole(cell)
        if pixel is None or not 0 <= pixel <= 255:
            return f"pixel {number} is {_shown(cell)}, no whole number of 0 to 255"
    return "a number in it is written in an unusual way"


def _whole(cell: str) -> int | None:
    cell = cell.strip()
    digits = cell.removeprefix("-")
    return int(cell) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 20 else cell[:20] + "…")


def find_tables(folder: Path) -> dict[str, Path]:
    """The tables of a set: "train" and "test", those that are there.

    Args:
      folder: where Kaggle's files lie, named like `sign_mnist_train.csv`.
    """
    found: dict[str, Path] = {}
    for part in ("train", "test"):
        for path in sorted(folder.glob(f"*{part}*.csv")) + sorted(folder.glob(f"*{part}*/*.csv")):
            if path.is_file():
                found.setdefault(part, path)
    return found
