"""Mutants of a solution: each is the solution with one small change that makes it another program.

If a check passes a mutant, it does not notice the change, or the mutant is equivalent. The kinds of
changes are: a different operator, comparison or condition; the opposite function; a constant one
more or one less; a keyword dropped; `None` returned, or the parts in another order; two arguments
swapped; a slice or a range that begins or ends one off.
"""

from __future__ import annotations

import ast
import difflib
import random
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

OPERATORS = {
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")},
    **{ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "//"), ast.Pow: ("**", "*")},
    **{ast.MatMult: ("@", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&")},
}
COMPARISONS = {
    **{ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"), ast.Gt: (">", ">=", "<=")},
    **{ast.GtE: (">=", ">", "<"), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "==")},
    **{ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is")},
    **{ast.In: ("in", "not in"), ast.NotIn: ("not in", "in")},
}
UNARY = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
CONDITIONS = {ast.And: ("and", "or"), ast.Or: ("or", "and")}
OPPOSITES = {
    **{"mean": "sum", "sum": "mean", "max": "min", "min": "max", "any": "all", "all": "any"},
    **{"argmax": "argmin", "argmin": "argmax", "maximum": "minimum", "minimum": "maximum"},
    **{"zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like"},
    **{"floor": "ceil", "ceil": "floor", "sin": "cos", "cos": "sin", "exp": "log", "log": "exp"},
}
# Left alone: here a change makes no difference, or the stub already has this code.
LEFT_ALONE = (ast.arguments, ast.Raise, ast.Assert, ast.JoinedStr)

Edit = tuple[str, int, int, str]  # kind, first byte, the byte after the last, the new text


@dataclass(frozen=True)
class Mutant:
    """A solution with one change.

    Attributes:
      line: number of the first changed line.
      kind: "operator", "comparison", "condition", "function", "constant", "keyword", "return",
        "arguments" or "slice".
      change: the solution's lines and the new lines, without the indent.
      source: the entire program.
    """

    line: int
    kind: str
    change: tuple[str, str]
    source: str

    def diff(self) -> list[str]:
        """The changed lines, as a unified diff shows them."""
        was, becomes = (text.split("\n") if text else [] for text in self.change)
        return [f"- {line}" for line in was] + [f"+ {line}" for line in becomes]


def all_mutants(solution: str, names: Collection[str]) -> list[Mutant]:
    """Makes every mutant of some functions and classes at the top level of a solution.

    Args:
      solution: its source.
      names: of the functions and classes.

    Returns:
      The mutants in the order of the changed places; no two have the same syntax tree.
    """
    text = Text(solution)
    found = []
    for node in ast.parse(solution).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
            first, last = text.span(node)
            seen = {_tree(text.data[first:last])}
            for kind, begin, end, put in sorted(text.edits(node), key=lambda edit: edit[1:3]):
                piece = text.data[first:begin] + put.encode() + text.data[end:last]
                tree = _tree(piece)
                if tree is not None and tree not in seen:
                    seen.add(tree)
                    source = text.data[:first] + piece + text.data[last:]
                    found.append(_mutant(solution, source.decode(), kind))
    return found


def choose(mutants: list[Mutant], count: int, seed: str) -> list[Mutant]:
    """Draws mutants of each kind in turn, so that no kind fills the list.

    Args:
      mutants: all of them.
      count: how many to draw at most.
      seed: the same seed draws the same mutants.

    Returns:
      The drawn mutants, in the order of `mutants`.
    """
    rng = random.Random(seed)
    kinds: dict[str, list[int]] = {}
    for place, mutant in enumerate(mutants):
        kinds.setdefault(mutant.kind, []).append(place)
    for places in kinds.values():
        rng.shuffle(places)
    drawn: list[int] = []
    while len(drawn) < count and any(kinds.values()):
        drawn += [places.pop() for places in kinds.values() if places]
    return [mutants[place] for place in sorted(drawn[:count])]


def _tree(piece: bytes) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # None(), 1 is 2 …: these fail when run
        try:
            return ast.dump(ast.parse(piece))
        except (SyntaxError, ValueError):
            return None


def _mutant(solution: str, source: str, kind: str) -> Mutant:
    old, new = solution.split("\n"), source.split("\n")
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    was, becomes = old[first[1] : last[2]], new[first[3] : last[4]]
    return Mutant(first[1] + 1, kind, (_joined(was), _joined(becomes)), source)


def _joined(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines)


class Text:
    """A program with the places of its syntax tree.

    Attributes:
      data: the program in UTF-8; a syntax tree's columns count its bytes.
    """

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self._starts = [0]
        for line in self.data.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The first byte of a node, and the one after its last."""
        assert isinstance(node, ast.expr | ast.stmt | ast.keyword)
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def edits(self, node: ast.AST) -> Iterator[Edit]:
        """Yields every change of a node and of its children; some do not give a valid program."""
        if isinstance(node, LEFT_ALONE):
            return
        yield from self._own(node)
        for child in _children(node):
            yield from self.edits(child)

    def _own(self, node: ast.AST) -> Iterator[Edit]:
        if isinstance(node, ast.BinOp):
            yield from self._between(OPERATORS, "operator", node.op, node.left, node.right)
        elif isinstance(node, ast.AugAssign):
            yield from self._between(OPERATORS, "operator", node.op, node.target, node.value)
        elif isinstance(node, ast.Compare):
            for op, (left, right) in zip(
                node.ops, pairwise([node.left, *node.comparators]), strict=True
            ):
                yield from self._between(COMPARISONS, "comparison", op, left, right)
        elif isinstance(node, ast.BoolOp):
            for left, right in pairwise(node.values):
                yield from self._between(CONDITIONS, "condition", node.op, left, right)
        elif isinstance(node, ast.UnaryOp):
            begin, spelt = self.span(node)[0], UNARY[type(node.op)]
            kind = "condition" if spelt == "not" else "operator"
            yield kind, begin, begin + len(spelt), ""
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            end = self.span(node)[1]
            if name in OPPOSITES:
                yield "function", end - len(name), end, OPPOSITES[name]
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.Call):
            yield from self._keywords(node)
            yield from self._swaps("arguments", node.args)
            if isinstance(node.func, ast.Name) and node.func.id == "range":
                yield from self._one_off(node.args[-1] if node.args else None)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield "return", *self.span(node.value), "None"
            if isinstance(node.value, ast.Tuple):
                yield from self._swaps("return", node.value.elts)
        elif isinstance(node, ast.Slice):
            yield from self._slice(node)

    def _between(
        self, others: dict, kind: str, op: ast.AST, left: ast.AST, right: ast.AST
    ) -> Iterator[Edit]:
        spelt, *rest = others.get(type(op), ("",))
        end, start = self.span(left)[1], self.span(right)[0]
        place = self.data.find(spelt.encode(), end, start)
        for other in rest if place >= 0 else ():
            yield kind, place, place + len(spelt), other

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        value = node.value
        if isinstance(value, bool):
            yield "constant", *self.span(node), str(not value)
        elif isinstance(value, int | float):
            for other in (value + 1, value - 1):
                yield "constant", *self.span(node), repr(other)

    def _keywords(self, call: ast.Call) -> Iterator[Edit]:
        given = sorted(self.span(each) for each in [*call.args, *call.keywords])
        for begin, end in map(self.span, call.keywords):
            place = given.index((begin, end))
            if place > 0:
                comma = self.data.find(b",", given[place - 1][1], begin)
                yield "keyword", comma, end, ""
            else:
                yield "keyword", begin, given[1][0] if given[1:] else end, ""

    def _swaps(self, kind: str, nodes: list[ast.expr]) -> Iterator[Edit]:
        for one, other in pairwise(nodes):
            if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
                (begin, first), (second, end) = self.span(one), self.span(other)
                parts = (self.data[second:end], self.data[first:second], self.data[begin:first])
                yield kind, begin, end, b"".join(parts).decode()

    def _slice(self, node: ast.Slice) -> Iterator[Edit]:
        begin, _ = self.span(node)
        if node.lower is None:
            yield "slice", begin, begin, "1"
        else:
            yield from self._one_off(node.lower)
        if node.upper is None:
            colon = self.data.find(b":", self.span(node.lower)[1] if node.lower else begin)
            yield "slice", colon + 1, colon + 1, "-1"
        else:
            yield from self._one_off(node.upper)

    def _one_off(self, bound: ast.expr | None) -> Iterator[Edit]:
        if bound is not None and not isinstance(bound, ast.Constant | ast.Starred):
            _, end = self.span(bound)
            for by in (" + 1", " - 1"):
                yield "slice", end, end, by


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node that may change: no annotation, decorator or docstring."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from node.body[1:] if ast.get_docstring(node) is not None else node.body
    elif isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    else:
        yield from ast.iter_child_nodes(node)
