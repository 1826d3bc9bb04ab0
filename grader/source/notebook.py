"""Jupyter notebooks: an exercise as one and back, and the program in one that is handed in."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from typing import Any

from grader.source.submission import SubmissionError

MARKER = re.compile(r"^# %%(?P<markdown> \[markdown\])?[ \t]*$")


def cells(source: str) -> list[tuple[str, str]]:
    """Splits a program at its `# %%` lines.

    Returns:
      (kind, text) pairs; kind is "code" or "markdown", and markdown has lost its "# ".
    """
    found: list[tuple[str, list[str]]] = [("code", [])]
    for line in source.split("\n"):
        match = MARKER.match(line)
        if match:
            found.append(("markdown" if match["markdown"] else "code", []))
        else:
            found[-1][1].append(line)
    result = []
    for number, (kind, lines) in enumerate(found):
        if kind == "markdown":
            lines = [re.sub(r"^# ?", "", line) for line in lines]
        text = "\n".join(lines).strip("\n")
        if text or number:
            result.append((kind, text))
    return result


def to_notebook(source: str) -> str:
    """Returns the notebook of a program in `# %%` cells, as JSON."""
    made: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(cells(source)):
        cell: dict[str, Any] = {
            "cell_type": kind,
            # The same source gives the same notebook: the id comes from the text.
            "id": hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:8],
            "metadata": {},
            "source": text.splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    notebook = {
        "cells": made,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def to_program(notebook: str) -> str:
    """Returns the program in `# %%` cells that a notebook's JSON stands for.

    Raises:
      ValueError: if it is no notebook.
    """
    try:
        parts = []
        for number, cell in enumerate(json.loads(notebook)["cells"]):
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            lines = text.replace("\r\n", "\n").strip("\n").split("\n")
            if cell["cell_type"] == "markdown":
                lines = [f"# {line}".rstrip() for line in lines]
                parts.append("\n".join(["# %% [markdown]", *lines]))
            elif cell["cell_type"] == "code":
                # What stood above the first marker of a program stays without one.
                head = [] if number == 0 else ["# %%"]
                parts.append("\n".join([*head, *lines]).rstrip("\n"))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"this is not a notebook ({error})") from None
    return "\n\n".join(parts) + "\n"


def notebook_source(name: str, data: bytes) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Returns the program in a notebook's code cells, and the cell and line of each of its lines.

    Raises:
      SubmissionError: if it is no notebook.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        cells = notebook["cells"]
        lines: list[str] = []
        places: list[tuple[int, int]] = []
        for number, cell in enumerate(cells, start=1):
            if cell["cell_type"] != "code":
                continue
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            for inner, line in enumerate([*comment_out_magics(text), ""], start=1):
                lines.append(line)
                places.append((number, inner))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SubmissionError(
            f"{name} does not read as a Jupyter notebook. Save it again from Jupyter or Colab."
        ) from None
    return "\n".join(lines), tuple(places)


def comment_out_magics(text: str) -> list[str]:
    """Returns a cell's lines with IPython's magics and shell lines made comments.

    A line inside a string or an open bracket that happens to begin with % or ! stays as it is.
    """
    lines = text.split("\n")
    if text.lstrip().startswith("%%"):
        return ["# " + line for line in lines]
    result = list(lines)
    # A magic keeps its indentation and becomes `pass`, so that a block it stood in stays whole.
    for _ in range(len(lines) + 1):
        try:
            ast.parse("\n".join(result))
            return result
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            at = (error.lineno or 0) - 1 if isinstance(error, SyntaxError) else -1
        if not 0 <= at < len(result) or not result[at].lstrip().startswith(("%", "!", "?")):
            break
        stripped = result[at].lstrip()
        result[at] = f"{result[at][: len(result[at]) - len(stripped)]}pass  # {stripped}"
    return result
