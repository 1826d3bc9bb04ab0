"""Turns IPython's syntax into plain Python, line for line.

It runs nothing. IPython's own transformer finds the magics, shell lines and questions. Those with
Python inside keep the Python, the others become comments. `get_ipython()` replaces the value of a
magic.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 200  # levels of a syntax tree: a deeply nested loop has 40
MAX_NESTED = 5  # cell magics inside each other
MAX_CALLS = 50  # of IPython, in one line
# How many characters of a file IPython may read: it reads a cell again for each of its magics.
# A line costs as much as 30 characters, a long one its square, and 2 million take a second.
WORK, LINE = 2_000_000, 30

# Magics whose text is Python that binds names like the cell itself, or is evaluated.
RUN = ("time", "prun", "memit", "mprun", "lprun", "snakeviz", "scalene", "pyinstrument", "heat")
EVALUATED = ("timeit",)  # the text of the line runs in a separate function
PYTHON_CELLS = (*RUN, *EVALUATED, "capture", "debug", "memray_flamegraph", "wandb")
# Magics with text in another language, or Python for another process.
OTHER_CELLS = (
    *("!", "!!", "sx", "system", "bash", "sh", "cmd", "script", "shell", "powershell"),
    *("python", "python2", "python3", "pypy", "perl", "ruby", "R", "julia", "octave", "cython"),
    *("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "sql", "bigquery"),
    *("writefile", "file"),
)
QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "pinfo", "pinfo2")
# Words that begin a magic without its % if the cell has nothing else.
AUTOMAGIC = (*RUN, *EVALUATED, *QUIET, "pip", "conda", "cd", "ls", "cat", "env", "run", "load")

# The letters of options that take a value, as in `%timeit -n 10 -o`.
VALUED = {"timeit": "nrpv", "prun": "DlsT", "memit": "rtiI", "mprun": "fT", "lprun": "fmTsuD"}
CELL_MAGIC = re.compile(r"%%(?!\w+\?)")
BREAK = re.compile(r"[\n\r]")
SPECIAL = re.compile(r"^\s*(?:[%!?/,;]|>>>|In \[)|\?\s*(?:;\s*)?$|=\s*[%!]")


class Unreadable(Exception):
    """A cell is not a program; the text says why.

    Attributes:
      line: the line of the cell, from 1.
    """

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


@dataclass
class Unfolded:
    """A cell as plain Python.

    Attributes:
      lines: as many lines as the cell has.
      notes: (line of the cell, what was left out there).
    """

    lines: list[str]
    notes: list[tuple[int, str]] = field(default_factory=list)


class Work:
    """How much IPython may still read of a file."""

    def __init__(self, left: int = WORK) -> None:
        self.left = left

    def spend(self, characters: int) -> None:
        """Spends a number of characters.

        Raises:
          Unreadable: if fewer are left.
        """
        if characters > self.left:
            raise Unreadable("It has more IPython commands than the grader translates in one file")
        self.left -= characters


def parse(text: str) -> ast.Module:
    """Parses a program.

    Raises:
      Unreadable: with Python's own words and the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a string does not matter here
            tree = ast.parse(text)
        if _depth(tree) <= MAX_DEPTH:
            return tree
    except SyntaxError as error:
        raise Unreadable(
            f"Python cannot read this line: {error.msg}", max(1, error.lineno or 1)
        ) from None
    except UnicodeError:
        raise Unreadable("It contains half a character, which is not text") from None
    except (RecursionError, MemoryError, ValueError):
        pass
    raise Unreadable("It is nested too deeply for a program, or contains zero bytes")


