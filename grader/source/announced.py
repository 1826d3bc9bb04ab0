"""Says in every stub which pieces of the libraries its task does not allow."""

from __future__ import annotations

import ast
import fnmatch
import textwrap
from collections.abc import Iterable, Sequence

from grader.rubric import Task
from grader.source.program import Definition

WIDTH = 100  # of a line, as for the formatter


def announcement(patterns: Sequence[str]) -> str:
    """Says in words which pieces a task does not allow.

    Args:
      patterns: full names, with wildcards, as in the rubric.

    Returns:
      A sentence such as "Not allowed in this task: `lib.load`; anything of `lib.data`." It leaves
      out a name that a wildcard covers.
    """
    names, packages, beginnings, forms = [], [], [], []
    for pattern in dict.fromkeys(patterns):
        if any(fnmatch.fnmatchcase(pattern, other) for other in patterns if other != pattern):
            continue
        stem = pattern.removesuffix("*")
        if any(sign in stem for sign in "*?["):
            forms.append(f"`{pattern}`")
        elif stem == pattern:
            names.append(f"`{pattern}`")
        elif stem.endswith("."):
            packages.append(f"`{stem[:-1]}`")
        else:
            beginnings.append(f"`{stem}`")
    said = [", ".join(names)] if names else []
    if packages:
        said.append(f"anything of {_either(packages)}")
    if beginnings:
        said.append(f"names that begin with {_either(beginnings)}")
    if forms:
        said.append(f"names of the form {_either(forms)}, where * is any text")
    return f"Not allowed in this task: {'; '.join(said)}."


def _either(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def announce(stub: str, tasks: Iterable[Task]) -> str:
    """Adds to the docstring of each function and class of a stub what its task does not allow.

    Args:
      stub: the source of an exercise.
      tasks: the week's rubric.

    Returns:
      The source with the announcements.
    """
    sentences = {
        name: announcement(task.forbids)
        for task in tasks
        if task.forbids
        for name in task.functions
    }
    lines = stub.splitlines(keepends=True)
    for node in reversed(ast.parse(stub).body):
        if isinstance(node, Definition) and node.name in sentences:
            _extend_docstring(lines, node, sentences[node.name])
    return "".join(lines)


def _extend_docstring(lines: list[str], node: Definition, sentence: str) -> None:
    first = node.body[0]
    indent = " " * first.col_offset
    text = textwrap.fill(
        sentence,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if ast.get_docstring(node) is None:
        lines.insert(first.lineno - 1, f'{indent}"""{text.lstrip()}"""\n')
        return
    last = (first.end_lineno or first.lineno) - 1
    before = lines[last].rstrip().removesuffix('"""')
    kept = f"{before.rstrip()}\n\n" if before.strip() else "\n"
    lines[last] = f'{kept}{text}\n{indent}"""\n'
