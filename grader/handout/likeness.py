"""Measures how much of each task's solution is in the hand-out, counted in statements.

Solution and hand-out become rows of forms, one for each statement: its syntax tree with all names
erased, so that `return x + 1`, `y = x + 1` and `x + 1` are the same. A loop or a condition is
its first line, and its body follows in the row. The measure is the longest run of forms that both
rows have. A body of one statement is also searched for inside larger expressions.

The hand-out's programs count, the code in their texts, and the code in the pages. `lib`, which
students should read, does not count, nor does the last hint of a task, which is nearly the answer.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.rubric import read_rubric
from grader.source.program import Definition, Function, body_of

LONGEST = 3
"""A run of up to 3 statements is not an answer, unless it is more than half of the solution."""

SAYS_SOMETHING = 8
"""Runs of fewer tree nodes, such as `self.rate = rate` or `return max(x, 0)`, appear in any
program on the topic and do not count."""

EXCEPTIONS = "handed_out.toml"
"""It is in the folder of the solutions, so that it is not handed out itself."""

ERASED = ("ctx", "name", "annotation", "returns")
SIGNS = (ast.operator, ast.cmpop, ast.unaryop, ast.boolop)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
PIECE = re.compile(r"```\w*|`|: |; |\. ")
FENCED = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


Expressions = dict[str, int]


@dataclass(frozen=True)
class Statement:
    """A statement without its names.

    Attributes:
      form: its tree as text; for a `return` or an assignment, the tree of its value.
      nodes: how many nodes the tree has.
      line: where it begins.
    """

    form: str
    nodes: int
    line: int


@dataclass(frozen=True)
class Likeness:
    """The function of a task that has most in common with the hand-out.

    Attributes:
      week: "week3".
      task: the task's name.
      function: the function's or method's name.
      statements: how many its body has.
      run: how many of them are in the hand-out, one after the other.
      place: file and lines there; "" if there are none.
    """

    week: str
    task: str
    function: str
    statements: int
    run: int
    place: str

    @property
    def key(self) -> tuple[str, str]:
        """Week and task."""
        return self.week, self.task

    @property
    def most(self) -> int:
        """The longest run that is allowed."""
        return min(LONGEST, self.statements // 2)

    @property
    def is_too_much(self) -> bool:
        """Whether the run is longer than allowed."""
        return self.run > self.most

    def __str__(self) -> str:
        """One line."""
        said = f"{self.week} {self.task}: {self.run} of {self.statements} statements of "
        said += f"{self.function} are handed out ({self.most} allowed)"
        return f"{said}: {self.place}" if self.place else said


class Handed:
    """The hand-out as rows of statements that can be searched."""

    def __init__(self, folder: Path) -> None:
        """Reads all programs and pages of a hand-out.

        Args:
          folder: the folder that `write_course` wrote.
        """
        self._rows: list[tuple[str, list[Statement]]] = []
        self._at: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._inside: dict[str, tuple[str, int]] = {}  # file and line of each expression
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if "lib" not in path.relative_to(folder).parts[:2]:
                self._add_program(name, ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(folder.rglob("*.md")):
            name, text = path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
            for block in FENCED.finditer(text):
                self._add_text(name, block[1], text[: block.start(1)].count("\n") + 1)
            for number, line in enumerate(text.split("\n"), 1):
                self._add_text(name, line, number)

    def _add_program(self, name: str, tree: ast.Module) -> None:
        last_hints = {
            id(node.value.elts[-1])
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "hints"
            if isinstance(node.value, ast.Tuple) and node.value.elts
        }
        self._add(name, tree.body)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) not in last_hints:
                    self._add_text(name, node.value, node.lineno)

    def _add_text(self, name: str, text: str, line: int) -> None:
        """Adds the code in a text: all of the text, or pieces of its sentences."""
        for piece in {text, *PIECE.split(text)}:
            if "(" not in piece and "=" not in piece:
                continue
            try:
                tree = ast.parse(textwrap.dedent(piece).strip().rstrip("."))
            except (SyntaxError, ValueError):
                continue
            ast.increment_lineno(tree, line - 1)
            self._add(name, tree.body)

    def _add(self, name: str, body: Iterable[ast.stmt]) -> None:
        row: list[Statement] = []
        inside: Expressions = {}
        for statement in statements_of(body, inside):
            self._at[statement.form].append((len(self._rows), len(row)))
            row.append(statement)
        self._rows.append((name, row))
        for form, line in inside.items():
            self._inside.setdefault(form, (name, line))

    def longest(self, solution: list[Statement]) -> tuple[int, str]:
        """Finds the longest run of statements that is handed out.

        Args:
          solution: the statements of a body.

        Returns:
          Its length, and its place: "grader/checks/week3.py, lines 149–150".
        """
        best, where = 0, ""
        before: dict[tuple[int, int], tuple[int, int]] = {}
        for statement in solution:
            now = {}
            for row, place in self._at.get(statement.form, ()):
                length, nodes = before.get((row, place - 1), (0, 0))
                length, nodes = now[row, place] = (length + 1, nodes + statement.nodes)
                if nodes >= SAYS_SOMETHING and length > best:
                    name, there = self._rows[row]
                    first, last = there[place - length + 1].line, there[place].line
                    best, where = length, _lines(name, first, last)
            before = now
        if not best and len(solution) == 1 and solution[0].nodes >= SAYS_SOMETHING:
            if (found := self._inside.get(solution[0].form)) is not None:
                return 1, _lines(found[0], found[1], found[1])
        return best, where


def _lines(name: str, first: int, last: int) -> str:
    return f"{name}, line {first}" if first == last else f"{name}, lines {first}–{last}"


def statements_of(
    body: Iterable[ast.AST], inside: Expressions | None = None
) -> Iterator[Statement]:
    """Yields the statements of a body and of its blocks in order, without docstrings.

    Args:
      body: the body.
      inside: collects the line of each expression by its form.
    """
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.stmt):
            yield Statement(*_form(node, inside), node.lineno)
        for block in BLOCKS:
            if isinstance(inner := getattr(node, block, None), list):
                yield from statements_of(inner, inside)


def _form(node: ast.AST, inside: Expressions | None) -> tuple[str, int]:
    """Returns a tree as text without names, for a statement its first line, and its node count.

    Arguments of `inside` as for `statements_of`.
    """
    if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign | ast.Expr) and node.value:
        return _form(node.value, inside)
    if isinstance(node, ast.AugAssign):
        changed = ast.BinOp(node.target, node.op, node.value)
        return _form(ast.copy_location(changed, node), inside)
    if isinstance(node, ast.Name | ast.arg):
        return "_", 1
    if isinstance(node, ast.Constant):
        return repr(node.value), 1
    skipped = ERASED
    if isinstance(node, ast.stmt):
        skipped = (*ERASED, *BLOCKS)
    elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self":
        skipped = (*ERASED, "attr")
    parts, nodes = [type(node).__name__], 1
    for field, value in ast.iter_fields(node):
        if field in skipped:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, SIGNS):
                parts.append(type(each).__name__)
            elif isinstance(each, ast.AST):
                form, count = _form(each, inside)
                parts.append(form)
                nodes += count
            elif each is not None:
                parts.append(str(each))
    form = f"({' '.join(parts)})"
    if inside is not None and isinstance(node, ast.expr) and nodes >= SAYS_SOMETHING:
        inside.setdefault(form, node.lineno)
    return form, nodes


def likeness(made: Path, course: Course) -> list[Likeness]:
    """Measures how much of each task's solution is in a hand-out.

    Args:
      made: the hand-out, or a folder that contains it.
      course: the complete course.

    Returns:
      One measure per task, in order: the one of its function with most in common.
    """
    handed = Handed(made)
    found = []
    for week in course.weeks():
        tree = ast.parse((course.solutions / f"{week}.py").read_text(encoding="utf-8"))
        known = {node.name: node for node in tree.body if isinstance(node, Definition)}
        for task in read_rubric(course.checks / f"{week}.py"):
            measured = []
            for function in _functions(task.functions, known):
                solution = list(statements_of(body_of(function)))
                run, place = handed.longest(solution)
                measured.append(Likeness(week, task.name, function.name, len(solution), run, place))
            found.append(max(measured, key=lambda each: (each.is_too_much, each.run)))
    return found


def _functions(names: Iterable[str], known: dict[str, Definition]) -> Iterator[Function]:
    """Yields a task's functions and methods, and the private helpers that they use."""
    todo, seen = list(names), set[str]()
    while todo:
        if (name := todo.pop()) in seen or name not in known:
            continue
        seen.add(name)
        for node in ast.walk(known[name]):
            if isinstance(node, Function) and body_of(node):
                if node is known[name] or isinstance(known[name], ast.ClassDef):
                    yield node
            elif isinstance(node, ast.Name) and node.id.startswith("_"):
                todo.append(node.id)


def exceptions(course: Course) -> dict[tuple[str, str], str]:
    """Reads which tasks may have more in common with the hand-out than the limit.

    Returns:
      The reason by week and task, from solutions/handed_out.toml.

    Raises:
      ValueError: if the file is not a table of reasons; the text says what to write.
    """
    path = course.solutions / EXCEPTIONS
    if not path.is_file():
        return {}
    found = {}
    for week, reasons in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for task, reason in reasons.items() if isinstance(reasons, dict) else [("", None)]:
            if not isinstance(reason, str) or not reason.strip():
                raise ValueError(f'{week}.{task}: a reason must be a text: [{week}] {task} = "…"')
            found[week, task] = reason
    return found
