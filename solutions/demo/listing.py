"""Lists the demonstrations and runs one."""

from __future__ import annotations

import ast
import importlib
import pathlib
from collections.abc import Sequence

HERE = pathlib.Path(__file__).parent


def demonstrations() -> dict[str, str]:
    """Returns the name of every demonstration and what it shows, without importing any.

    Returns:
      Names and descriptions in course order, numbered weeks first. A description is the first
      line of the docstring, after "Week 1 in one run:".
    """
    files = [file for file in HERE.glob("[!_]*.py") if (HERE.parent / file.name).exists()]
    told = {file.stem: ast.get_docstring(ast.parse(file.read_bytes())) or "" for file in files}
    return {
        name: told[name].partition("\n")[0].partition(": ")[2] for name in sorted(told, key=_order)
    }


def _order(name: str) -> tuple[bool, int, str]:
    return (not name[-1].isdigit(), len(name), name)


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs a demonstration.

    Args:
      name: one of `demonstrations()`.
      arguments: its command line.

    Returns:
      Its exit status.
    """
    import lib  # imports jax, which a list of names does not need

    with lib.plots.style():
        return importlib.import_module(f"solutions.demo.{name}").main(arguments)
