"""Splits a program into cells and reads each alone: a broken one costs only what it defines."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.source.fragment import lines_in_strings, names_bound
from grader.source.ipython import BREAK, Unreadable, Work, parse, shell_call, unfold
from grader.source.submission import Cell

MAX_CELLS = 1000
# The `# %%` of editors, and the line that Jupyter writes above each cell of a saved program.
MARKER = re.compile(r"#[ \t]?%%|# In\[[ \d]*\]:")


@dataclass
class Written:
    """A cell as the student wrote it.

    Attributes:
      lines: its text, line by line.
      places: (cell, line in it) of each line; the cell is 0 in a program.
    """

    lines: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Assembled:
    """Cells, joined into one program.

    Attributes:
      source: plain Python; an unreadable cell becomes empty lines.
      written: the text as the student wrote it, with the same number of lines.
      cells: what each cell covers, and why it is unreadable.
      places: as in `Written`, for all lines.
      notes: (line, what was left out there).
    """

    source: str
    written: str
    cells: tuple[Cell, ...]
    places: tuple[tuple[int, int], ...]
    notes: tuple[tuple[int, str], ...]


def assemble(written: Sequence[Written]) -> Assembled:
    """Unfolds cells into one program, and keeps their lines."""
    work = Work()
    source: list[str] = []
    cells: list[Cell] = []
    notes: list[tuple[int, str]] = []
    for number, cell in enumerate(written):
        before, last = len(source), len(source) + len(cell.lines)
        text = "\n".join(cell.lines)
        try:
            if number >= MAX_CELLS:
                raise Unreadable(f"The grader reads at most {MAX_CELLS} cells, without this one")
            unfolded = unfold(text, work)
            if len(BREAK.split("\n".join(unfolded.lines))) != len(cell.lines):
                raise Unreadable("The grader cannot translate its IPython commands line by line")
        except Unreadable as error:
            source += [""] * len(cell.lines)
            line = before + min(error.line, len(cell.lines))
            names = frozenset(names_bound(text))
            cells.append(Cell(before + 1, last, f"{error}.", line, names))
            continue
        source += unfolded.lines
        notes += [(before + line, note) for line, note in unfolded.notes]
        cells.append(Cell(before + 1, last))
    return Assembled(
        "\n".join(source),
        "\n".join(line for cell in written for line in cell.lines),
        tuple(cells),
        tuple(place for cell in written for place in cell.places),
        tuple(notes),
    )


def cells_of_program(text: str) -> list[Written]:
    """Splits a program at its markers between statements, or at all if Python cannot read it."""
    try:
        tree: ast.Module | None = parse(text)
    except Unreadable:
        tree = None
    # If Python cannot read all of it, at least ignore markers in strings.
    inside = set() if tree else lines_in_strings(text)
    for statement in tree.body if tree else ():
        first = [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
        inside.update(range(min(first) + 1, (statement.end_lineno or 0) + 1))
    cells = [Written()]
    for number, line in enumerate(text.split("\n"), start=1):
        body = None if number in inside else _saved_cell(line)
        if body is not None or (number not in inside and MARKER.match(line)):
            if cells[-1].lines and (tree is None or len(cells) < MAX_CELLS):
                cells.append(Written())
        for part in [line] if body is None else body:
            cells[-1].lines.append(part)
            cells[-1].places.append((0, number))
        if body is not None:
            cells.append(Written())
    return [cell for cell in cells if cell.lines]


def _saved_cell(line: str) -> list[str] | None:
    """Returns the lines of a cell magic that Jupyter saved as one call; None for other lines."""
    if not line.startswith("get_ipython().run_cell_magic("):
        return None
    try:
        statements = parse(line).body
    except Unreadable:
        return None
    call = shell_call(statements[0].value) if isinstance(statements[0], ast.Expr) else None
    if len(statements) != 1 or call is None or len(call[1]) != 3:
        return None
    name, said, body = call[1]
    if BREAK.search(name + said) or "\r" in body:
        return None
    return [f"%%{name} {said}".rstrip(), *body.removesuffix("\n").split("\n")]
