"""Pictures in a table of separated values: a label, and one column for each pixel."""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import DataError, checked_names, checked_path, checked_whole
from lib.data.files.decoding import OddPictures
from lib.data.files.idx import squeezed
from lib.data.files.part_names import folded
from lib.data.files.skipped import SkippedFiles, printable
from lib.data.progress import progress

EDGE = 28
LARGEST_LABEL = 999
SEPARATORS = ",;\t|"

LABELS = frozenset(
    "label labels class classes classid classname classlabel category target targets y digit "
    "letter labelname".split()
)
"""Names of a column of labels, letters only."""
_OTHERS = frozenset(
    "id ids imageid imgid image index idx row rowid unnamed file filename path usage split".split()
)
"""Names of a column that is neither a label nor a pixel."""
_FRACTION = re.compile(r"^pixel \d+ is ' ?[01]?\.\d")
_WHOLE_DECIMAL = re.compile(r"\.0*$")
_COUNTS_ROWS = re.compile(r"(?i:.*((^|[\W_])(id|no|nr)|number|index))|.*[a-z]I[dD]")
"""Endings of a name which show that a column identifies rows."""


_NO_LABEL = frozenset(["", "nan", "<na>"])
"""How programs write a missing label, in lower case."""
_MOST_WORDS = 3
"""Up to this many rows may all have different words in a column that does not identify rows."""
_PACKED = {
    b"\x1f\x8b": "a gzip archive; unpack it, and name the table in it",
    b"BZh": "a bzip2 archive; unpack it, and name the table in it",
    b"\xfd7zX": "an xz archive; unpack it, and name the table in it",
    b"PK\x03\x04": "a zip archive; unpack it, and name the table in it",
}
_ZIPPED = {
    ".npz": "an archive of NumPy arrays; read it with numpy.load",
    ".xlsx": "a spreadsheet; save it as CSV UTF-8",
    ".ods": "a spreadsheet; save it as CSV UTF-8",
}


class NoLabels(DataError):
    """The table has no column of labels."""