def _depth(tree: ast.AST) -> int:
    """Returns how deep a tree is, without recursion."""
    depth, level = 0, [tree]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def unfold(text: str, work: Work, value: str = "get_ipython()", nested: int = 0) -> Unfolded:
    """Turns a cell into plain Python.

    Args:
      text: the cell's text, with "\\n" line ends.
      work: how much IPython may read.
      value: the expression that replaces what a magic returns.
      nested: how many cell magics are above it.

    Raises:
      Unreadable: if it is not a program, with or without IPython's syntax.
    """
    lines = text.split("\n")
    try:
        tree = parse(text)
    except Unreadable as error:
        said = [line.split(" ")[0] for line in lines if line.strip()]
        if len(said) == 1 and said[0] in AUTOMAGIC:
            text = "\n".join(f"%{line}" if line.strip() else line for line in lines)
            lines = text.split("\n")
        plain = _transform(lines, work, error)
        head = next((number for number, line in enumerate(plain) if line.strip()), 0)
        if CELL_MAGIC.match(plain[head]):
            return _cell_magic(plain, head, work, value, nested)
        tree = parse("\n".join(plain))
    else:
        plain = lines
    if "get_ipython" not in text and plain is lines:
        return Unfolded(lines)
    return _without_calls(plain, lines, tree, value)


