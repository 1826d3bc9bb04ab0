"""Looks for library functions that are the answer to a task, and for detours to them.

This is a speed bump. It reads the text, and `grader.worker.inside.forbids` removes the functions
where the code runs. But the worker runs that code in its own process, so determined code finds a
way to what the process holds. A student who takes such a way has to hide it.
"""

from __future__ import annotations

import ast
import fnmatch
import functools
import re
from dataclasses import dataclass

from grader.source.program import Program

# Modules that import, run or show code by a name that the text does not show.
MODULES = (
    *("importlib", "builtins", "runpy", "code", "codeop", "pkgutil", "pydoc", "zipimport", "imp"),
    *("bdb", "pdb", "cProfile", "profile", "trace", "doctest", "_imp", "_operator"),
)
# Pieces of other modules that do.
PIECES = (
    *("sys.modules", "sys._getframe*", "sys._current_frames", "sys.meta_path", "sys.path_hooks"),
    *("sys.setprofile", "sys.settrace", "operator.attrgetter", "operator.methodcaller"),
    *("types.FunctionType", "types.CodeType", "types.LambdaType", "unittest.mock*"),
    *("timeit.timeit", "timeit.repeat", "timeit.Timer", "threading.set*", "threading._*"),
    *("inspect.currentframe", "inspect.getmembers*", "inspect.getattr_static"),
    *("inspect.getclosurevars", "inspect.getouterframes", "inspect.getinnerframes"),
)
BY_NAME = re.compile("|".join(map(fnmatch.translate, PIECES)))
# Attributes that lead from any object to the contents of the program around it.
ATTRIBUTES = frozenset(
    (
        *("__globals__", "__builtins__", "__subclasses__", "__getattribute__", "__loader__"),
        *("__spec__", "__self__", "__closure__", "__code__", "__import__", "_src"),
        *("f_globals", "f_locals", "f_builtins", "f_back", "tb_frame", "gi_frame", "cr_frame"),
    )
)
FUNCTIONS = (
    *("__import__", "globals", "eval", "exec", "compile", "breakpoint", "__builtins__"),
    *("__loader__", "__spec__"),
)
PICTURES = ("lib.load", "lib.draw", "lib.load_folder", "lib.data")
PICKLES = ("pickle", "_pickle", "dill", "cloudpickle", "shelve", "joblib", "marshal")


def reason(piece: str, training: bool) -> tuple[str, str]:
    """Says why a task does not allow a piece of a library, and what to do.

    Args:
      piece: its full name.
      training: True if the task trains a network.

    Returns:
      Two sentences.
    """
    if training and any(piece == name or piece.startswith(f"{name}.") for name in PICTURES):
        return (
            f"This task learns only from the images it gets: {piece} brings others.",
            "Train only with the arguments of the function.",
        )
    if piece.split(".")[0] in PICKLES:
        return (
            f"This task does not allow {piece}: loading a pickle runs the code in it.",
            "np.savez writes arrays by name, and np.load reads them.",
        )
    if training:
        return (
            f"This task does not allow {piece}.",
            "The docstring lists what it does not allow.",
        )
    return (
        f"You write this one: {piece} is the answer itself.",
        "Write it with your own arrays and loops, as the lesson explains.",
    )


@dataclass(frozen=True)
class Use:
    """A place that uses a forbidden piece.

    Attributes:
      name: the piece's full name, or what reaches names that the text does not show.
      line: its line in the student's file.
      by_name: True for the latter: an import by name, or a computed name.
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
      functions: names of the functions to start from.
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
    called: set[int] = set()  # what is before the brackets of a call
    for node in nodes:
        for part in ast.walk(node):
            line = getattr(part, "lineno", 1)
            for full in program.full_names(part):
                if fits(full):
                    return Use(full, line)
            if isinstance(part, ast.Call):
                called.add(id(part.func))
            by_name = _by_name(program, part, id(part) in called)
            if by_name and found is None:
                found = Use(by_name, line, by_name=True)
    return found


def _matches(full: str, patterns: tuple[str, ...], wanted: re.Pattern[str]) -> bool:
    """True if a full name is a forbidden piece, even under the module that defines it."""
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


def _by_name(program: Program, node: ast.AST, called: bool) -> str:
    """Returns what a node reaches by a name that the text does not show, or ""."""

    def modules(of: ast.AST) -> bool:
        return bool(program.full_names(of))

    for full in program.full_names(node):
        if full.split(".")[0] in MODULES or BY_NAME.match(full):
            return full
    if isinstance(node, ast.Name) and node.id not in program.definitions:
        if node.id in FUNCTIONS or (node.id == "getattr" and not called):
            return node.id if node.id not in program.bound else ""
    if isinstance(node, ast.Attribute):
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        if node.attr in ATTRIBUTES and not own:
            return node.attr
        return "__dict__" if node.attr == "__dict__" and modules(node.value) else ""
    if isinstance(node, ast.MatchClass) and not ATTRIBUTES.isdisjoint(node.kwd_attrs):
        return "case"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "_src" if "_src" in node.value.split(".") else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if node.func.id == "vars" and modules(node.args[0]):
            return "vars"
        if node.func.id == "getattr" and len(node.args) > 1:
            return _asked_for(node.args[1], modules(node.args[0]))
    return ""


def _asked_for(name: ast.expr, of_module: bool) -> str:
    """Returns what `getattr(…, name)` reaches by a name that the text does not show, or ""."""
    if isinstance(name, ast.Constant):
        return str(name.value) if name.value in ATTRIBUTES else ""
    return "getattr" if of_module else ""