class BadRow(NamedTuple):
    """A row that was left out.

    Attributes:
      line: its line in the file, counted from 1; the header is line 1.
      reason: what is wrong with it, in a few words.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        """Line and reason, for messages."""
        return f"line {self.line:,}: {self.reason}"


class _Rows(NamedTuple):
    images: np.ndarray
    labels: np.ndarray
    bad_rows: tuple[BadRow, ...]


class Table(_Rows):
    """The pictures of a table; unpacks into images, labels and bad rows.

    Attributes:
      images: (n, edge, edge, 1), uint8.
      labels: (n,), int32.
      bad_rows: the rows that were left out, each with its line and the reason.
      class_names: if the labels are words, the word for each number, sorted; otherwise empty.
      left_out: the columns that are neither labels nor pixels.
    """

    class_names: tuple[str, ...]
    left_out: tuple[str, ...]

    def __new__(
        cls,
        images: np.ndarray,
        labels: np.ndarray,
        bad_rows: tuple[BadRow, ...],
        class_names: tuple[str, ...] = (),
        left_out: tuple[str, ...] = (),
    ) -> Table:
        """Creates a table from its parts."""
        table = super().__new__(cls, images, labels, bad_rows)
        table.class_names, table.left_out = class_names, left_out
        return table


class Columns(NamedTuple):
    """The role of each column.

    Attributes:
      label: the index of the label in a row.
      pixels: the indices of the pixels; None for all other columns.
      width: the number of columns in a row.
      left_out: the names of the columns that are neither.
      is_guess: whether the label is only a guess: the one column not named like a pixel.
    """

    label: int
    pixels: tuple[int, ...] | None
    width: int
    left_out: tuple[str, ...]
    is_guess: bool = False


def read_csv(
    path: str | os.PathLike[str],
    edge: int = EDGE,
    *,
    label: str | None = None,
    class_names: Sequence[str] | None = None,
) -> Table:
    """Reads a table with one picture per row: its label and its grey values, row by row.

    The first line is a header. It names the column of labels: label, class, target …; if no column
    has such a name, the only one not named like a pixel is taken, with a warning, unless it seems
    to number the rows. The header also shows the separator: a comma, semicolon, tab or bar. Labels
    are whole numbers or words; if one is a word, all are read as words. A row is left out if it has
    another length, no label, or a pixel that is not a whole number or is out of range; one warning
    reports all of these. Empty lines are ignored.

    Args:
      path: the file, text in UTF-8, or in UTF-16 with a byte order mark.
      edge: height and width of a picture; a row has edge² pixels.
      label: the name of the column of labels, if it has none of the usual names.
      class_names: the allowed classes, in the order of their labels; pass those of the training
        table, so that both tables have the same numbers; None for the table's own, sorted. If all
        labels are numbers and no name is, they are indices of names. Empty to allow only numbers.

    Returns:
      The pictures, their labels (0…999, or the index in `class_names`), and the bad rows.

    Raises:
      DataError: if the file cannot be read, is not in UTF-8, has no header, no column of labels
        or no good row, or contains another class.
    """
    table = read_table(path, edge, label, class_names)
    bad = table.bad_rows
    if bad:
        few = ", ".join(map(str, bad[:3])) + (f" and {len(bad) - 3:,} more" if len(bad) > 3 else "")
        warnings.warn(
            f"{len(bad):,} row{'s' if len(bad) > 1 else ''} of {printable(os.fspath(path))} left "
            f"out: {few}; the result's `bad_rows` lists them.",
            SkippedFiles,
            stacklevel=2,
        )
    return table


def read_table(
    path: str | os.PathLike[str],
    edge: int = EDGE,
    label: str | None = None,
    class_names: Sequence[str] | None = None,
    renames: bool = False,
) -> Table:
    """Reads a table as `read_csv` does, without the warning about bad rows.

    Args:
      path: as in `read_csv`.
      edge: as in `read_csv`.
      label: as in `read_csv`.
      class_names: as in `read_csv`.
      renames: whether the user can name the column of labels only in the file itself.

    Raises:
      DataError: as in `read_csv`; `NoLabels` if no column can hold the labels.
    """
    path = os.fspath(checked_path(path, "file"))
    edge = checked_whole(edge, "edge", EDGE)
    if edge < 1:
        raise DataError(f"The edge is {edge}, but it must be 1 pixel or more, such as {EDGE}.")
    if class_names is not None and not (isinstance(class_names, tuple) and not class_names):
        class_names = checked_names(class_names)
    name = printable(path)
    rows: list[bytes] = []
    labels: list[str] = []
    lines: list[int] = []
    bad: list[BadRow] = []
    try:
        with (
            open(path, encoding=_encoding(path), newline="") as file,
            progress(os.fstat(file.fileno()).st_size, "Reading a table") as show,
        ):
            records = _records(file, bad)
            header, records = _header(records, name)
            columns = _columns(header, edge, label, name, renames)
            for line, row in records:
                problem = _problem(row, columns, class_names or ())
                pixels = None if problem else _pixels(row, columns)
                if pixels is None:
                    bad.append(BadRow(line, problem or _bad_pixel(row, columns)))
                    continue
                labels.append(row[columns.label].strip())
                lines.append(line)
                rows.append(pixels)
                if len(rows) % 256 == 0:
                    show(os.lseek(file.fileno(), 0, os.SEEK_CUR))
    except OSError as error:
        raise DataError(
            f"The file {name} cannot be read ({error.strerror}); check its name."
        ) from None
    except UnicodeError:
        raise DataError(
            f"The file {name} is not text in UTF-8, so letters such as ä and ö cannot be read; "
            "save it as CSV UTF-8."
        ) from None
    if bad and not any(max(row, default=0) > 1 for row in rows):
        fraction = next((each for each in bad if _FRACTION.search(each.reason)), None)
        if fraction:
            raise DataError(
                f"The pixels of {name} are fractions ({fraction}), but they must be whole numbers "
                "of 0 to 255; multiply them by 255 and round."
            )
    if class_names is None:
        numbers, class_names = _numbered(labels, name)
    else:
        class_names = tuple(class_names)
        numbers = _numbered_as(labels, class_names, name)
    good = [place for place, number in enumerate(numbers) if number is not None]
    for line, text, number in zip(lines, labels, numbers, strict=True):
        if number is None:
            bad.append(BadRow(line, _bad_label(text)))
    bad.sort()
    if not good:
        first = f" ({bad[0]})" if bad else ""
        raise DataError(
            f"The file {name} has no row with a label and {edge * edge} pixels{first}; "
            "check that it is the right file."
        )
    if columns.is_guess:
        _tell_guess(header[columns.label], labels, name, renames)
    images = np.frombuffer(b"".join([rows[place] for place in good]), np.uint8)
    return Table(
        images.reshape(-1, edge, edge, 1),
        np.array([numbers[place] for place in good], np.int32),
        tuple(bad),
        class_names,
        columns.left_out,
    )


def _tell_guess(column: str, labels: Sequence[str], name: str, renames: bool) -> None:
    """Warns that a column was taken for the labels.

    Raises:
      DataError: if it seems to identify rows instead.
    """
    remedy = 'call it "label" in the first line' if renames else f"pass label={column!r}"
    differ = len(labels) == len(set(labels)) > 1
    if _COUNTS_ROWS.fullmatch(column) or (
        differ and (len(labels) > _MOST_WORDS or all(map(_is_number, labels)))
    ):
        raise NoLabels(
            f"The file {name} has no column with a usual name for labels, and "
            f"{printable(column)} seems to number the rows; if it contains the labels, {remedy}."
        )
    warnings.warn(
        f"The file {name} has no column with a usual name for labels; {printable(column)}, "
        "the only one not named like a pixel, was taken. "
        f"{remedy[0].upper()}{remedy[1:]} if that is right.",
        OddPictures,
        stacklevel=4,
    )


def _encoding(path: str | os.PathLike[str]) -> str:
    """The encoding of a file, from its first bytes.

    Raises:
      DataError: if it is an archive.
    """
    with open(path, "rb") as file:
        head = file.read(4)
    for start, what in _PACKED.items():
        if head.startswith(start):
            if start[:2] == b"PK":
                what = _ZIPPED.get(os.path.splitext(path)[1].lower(), what)
            raise DataError(f"The file {printable(os.fspath(path))} is {what}.")
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _records(file: io.TextIOWrapper, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line on which it starts.

    The first line shows the separator of the columns; a line like `sep=;` names it explicitly.
    """
    first = file.readline()
    named = re.fullmatch(r"sep=([,;\t|])\s*", first)
    separator = named[1] if named else max(SEPARATORS, key=first.count)
    start = 2 if named else 1
    reader = csv.reader(file if named else _with(first, file), delimiter=separator)
    while True:
        line = reader.line_num + start
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(BadRow(line, str(error)))
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _header(
    records: Iterator[tuple[int, list[str]]], name: str
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The names of the columns, and the rows after them.

    Raises:
      DataError: if there are none.
    """
    header = [cell.strip() for cell in next(records, (1, []))[1]]
    if not header:
        raise DataError(f"The file {name} is empty; download it again.")
    counted = [_whole(cell) for cell in header]
    start = next((number for number in counted if number is not None), 0)
    run = [start + place for place in range(len(header) - 1)]
    if counted[0] is not None or (
        len(header) > 2
        and sum(number is not None for number in counted) >= len(header) - 1
        and [number for number in counted if number is not None] != run
    ):
        raise DataError(
            f"The file {name} starts with the number "
            f"{next(cell for cell in header if _whole(cell) is not None)}, but its first line "
            "must be a header such as label,pixel1,pixel2,…; add one."
        )
    return header, records


def _columns(
    header: Sequence[str], edge: int, label: str | None, name: str, renames: bool
) -> Columns:
    """Finds the columns by their names.

    Raises:
      DataError: if it is not clear which one holds the labels, or there are not edge² pixels.
    """
    wanted, is_guess = edge * edge, False
    plain = [squeezed(cell) for cell in header]
    if label is not None:
        if not isinstance(label, str):
            raise DataError(
                f'The label must be the name of a column, such as "class"; got {label!r}.'
            )
        named = [place for place, cell in enumerate(header) if cell == label.strip()]
    else:
        named = [place for place, cell in enumerate(plain) if cell in LABELS]
    others = {
        place for place, cell in enumerate(plain) if cell in _OTHERS or cell.startswith("unnamed")
    }
    nameless = {place for place, cell in enumerate(header) if not cell}
    if not named and label is None:
        odd = [
            place
            for place, cell in enumerate(header)
            if place not in others | nameless and not re.search(r"\d$", cell)
        ]
        named = odd if len(odd) == 1 else []
        is_guess = bool(named)
    if len(named) != 1:
        shown = ", ".join(printable(cell) or '""' for cell in header[:3])
        last = f", …, {printable(header[-1])}" if len(header) > 3 else ""
        which = "no column with a usual name for labels (label, class, target)"
        if named:
            which = "several columns that may contain the labels"
        elif label is not None:
            which = f"no column called {label!r}"
        remedy = 'name the one with the labels, as in label="class"'
        if renames:
            remedy = 'call only the one with the labels "label" in the first line'
        raise (DataError if named else NoLabels)(
            f"The file {name} has {which}. Its columns are {shown}{last}; {remedy}."
        )
    (place,) = named
    pixels = [each for each in range(len(header)) if each != place and each not in others]
    if len(pixels) > wanted:
        pixels = [each for each in pixels if each not in nameless]
    if len(pixels) > wanted:
        pixels = [each for each in pixels if re.search(r"\d$", header[each])]
    if len(pixels) != wanted:
        if place == 0 and not others:  # rows of another length are reported one by one
            return Columns(0, None, 1 + wanted, (), is_guess)
        raise DataError(
            f"The file {name} has {len(header)} columns, and {len(pixels)} of them may be pixels, "
            f"but pictures of {edge}×{edge} have {wanted}; pass their edge, or check that it is "
            "the right file."
        )
    left_out = set(range(len(header))) - {place, *pixels}
    if not left_out and place == 0:
        return Columns(0, None, len(header), (), is_guess)
    names = tuple(header[each] for each in sorted(left_out))
    return Columns(place, tuple(pixels), len(header), names, is_guess)


def _numbered(labels: Sequence[str], name: str) -> tuple[list[int | None], tuple[str, ...]]:
    """The number of each label, None for a bad one, and the class names if the labels are words.

    If one label is a word, all are.
    """
    words = [text for text in labels if not _is_number(text)]
    if not words:
        return [_label(text) for text in labels], ()
    names = sorted(set(labels), key=_natural)
    near: dict[str, list[str]] = {}
    for each in names:
        near.setdefault(folded(each), []).append(each)
    doubts = [
        f"the labels {', '.join(map(_shown, each))} count as different classes; spell those of "
        "one class the same"
        for each in near.values()
        if len(each) > 1
    ]
    if 2 * len(words) <= len(labels):
        some = sorted(set(words))
        more = f" and {len(some) - 3:,} more" if len(some) > 3 else ""
        doubts.append(
            f"most labels are numbers, but {', '.join(map(_shown, some[:3]))}{more} are words, so "
            "every label counts as the name of a class; if they are mistakes, correct them"
        )
    for doubt in doubts:
        warnings.warn(f"In {name}, {doubt}.", OddPictures, stacklevel=4)
    places = {each: place for place, each in enumerate(names)}
    return [places.get(text) for text in labels], tuple(names)


def _numbered_as(labels: Sequence[str], names: tuple[str, ...], name: str) -> list[int | None]:
    """The index of each label in the given names, None for a bad one.

    Raises:
      DataError: if a label is another class.
    """
    if all(map(_is_number, labels)) and not any(map(_is_number, names)):
        numbers = [_label(text) for text in labels]
        known = {str(number): number for number in range(len(names) or LARGEST_LABEL + 1)}
        missing = [n for n in numbers if n is not None and str(n) not in known]
        strange = str(missing[0]) if missing else None
    else:
        known = {each: place for place, each in enumerate(names)}
        keys = [folded(each) for each in names]
        for text in set(labels) - known.keys():
            plain = folded(_WHOLE_DECIMAL.sub("", text) if _is_number(text) else text)
            if keys.count(plain) == 1:
                known[text] = keys.index(plain)
        numbers = [known.get(text) for text in labels]
        strange = next((text for text in labels if text not in known), None)
    if strange is not None:
        shown = ", ".join(map(printable, names[:10])) + (", …" if len(names) > 10 else "")
        raise DataError(
            f"The file {name} has the label {_shown(strange)}, but the classes are "
            f"{shown or 'numbers'}; correct or remove its rows, or add it to class_names."
        )
    return numbers


def _natural(text: str) -> tuple[bool, int, str]:
    """Sorts numbers by value, before words."""
    number = _whole(text)
    return number is None, number or 0, text


def _label(text: str) -> int | None:
    number = _whole(_WHOLE_DECIMAL.sub("", text))
    return number if number is not None and 0 <= number <= LARGEST_LABEL else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pixels(row: list[str], columns: Columns) -> bytes | None:
    """The pixels of a good row; None for a bad row."""
    cells = row[1:] if columns.pixels is None else [row[place] for place in columns.pixels]
    letters = "".join(cells)
    if not letters.isascii() or "_" in letters or "+" in letters:  # `int` accepts more than digits
        return None
    try:
        return bytes(map(int, cells))
    except ValueError:
        pass
    try:  # as a spreadsheet writes whole numbers
        return bytes(int(_WHOLE_DECIMAL.sub("", cell.strip())) for cell in cells)
    except ValueError:
        return None


def _problem(row: list[str], columns: Columns, class_names: Sequence[str]) -> str:
    """What is wrong with a row that has a different length or no label; empty for other rows."""
    if len(row) != columns.width:
        return f"{len(row)} columns instead of {columns.width}"
    label = row[columns.label].strip()
    if label.lower() in _NO_LABEL and label not in class_names:
        return f"no label, but {_shown(label)}" if label else "no label"
    return "" if label.isprintable() else _bad_label(row[columns.label])


def _bad_label(text: str) -> str:
    return f"the label {_shown(text)} is not a whole number of 0 to {LARGEST_LABEL}"


def _bad_pixel(row: list[str], columns: Columns) -> str:
    places = columns.pixels or range(1, columns.width)
    for number, cell in enumerate((row[place] for place in places), 1):
        pixel = _whole(_WHOLE_DECIMAL.sub("", cell.strip()))
        if pixel is None or not 0 <= pixel <= 255:
            return f"pixel {number} is {_shown(cell)}, not a whole number of 0 to 255"
    return "a number in it is written in an unusual way"


def _whole(cell: str) -> int | None:
    cell = cell.strip()
    digits = cell.removeprefix("-")
    return int(cell) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 20 else cell[:20] + "…")


def find_tables(folder: Path, names: Sequence[str] = ()) -> dict[str, Path]:
    """The tables of a set: "train", "test" or both.

    Args:
      folder: the folder of Kaggle's files, such as `sign_mnist_train.csv`, or of their folders.
      names: possible names of the set, if the folder also holds other sets; empty for any name.
    """
    found: dict[str, Path] = {}
    known = [squeezed(name) for name in names]
    inside = [each for each in sorted(folder.iterdir()) if each.is_dir()]
    for path in [*sorted(folder.iterdir()), *(each for place in inside for each in _listed(place))]:
        if path.suffix.lower() != ".csv" or not path.is_file():
            continue
        name = squeezed(path.stem if path.parent == folder else path.parent.name + path.stem)
        for part in ("train", "test"):
            if part in name and (not known or name.removesuffix(part) in known):
                found.setdefault(part, path)
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