def _transform(lines: list[str], work: Work, error: Unreadable) -> list[str]:
    """Returns a cell's lines after IPython's transformer, in the same number."""
    special = sum(1 for line in lines if SPECIAL.search(line))
    first = next((line for line in lines if line.strip()), "")
    if not special and not first[:1].isspace():
        raise error
    head = next((number for number, line in enumerate(lines) if line.strip()), 0)
    is_cell = CELL_MAGIC.match(first.lstrip()) is not None
    cost = sum(LINE + len(line) + len(line) ** 2 // 50 for line in lines)
    work.spend(cost * (1 if is_cell else special + 1))
    from IPython.core.inputtransformer2 import TransformerManager

    manager = TransformerManager()
    try:
        rest = [line + "\n" for line in lines[head:]]
        for transform in manager.cleanup_transforms:
            rest = transform(rest)
        rest = [line + "\n" for line in "".join(rest).split("\n")[:-1]]
        if not CELL_MAGIC.match(rest[0]):
            rest = _line_magics(manager, rest, special)
    except Exception:  # whatever IPython raises, the cell is still unreadable
        raise error from None
    result = lines[:head] + [line.removesuffix("\n") for line in rest]
    if len(result) != len(lines):
        raise error
    return result


def _line_magics(manager: object, lines: list[str], most: int) -> list[str]:
    """Unfolds magics one by one; comments replace the lines that a long one loses."""
    for _ in range(2 * most + 2):
        changed, found = manager.do_one_token_transform(lines)  # pyright: ignore
        if not changed:
            break
        lost = len(lines) - len(found)
        at = next(
            (place for place, pair in enumerate(zip(lines, found)) if pair[0] != pair[1]),  # noqa: B905
            len(found) - 1,
        )
        found[at + 1 : at + 1] = [f"# {line}" for line in lines[at + 1 : at + 1 + lost]]
        lines = found
    return lines


def _cell_magic(lines: list[str], head: int, work: Work, value: str, nested: int) -> Unfolded:
    """Unfolds a cell that begins with %%: Python stays, another language becomes comments."""
    name, _, said = lines[head][2:].rstrip().partition(" ")
    comment = f"# {lines[head]}"
    if name in OTHER_CELLS or not name:
        plain = [f"# {line}" for line in lines[head:]]
        return Unfolded(lines[:head] + plain, [(head + 1, f"{lines[head][:60]} is left out")])
    if name not in PYTHON_CELLS or nested == MAX_NESTED:
        raise Unreadable(f"The grader does not know this magic: %%{name[:40]}", head + 1)
    code = _code(name, said)
    if name == "capture":
        output = next((word for word in said.split() if word.isidentifier()), "")
        code = f"{output} = {value}" if output else ""
    if code and _is_program(code):
        comment = f"{code}  {comment}"
    try:
        body = unfold("\n".join(lines[head + 1 :]), work, value, nested + 1)
    except Unreadable as error:
        raise Unreadable(str(error), head + 1 + error.line) from None
    if name in EVALUATED:
        comment, body = f"# {lines[head]}", Unfolded(_definitions(body.lines), body.notes)
    notes = [(head + 1 + line, text) for line, text in body.notes]
    return Unfolded([*lines[:head], comment, *body.lines][: len(lines)], notes)


def _definitions(lines: list[str]) -> list[str]:
    """Comments out all but functions and classes: IPython runs the rest where it binds no name.

    It keeps definitions, because the author expects to use them.
    """
    kept: set[int] = set()
    for node in parse("\n".join(lines)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            kept.update(range(first, (node.end_lineno or first) + 1))
    return [
        line if number in kept or not line.strip() else f"# {line}"
        for number, line in enumerate(lines, start=1)
    ]


def _code(name: str, said: str) -> str:
    """Returns what a magic's line says after its options."""
    option = rf"\s*-(?:-\S+|[{VALUED.get(name, '-')}]\s*\S+|[a-zA-Z]+)(?=\s|$)"
    if name == "time":
        option = r"\s*--\S+(?=\s|$)"  # it has no short ones: `%time -x` is a number
    pattern, at = re.compile(option), 0
    while match := pattern.match(said, at):
        at = match.end()
    return said[at:].strip()


def _is_program(code: str) -> bool:
    try:
        parse(code)
    except Unreadable:
        return False
    return True


def _is_expression(code: str) -> bool:
    try:
        tree = parse(code)
    except Unreadable:
        return False
    return len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def shell_call(node: ast.AST) -> tuple[str, list[str]] | None:
    """Returns the method and the texts of `get_ipython().method("text", …)`, or None."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    shell = node.func.value
    if not (isinstance(shell, ast.Call) and isinstance(shell.func, ast.Name)):
        return None
    if shell.func.id != "get_ipython" or shell.args or node.keywords:
        return None
    texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    if len(texts) != len(node.args) or not all(isinstance(text, str) for text in texts):
        return None
    return node.func.attr, [str(text) for text in texts]


def _calls(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.expr, str, list[str]]]:
    """Yields the statements that are or assign an IPython call, the last first."""
    found = []
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and statement.value:
            call = shell_call(statement.value)
            if call and statement.lineno == statement.end_lineno:
                found.append((statement, statement.value, *call))
    yield from sorted(found, key=lambda each: (each[0].lineno, each[0].col_offset), reverse=True)


def _without_calls(lines: list[str], written: list[str], tree: ast.Module, value: str) -> Unfolded:
    """Replaces each call of IPython with the Python in it, a comment, or `value`."""
    result, notes = list(lines), []
    calls = Counter[int]()
    for statement, call, method, texts in _calls(tree):
        at = statement.lineno - 1
        calls[at] += 1
        if calls[at] > MAX_CALLS:
            raise Unreadable("It has more IPython commands on a line than the grader reads", at + 1)
        raw = result[at].encode()
        before = raw[: call.col_offset].decode()
        after = raw[call.end_col_offset :].decode()
        name, said = (*texts, "", "")[:2] if method == "run_line_magic" else ("", "")
        # Text of several lines would move the lines below it.
        name, code = ("", "") if BREAK.search(said) else (name, _code(name, said))
        comment = "" if after.strip() else f"  # {written[at].strip()}"
        if isinstance(statement, ast.Expr):
            kept = _is_expression(code) if name in EVALUATED else name in RUN and _is_program(code)
            if name == "pylab":
                code, kept = "import matplotlib.pyplot as plt, numpy as np", True
            if not kept and name not in QUIET:
                notes.append((at + 1, f"{written[at].strip()[:60]} is left out"))
            if kept and code:
                # A comment inside the magic would hide what follows.
                result[at] = f"{before}{code}{after}{comment}"
            elif before or after.strip():
                result[at] = f"{before}pass{after}{comment}"
            else:
                result[at] = comment.lstrip()
        elif name == "time" and _is_expression(code):
            result[at] = f"{before}{code}{after}{comment}"
        else:
            result[at] = f"{before}{value}{after}{comment}"
            if name not in EVALUATED:
                notes.append((at + 1, f"{written[at].strip()[:60]} has no value here"))
    parse("\n".join(result))
    return Unfolded(result, sorted(notes))
