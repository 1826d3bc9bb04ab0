"""Replaces modules that are not available, and IPython."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any


class Missing:
    """Replaces a module whose import has failed; using it raises an error, except its version."""

    __version__ = "0.0.0"

    def __init__(self, name: str, error: Exception) -> None:
        self.__dict__["_name"] = name
        self.__dict__["_error"] = error

    def _complain(self, *args: Any, **kwargs: Any) -> Any:
        name, error = self.__dict__["_name"], self.__dict__["_error"]
        raise ImportError(f"{name} is not available: its import failed ({error})") from None

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return self._complain()

    __hash__ = object.__hash__
    __call__ = __iter__ = __next__ = __len__ = __contains__ = __enter__ = __exit__ = _complain
    __getitem__ = __setitem__ = __delitem__ = __setattr__ = __delattr__ = _complain
    __bool__ = __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = _complain
    __int__ = __float__ = __complex__ = __index__ = __round__ = _complain
    __neg__ = __pos__ = __abs__ = __invert__ = __mro_entries__ = __instancecheck__ = _complain
    __await__ = __aiter__ = __anext__ = __aenter__ = __aexit__ = _complain


for _operator in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split():
    for _side in ("", "r", "i"):
        setattr(Missing, f"__{_side}{_operator}__", Missing._complain)


class Shell(list):
    """Replaces IPython and what a magic or a shell line returns: an empty list.

    It runs no text. Its numbers are 0 and its texts are empty.
    """

    s = n = p = stdout = stderr = ""
    best = worst = average = stdev = compile_time = 0.0

    def __hash__(self) -> int:
        return id(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Shell:
        """Does nothing."""
        return self

    def __getattr__(self, name: str) -> Shell:
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def get_ipython() -> Shell:
    """Replaces IPython's function."""
    return Shell()


def display(*objects: Any, **options: Any) -> None:
    """Shows nothing, because no one is looking."""


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports what works only in Jupyter: its shell, and the progress bars that are widgets."""

    def __init__(self, own: dict[str, Any]) -> None:
        """Takes the names of the student's module, the only one that sees a shell."""
        self._own = own

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answers for the two modules; Python finds all others as usual."""
        if fullname in ("IPython.core.getipython", "tqdm.notebook"):
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fills the imported module."""
        if module.__name__ == "tqdm.notebook":
            from tqdm.std import tqdm, trange

            vars(module).update(tqdm=tqdm, trange=trange, tqdm_notebook=tqdm, tnrange=trange)
        else:
            vars(module).update(get_ipython=self._shell)

    def _shell(self) -> Shell | None:
        return Shell() if sys._getframe(1).f_globals is self._own else None
