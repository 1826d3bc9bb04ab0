"""Turns exercises into Jupyter notebooks and back, and finds the program in a submitted one."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from grader.source.cells import MARKER, Written
from grader.source.fragment import lines_in_strings
from grader.source.ipython import Unreadable, Work, parse, unfold
from grader.source.scopes import own_nodes
from grader.source.submission import SubmissionError

KIND = re.compile(r"#[ \t]?%%[ \t]*(?P<markdown>\[(?:markdown|md)\])?[ \t]*(?P<title>.*)")
JSON_PART = re.compile(rb'["\[\]{}]')
STRING_PART = re.compile(rb'\\.|"', re.DOTALL)
COLON = re.compile(rb"[ \t\r\n]*:")
MAX_PARTS = 2_000_000  # about a second


def cells(source: str) -> list[tuple[str, str]]:
    """Splits a program at the lines that begin a cell, as grading does; titles become comments.

    Returns:
      (kind, text) pairs; kind is "code" or "markdown", and markdown comes without its "# ".
    """
    found: list[tuple[str, list[str]]] = [("code", [])]
    inside = lines_in_strings(source)
    for number, line in enumerate(source.split("\n"), start=1):
        if number in inside or not MARKER.match(line):
            found[-1][1].append(line)
            continue
        said = KIND.match(line)
        title = said["title"].strip() if said else ""
        kind = "markdown" if said and said["markdown"] else "code"
        found.append((kind, [f"# {title}"] if title else []))
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
            # The id comes from the text, so that the same source gives the same notebook.
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
    """Returns a notebook's JSON as a program in `# %%` cells.

    IPython's syntax becomes plain Python and comments, so that the program runs.

    Raises:
      ValueError: if it is not a notebook.
    """
    work = Work()
    try:
        parts = []
        for number, (kind, text) in enumerate(_cells(json.loads(notebook))):
            text = text.strip("\n")
            if kind == "markdown":
                lines = [f"# {line}".rstrip() for line in text.split("\n")]
                parts.append("\n".join(["# %% [markdown]", *lines]))
            elif kind == "code":
                # What was above a program's first marker stays without one.
                head = [] if number == 0 else ["# %%"]
                parts.append("\n".join([*head, *_plain(text, work)]).rstrip("\n"))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"this is not a notebook ({error})") from None
    return "\n\n".join(parts) + "\n"


def _plain(text: str, work: Work) -> list[str]:
    """Returns a cell's lines as plain Python; what runs only in Jupyter becomes comments."""
    try:
        lines = unfold(text, work, value="[]").lines
        tree = parse("\n".join(lines))
        for statement in tree.body:
            if _is_of_jupyter(statement):
                for number in range(statement.lineno - 1, statement.end_lineno or 0):
                    lines[number] = f"# {lines[number]}"
        parse("\n".join(lines))  # two statements may share a line
    except Unreadable as error:
        told = f"# This cell is left out. {error} (line {error.line})."
        return [told, *(f"# {line}".rstrip() for line in text.split("\n"))]
    if any(isinstance(node, ast.Name) and node.id == "display" for node in ast.walk(tree)):
        lines = ["from IPython.display import display", *lines]
    return lines


def _is_of_jupyter(statement: ast.stmt) -> bool:
    """True if a statement awaits outside functions, or uses IPython."""
    awaits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return any(
        isinstance(node, awaits)
        or (isinstance(node, ast.comprehension) and bool(node.is_async))
        or (isinstance(node, ast.Name) and node.id == "get_ipython")
        for node in own_nodes([statement])
    )


def _cells(notebook: Any) -> Iterator[tuple[str, str]]:
    """Yields kind and text of a notebook's cells, also in the format from before 2015."""
    cells = notebook.get("cells")
    if cells is None:
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    for cell in cells:
        source = cell["source"] if "source" in cell else cell["input"]
        text = source if isinstance(source, str) else "".join(source)
        yield cell["cell_type"], text.replace("\r\n", "\n").replace("\r", "\n")


def is_notebook(text: str) -> bool:
    """True if a text is a notebook's JSON."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        list(_cells(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return True


def code_cells(name: str, data: bytes) -> list[Written]:
    """Returns a notebook's code cells, each with an empty line before the next.

    Raises:
      SubmissionError: if it is not a notebook.
    """
    found = []
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        for number, (kind, text) in enumerate(_cells(notebook), start=1):
            if kind == "code":
                lines = [*text.split("\n"), ""]
                places = [(number, line) for line in range(1, len(lines) + 1)]
                found.append(Written(lines, places))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SubmissionError(
            f"{name} is not a readable Jupyter notebook. Save it again from Jupyter or Colab."
        ) from None
    return found


def without_outputs(data: bytes) -> bytes:
    """Returns a notebook without outputs, attachments and the state of widgets.

    It builds no objects from what it leaves out. It returns data unchanged that is not a notebook
    or has too many parts to scan.
    """
    kept: list[bytes] = []
    around: list[bytes] = []  # the key under which each list and object around has begun
    key, start, skipped = b"", 0, -1
    for place, part in _json_parts(data):
        if not part:
            return data
        if part not in (b"[", b"]", b"{", b"}"):
            key = part
        elif part in b"[{":
            if skipped < 0 and _is_output(key, around):
                kept.append(data[start:place])
                skipped = len(around)
            around.append(key)
            key = b""
        elif around:
            around.pop()
            key = b""
            if skipped == len(around):
                kept.append(b"[]" if part == b"]" else b"{}")
                start, skipped = place + 1, -1
    return b"".join([*kept, data[start:]]) if skipped < 0 else data


def _json_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields brackets, and keys with their colon, with their places; b"" if there are too many."""
    at = opened = 0
    in_string = False
    for _ in range(MAX_PARTS):
        match = (STRING_PART if in_string else JSON_PART).search(data, at)
        if match is None:
            return
        at = match.end()
        if match[0] != b'"':
            if not in_string:
                yield match.start(), match[0]
        elif in_string:
            in_string = False
            if COLON.match(data, at):
                yield opened, data[opened : min(at, opened + 20)] + b":"
        else:
            in_string, opened = True, match.start()
    yield at, b""


def _is_output(key: bytes, around: list[bytes]) -> bool:
    if key in (b'"outputs":', b'"attachments":'):
        return around[-2:-1] == [b'"cells":']
    return key == b'"widgets":' and around[-1:] == [b'"metadata":']
