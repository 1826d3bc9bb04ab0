"""Looks for pieces of libraries that are a task's own answer."""

from __future__ import annotations

import ast
import fnmatch
import functools
import re
from dataclasses import dataclass

from grader.source.program import Program


@dataclass(frozen=True)
class Use:
    """A place where a forbidden piece is used.

    Attributes:
      name: the piece's full name, or what reaches names that the text does not tell.
      line: of the student's file.
      by_name: True if it is the latter: an import by name, a name that is computed.
    """

    name: str
    line: int
    by_name: bool = False


def forbidden_use(
    program: Program, functions: tuple[str, ...], patterns: tuple[str, ...]
) -> Use | None:
    """Looks for forbidden pieces in functions and in what they call in this file.

    Args:
      program: the student's.
      functions: names where to begin.
      patterns: full names with wildcards.

    Returns:
      The first use, or None.
    """
    if not patterns:
        return None
    nodes = program.reachable(functions)
    wanted = re.compile("|".join(map(fnmatch.translate, patterns)))
    fits = functools.cache(lambda full: _matches(full, patterns, wanted))
    found = None
    for node in nodes:
        for part in ast.walk(node):
            line = getattr(part, "lineno", 1)
            for full in program.full_names(part):
                if fits(full):
                    return Use(full, line)
            by_name = _by_name(program, part)
            if by_name and found is None:
                found = Use(by_name, line, by_name=True)
    return found


def _matches(full: str, patterns: tuple[str, ...], wanted: re.Pattern[str]) -> bool:
    """True if a full name is a piece, also when reached by the module that defines it."""
    if wanted.match(full):
        return True
    parts = full.split(".")
    public = ".".join(part for part in parts if not part.startswith("_"))
    if wanted.match(public):
        return True  # scipy.signal._tools.convolve, jax._src.scipy.signal.convolve
    # lib.nn.layers.conv2d is lib.conv2d, and jax._src.lax.convolution.conv is jax.lax.conv.
    for package, _, leaf in (pattern.rpartition(".") for pattern in patterns):
        if leaf != "*" and parts[0] == package.split(".")[0]:
            if fnmatch.fnmatchcase(parts[-1], leaf):
                return True
    return False


def _by_name(program: Program, node: ast.AST) -> str:
    """Returns what a node reaches by a name that the text does not tell, or ""."""

    def modules(of: ast.AST) -> bool:
        return bool(program.full_names(of))

    for full in program.full_names(node):
        if full == "sys.modules" or full.split(".")[0] in ("importlib", "builtins"):
            return full
    if isinstance(node, ast.Name) and node.id not in program.definitions:
        if node.id in ("__import__", "globals", "eval", "exec", "__builtins__"):
            return node.id if node.id not in program.bound else ""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__" and modules(node.value):
        return "__dict__"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if node.func.id == "vars" and modules(node.args[0]):
            return "vars"
        if node.func.id == "getattr" and len(node.args) > 1 and modules(node.args[0]):
            return "" if isinstance(node.args[1], ast.Constant) else "getattr"
    return ""
