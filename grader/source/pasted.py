"""Measures how much data the text of a training run contains: pasted parameters, tables, images.

It is a speed bump: numbers can be packed more tightly than text shows. It stops a network of the
course's size, in any form in which it is still a network.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.source.program import Definition, Program, body_of
from grader.source.scopes import outer_names

MOST_LITERALS = 16 * 1024
"""Bytes of numbers, strings and byte strings that a training run may hold. An honest one has a few
hundred. It is half a bit for each parameter of the course's smallest network."""

MOST_TEXT = 64 * 1024
"""Bytes of all the text that a training run uses: names and docstrings can spell numbers, too."""


@dataclass(frozen=True)
class Pasted:
    """More text than a training run needs.

    Attributes:
      what: what there is too much of.
      size: its size in bytes.
      most: how many bytes are allowed.
      line: where its longest piece begins.
    """

    what: str
    size: int
    most: int
    line: int


def pasted(program: Program, functions: tuple[str, ...]) -> Pasted | None:
    """Looks for parameters or images in the text of a training run.

    Args:
      program: the student's.
      functions: names of the functions where training begins.

    Returns:
      None if literals and text are as short as in honest training.
    """
    source = program.submission.source.encode("utf-8", "surrogatepass")
    if len(source) <= MOST_LITERALS:
        return None
    nodes = [*program.reachable(functions), *_handed_over(program, functions)]
    lines = source.split(b"\n")
    return _more_than(MOST_LITERALS, "numbers and strings", _literals(nodes, lines)) or _more_than(
        MOST_TEXT, "text", [(_size(node, lines), node.lineno) for node in _outermost(nodes)]
    )


def _more_than(most: int, what: str, sizes: list[tuple[int, int]]) -> Pasted | None:
    size = sum(size for size, _ in sizes)
    return Pasted(what, size, most, max(sizes)[1]) if size > most else None


def _literals(nodes: Iterable[ast.AST], lines: list[bytes]) -> list[tuple[int, int]]:
    """Returns size and line of each literal that is not a docstring."""
    done: set[int] = set()
    sizes = []
    for node in (part for top in nodes for part in ast.walk(top)):  # an outer node comes first
        if isinstance(node, Definition) and len(body_of(node)) < len(node.body):
            done.update(map(id, ast.walk(node.body[0])))
        elif isinstance(node, ast.JoinedStr):
            for piece in node.values:  # before Python 3.12, a piece has no position
                if isinstance(piece, ast.Constant) and id(piece) not in done:
                    done.add(id(piece))
                    sizes.append((len(str(piece.value).encode("utf-8", "replace")), node.lineno))
        elif isinstance(node, ast.Constant) and id(node) not in done:
            done.add(id(node))
            sizes.append((_size(node, lines), node.lineno))
    return sizes


def _handed_over(program: Program, functions: tuple[str, ...]) -> Iterator[ast.AST]:
    """Yields statements such as `keep(box, "…")`, which may change what the functions use."""
    own = program.definitions.keys() | program.assigned.keys()
    names = program.reached_names(functions) & own
    for statement in program.other:
        if isinstance(statement, ast.Expr) and outer_names(statement) & names:
            yield statement


def _outermost(nodes: list[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    """Yields the nodes that are not part of another one."""
    inner = {id(part) for node in nodes for part in ast.walk(node) if part is not node}
    for node in nodes:
        if isinstance(node, ast.expr | ast.stmt) and id(node) not in inner:
            yield node


def _size(node: ast.expr | ast.stmt, lines: list[bytes]) -> int:
    """Returns how many bytes of the text a node takes."""
    last, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    if last == node.lineno:
        return end - node.col_offset
    whole = sum(len(line) + 1 for line in lines[node.lineno - 1 : last - 1])
    return whole - node.col_offset + end
