"""Replaces the library functions that are the answer to a task.

This is a speed bump: a replacement and its original share one process with the student's code.
`grader.source.forbidden` looks in the text for ways around it.
"""

from __future__ import annotations

import fnmatch
import sys
import types
from importlib.machinery import PathFinder
from typing import Any

LIBRARIES = ("lib", "jax", "flax", "optax", "numpy", "scipy")  # that may hold copies of a piece


class ForbiddenPiece(Exception):
    """The code uses the replacement of a forbidden piece."""


class Forbidden:
    """Replaces a forbidden piece; using it in any way says "you write this one"."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Raises the error."""
        raise ForbiddenPiece(self.__dict__["_name"])

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise ForbiddenPiece(self.__dict__["_name"])


class Forbids:
    """Replaces forbidden pieces, even in modules imported later, and restores them.

    Attributes:
      own: the namespace of the student's file, which is also searched for copies.
    """

    def __init__(self) -> None:
        self.own: dict[str, Any] = {}
        self._replaced: list[tuple[dict[str, Any], str, Any]] = []
        self._late: dict[str, set[str]] = {}  # patterns, by module not imported yet
        sys.meta_path.insert(0, self)  # pyright: ignore[reportArgumentType]

    def restore(self) -> None:
        """Puts every piece back."""
        for namespace, name, original in reversed(self._replaced):
            namespace[name] = original
        self._replaced.clear()
        self._late.clear()

    def forbid(self, pattern: str) -> None:
        """Replaces every public name that the pattern matches, and its copies.

        It looks for copies in the student's file and in the public modules of the libraries. Names
        that begin with an underscore stay unchanged, because the libraries themselves need them.
        """
        parent, _, leaf = pattern.rpartition(".")
        if parent not in sys.modules:
            self._late.setdefault(parent, set()).add(pattern)
            return
        namespace = vars(sys.modules[parent])
        stand_ins: dict[int, Forbidden] = {}
        for name in fnmatch.filter([name for name in namespace if name[0] != "_"], leaf):
            if callable(namespace[name]) and type(namespace[name]) is not Forbidden:
                stand_ins[id(namespace[name])] = Forbidden(f"{parent}.{name}")
        if not stand_ins:
            return
        spaces = [self.own, namespace]  # the parent may be in another library: pickle
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] in LIBRARIES and "._" not in name:
                spaces.append(getattr(module, "__dict__", {}))
        for space in spaces:
            for name, value in list(space.items()):
                if id(value) in stand_ins and (space is self.own or name[0] != "_"):
                    self._replaced.append((space, name, value))
                    space[name] = stand_ins[id(value)]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Finds a module with forbidden pieces like Python; None for any other module."""
        patterns = self._late.pop(name, set())
        spec = PathFinder.find_spec(name, path, target) if patterns else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: types.ModuleType) -> None:
            execute(module)
            for pattern in patterns:
                self.forbid(pattern)

        spec.loader.exec_module = exec_module
        return spec
